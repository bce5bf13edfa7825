/** Which words of a hub.yaml mean the same everywhere in it: ids, texts, paths, secrets, numbers in a range. */
import { z } from 'zod';

const ID_ADVICE = 'expected 1–63 lower-case letters, digits and hyphens, beginning with a letter or digit';

/** Ids of tenants, connections, schedules and endpoints; the same pattern is a CHECK in the database. */
export const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: `is not an id; ${ID_ADVICE}` });

export const text = z
  .string()
  .min(1, { error: 'is empty; expected text' })
  .max(200, { error: 'is longer than 200 characters' });

export const path = z.string().min(1, { error: 'is empty; expected a path relative to this file' });

/** `${NAME}` (inside any text) or `{ file: path }`. */
export const secret = z.union([
  z.string().min(1, { error: 'is empty; expected ${NAME} or { file: path }' }),
  z.strictObject({ file: path }),
]);
export type SecretReference = z.output<typeof secret>;

export const wholeNumber = (smallest: number, largest: number): z.ZodInt =>
  z
    .int({ error: `expected a whole number from ${smallest} to ${largest}` })
    .min(smallest, { error: `is too small; expected ${smallest} to ${largest}` })
    .max(largest, { error: `is too large; expected ${smallest} to ${largest}` });

export const distinct = <T extends z.ZodType<string>>(element: T): z.ZodArray<T> =>
  z
    .array(element)
    .min(1, { error: 'is empty; expected at least one' })
    .refine((list) => new Set(list).size === list.length, { error: 'names the same value twice; remove one' });
