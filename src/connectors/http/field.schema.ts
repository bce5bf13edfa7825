/** How a manifest says where a field comes from and what it is: the Zod fragments behind `emit.<stream>.fields`. */
import { z } from 'zod';

export const pathSchema = z
  .string()
  .min(1)
  .max(1000)
  .describe('Dotted path (numbers index lists), "." for the value itself, or "jmespath: …"');
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'is not a name; expected a letter, then letters, digits, "_", "-" or "."');
export const plainValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A condition on a row: the value at a path is one of these. */
export const matchSchema = z.strictObject({ path: pathSchema, in: z.array(plainValueSchema).min(1) });
export type Match = z.infer<typeof matchSchema>;

const source = {
  path: pathSchema.optional(),
  const: plainValueSchema.optional().describe('A fixed value, in the notation of the source'),
  config: z.string().optional().describe('Name of a config value of the connection'),
};
const presence = {
  optional: z.boolean().optional().describe('The value may be absent or empty; the field is then left out'),
  default: plainValueSchema
    .optional()
    .describe('Used when the value is absent or empty, in the notation of the source'),
  empty: z
    .union([plainValueSchema, z.array(plainValueSchema)])
    .optional()
    .describe(
      'Raw values that mean "known to be none" (the field becomes null); null and blank text always count as empty',
    ),
};
const field = { ...source, ...presence };

const codeParts = {
  codes: z.string().describe('Name of a table under "codes"'),
  otherwise: z.string().optional().describe('What a code that the table does not know becomes'),
};
const codeMapParts = {
  map: z.record(z.string(), z.string()).describe('Source value → word of the hub'),
  otherwise: z.string().optional(),
};
const dateParts = {
  format: z
    .string()
    .min(1)
    .max(64)
    .describe('Letters (yyyy MM dd …), or iso, epoch-seconds, epoch-ms, dotnet, excel-serial'),
  zone: z.string().optional().describe('IANA zone in which the source writes its times'),
  dayIn: z.string().optional().describe('IANA zone whose calendar day is wanted; Asia/Shanghai when absent'),
};
const monthParts = { ...dateParts, format: z.string().min(1).max(64).default('yyyy-MM') };
const listElementSchema = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('text') }),
  z.strictObject({ as: z.literal('code'), path: pathSchema.optional(), ...codeParts }),
  z.strictObject({ as: z.literal('code-map'), path: pathSchema.optional(), ...codeMapParts }),
  z.strictObject({ as: z.literal('month'), path: pathSchema.optional(), ...monthParts }),
]);
export type ListElement = z.infer<typeof listElementSchema>;

export const monthFieldSchema = z.strictObject({ ...field, as: z.literal('month').optional(), ...monthParts });
export type MonthField = z.infer<typeof monthFieldSchema>;
const idTypeFieldSchema = z.strictObject({ ...field, as: z.literal('code').optional(), ...codeParts });
export type IdTypeField = z.infer<typeof idTypeFieldSchema>;

/** Every converter with its options. Without `as` a field is text. */
export const fieldObjectSchema = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('text').optional(), ...field, trim: z.boolean().optional() }),
  z.strictObject({ as: z.literal('yuan'), ...field }),
  z.strictObject({ as: z.literal('fen'), ...field }),
  z.strictObject({ as: z.literal('hundredths'), ...field, rounding: z.enum(['exact', 'half-up']).optional() }),
  z.strictObject({ as: z.literal('ratio'), ...field }),
  z.strictObject({ as: z.literal('percent'), ...field }),
  z.strictObject({ as: z.literal('integer'), ...field }),
  z.strictObject({ as: z.literal('boolean'), ...field }),
  z.strictObject({ as: z.literal('date'), ...field, ...dateParts }),
  z.strictObject({ as: z.literal('month'), ...field, ...monthParts }),
  z.strictObject({
    as: z.literal('month-of-year'),
    ...field,
    year: z.strictObject(source).describe('Where the year stands'),
    first: z
      .union([z.literal(0), z.literal(1)])
      .optional()
      .describe('The number of January; 1 when absent'),
  }),
  z.strictObject({
    as: z.literal('month-range'),
    optional: presence.optional,
    from: monthFieldSchema,
    last: monthFieldSchema.optional().describe('Last month, included'),
    until: monthFieldSchema.optional().describe('First month that is not included any more'),
  }),
  z.strictObject({ as: z.literal('code'), ...field, ...codeParts }),
  z.strictObject({ as: z.literal('code-map'), ...field, ...codeMapParts }),
  z.strictObject({ as: z.literal('id-number'), ...field, idType: idTypeFieldSchema.optional() }),
  z.strictObject({
    as: z.literal('list'),
    ...field,
    separator: z
      .union([z.string().min(1).max(8), z.array(z.string().min(1).max(8)).min(1)])
      .optional()
      .describe('How a text is cut; lists need none'),
    of: listElementSchema,
  }),
  z.strictObject({ as: z.literal('reference-pair'), ...field, take: z.enum(['id', 'label']).optional() }),
]);
export type FieldObject = z.infer<typeof fieldObjectSchema>;
export type ConverterName = NonNullable<FieldObject['as']>;

/** The names that `as` may have. */
export const CONVERTER_NAMES: readonly string[] = fieldObjectSchema.options.flatMap((option) => {
  const { as } = option.shape;
  return [...('unwrap' in as ? as.unwrap() : as).values];
});

/** A field is a path (then it is text) or an object. */
export const fieldSchema = z.union([pathSchema, fieldObjectSchema]);
export type Field = z.infer<typeof fieldSchema>;

/** The object form of a field. */
export function fieldObject(written: Field): FieldObject {
  return typeof written === 'string' ? { path: written } : written;
}
