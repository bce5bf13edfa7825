/** How policy/regions.json becomes the region tree; a mistake is told with its line and key. */
import { z } from 'zod';
import { type Day, parseDay } from '../domain/month.js';
import { type RegionCode, parseRegion } from '../domain/region.js';
import { checkSchema } from '../platform/config/check-schema.js';
import { ConfigError, systemCode } from '../platform/config/config-error.js';
import { parseYamlDocument } from '../platform/config/yaml-document.js';
import { REGION_KINDS, type Region } from './region-tree.js';

const CODE = z
  .string()
  .refine((text) => parseRegion(text) !== null, 'is not a region code; expected for example 440300');
const DAY = z.string().refine((text) => parseDay(text) !== null, 'is not a day; expected YYYY-MM-DD');
const NAME = z.string().min(1, 'is empty; expected text');

const regionRow = z.strictObject({
  code: CODE,
  kind: z.enum(REGION_KINDS),
  zh: NAME,
  short: NAME.optional(),
  en: NAME,
  pinyin: NAME,
  initials: NAME,
  aliases: z.array(NAME).optional(),
  from: DAY.optional(),
  until: DAY.optional(),
  successors: z.array(CODE).optional(),
  basis: NAME.optional(),
  note: NAME.optional(),
});
const regionsFile = z.array(regionRow);

/** The regions of a code table. A pack without one has none: its regions are those of its region files. Throws ConfigError. */
export function loadRegions(file: { readonly shown: string; readonly text: () => string }): readonly Region[] {
  const text = readIfThere(file);
  if (text === null) return [];
  return rowsOf(text, file.shown).map(toRegion);
}

function readIfThere({ shown, text }: { readonly shown: string; readonly text: () => string }): string | null {
  try {
    return text();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') return null;
    throw new ConfigError(shown, [`${shown}  cannot be read (${code}); check its rights`]);
  }
}

/** JSON is YAML too: the slow reader, which knows lines, is asked only when something is wrong. */
function rowsOf(text: string, file: string): z.output<typeof regionsFile> {
  const read = regionsFile.safeParse(jsonOrNull(text));
  return read.success ? read.data : checkSchema(parseYamlDocument(text, file), regionsFile);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toRegion(row: z.output<typeof regionRow>): Region {
  return {
    ...row,
    code: row.code as RegionCode,
    short: row.short ?? row.zh,
    aliases: row.aliases ?? [],
    from: (row.from ?? null) as Day | null,
    until: (row.until ?? null) as Day | null,
    successors: (row.successors ?? []) as RegionCode[],
    basis: row.basis ?? null,
    note: row.note ?? null,
  };
}
