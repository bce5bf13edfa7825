/** What somebody may ask the policy, from a command line or an address: texts in, typed values or every misfit at once out. */
import { z } from 'zod';
import { type Fen, parseYuan } from '../domain/fen.js';
import { HubError } from '../domain/hub-error.js';
import { INSURANCES, type Insurance, isInsurance } from '../domain/insurance.js';
import { type Day, type Month, parseDay, parseMonth } from '../domain/month.js';

const MAX_GAP_MONTHS = 120;
/** Ten million yuan a month: above it a figure is a slip of the keyboard. */
const MAX_WAGE_FEN = 1_000_000_000;

/** A text that `read` turns into a value; `says` is told where it cannot. */
function readText<T>(read: (text: string) => T | null, says: string) {
  return z
    .string(missingOr(`expected ${says}`))
    .transform((text, context): T => {
      const value = read(text.trim());
      if (value !== null) return value;
      context.addIssue({ code: 'custom', message: `does not fit; expected ${says}` });
      return z.NEVER;
    })
    .meta({ description: says });
}

/** A field given twice arrives as a list. */
function missingOr(expected: string) {
  return {
    error: ({ input }: { readonly input?: unknown }): string =>
      `${input === undefined ? 'is missing' : 'does not fit'}; ${expected}`,
  };
}

const region = readText(
  (text) => (text.length > 0 && text.length <= 40 ? text : null),
  'a region: its code of six digits, or its name as in the policy, for example 440300 or 深圳市',
).meta({ example: '440300' });

const month = readText<Month>(parseMonth, 'a month, YYYY-MM').meta({ example: '2023-03' });
const day = readText<Day>(parseDay, 'a day, YYYY-MM-DD').meta({ example: '2023-03-20' });

const wage = readText<Fen>((text) => {
  const fen = parseYuan(text);
  return fen !== null && fen >= 0 && fen <= MAX_WAGE_FEN ? fen : null;
}, 'a monthly wage in yuan from 0 to 10,000,000 with at most two decimals, for example 18000 or 18000.50').meta({
  example: '18000',
});

const insurances = readText<readonly Insurance[]>(
  (text) => {
    const named = text.split(',').map((part) => part.trim());
    return named.every(isInsurance) && new Set(named).size === named.length ? named : null;
  },
  `insurances separated by commas, each once, of: ${INSURANCES.join(', ')}`,
).meta({ example: 'pension,medical' });

const months = readText<readonly Month[]>((text) => {
  const named = text.split(',').map((part) => parseMonth(part.trim()));
  const found = named.flatMap((each) => each ?? []);
  const isFit = found.length === named.length && new Set(found).size === found.length;
  return isFit && found.length <= MAX_GAP_MONTHS ? [...found].sort() : null;
}, `months YYYY-MM separated by commas, each once, at most ${MAX_GAP_MONTHS}`).meta({
  description: 'Unpaid months',
  example: '2023-01,2023-02',
});

const hukou = z.enum(['local', 'other'], missingOr('expected local or other')).meta({
  description: 'Whether the household is registered in the region',
});
const industryClass = readText<number>(
  (text) => (/^[1-8]$/.test(text) ? Number(text) : null),
  'the employer’s industry class from 1 to 8, for work injury',
);

const terms = {
  region,
  wage,
  insurance: insurances.optional(),
  hukou: hukou.optional(),
  industryClass: industryClass.optional(),
};

export const quoteRequest = z.strictObject({ ...terms, month, knownAt: day.optional() });
export const backPaymentRequest = z.strictObject({ ...terms, gap: months, hired: day, asOf: day.optional() });
export const regionsRequest = z.strictObject({
  q: z
    .string()
    .max(40, 'is longer than 40 characters')
    .optional()
    .meta({ description: 'Beginning of a code, or part of a name', example: '深圳' }),
});
export const parameterRequest = z.strictObject({
  region,
  insurance: readText<Insurance>((text) => (isInsurance(text) ? text : null), `one of: ${INSURANCES.join(', ')}`),
  parameter: z.string(missingOr('expected a parameter of docs/policy.md, for example base_floor')),
  month,
  knownAt: day.optional(),
});

export type QuoteRequest = z.output<typeof quoteRequest>;
export type BackPaymentRequest = z.output<typeof backPaymentRequest>;

/** Throws `bad-request` with a line for every field that is missing, unknown or does not fit; no line repeats a value. */
export function readRequest<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${key.slice(0, 40)}  is not known here`)
      : [`${issue.path.join('.')}  ${issue.message}`],
  );
  throw new HubError({
    code: 'bad-request',
    next: 'fix-config',
    message: `The question cannot be answered: ${lines.join('; ')}.`,
  });
}
