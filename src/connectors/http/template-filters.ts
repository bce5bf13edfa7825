/** What each `|filter` of a template does to one value. */
import { createHash } from 'node:crypto';
import { HubError } from '../../domain/hub-error.js';
import { fen, formatYuan } from '../../domain/fen.js';
import { isExactNumber } from './exact-json.js';

/** Raw code → the hub's own word, as manifests write their tables. */
export type CodeTables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Turns one value into another. Null and undefined pass through every filter but `default`. */
export type Filter = (value: unknown) => unknown;

export interface FilterCall {
  readonly name: string;
  /** The text after the first colon; null where there is none. */
  readonly argument: string | null;
}

export type FilterBuild =
  { readonly ok: true; readonly filter: Filter } | { readonly ok: false; readonly message: string };

type FilterMaker = (argument: string | null, codes: CodeTables) => Filter | string;

const DATE_LETTERS = /yyyy|yy|MM|M|dd|d/g;
const DAY_START_ZONE = '+08:00';

const MAKERS: Readonly<Record<string, FilterMaker>> = {
  join: (argument) => (value) =>
    list(value, 'join')
      .map(text)
      .join(argument ?? ','),
  month: (argument) => dateFormat(argument ?? 'yyyyMM', 'month'),
  date: (argument) => dateFormat(argument ?? 'yyyy-MM-dd', 'date'),
  yuan: none('yuan', (value) => formatYuan(fen(wholeNumber(value, 'yuan')))),
  'yuan-number': none('yuan-number', yuanNumber),
  fen: none('fen', (value) => fen(wholeNumber(value, 'fen'))),
  code: codeFilter,
  md5: none('md5', (value) => createHash('md5').update(text(value), 'utf8').digest('hex')),
  sha256: none('sha256', (value) => createHash('sha256').update(text(value), 'utf8').digest('hex')),
  base64: none('base64', (value) => Buffer.from(text(value), 'utf8').toString('base64')),
  upper: none('upper', (value) => text(value).toUpperCase()),
  lower: none('lower', (value) => text(value).toLowerCase()),
  'epoch-seconds': (argument) => epoch(argument, 1000),
  'epoch-ms': (argument) => epoch(argument, 1),
  default: (argument) => (value) => value ?? argument ?? '',
};

/** The filters a template may name. */
export const FILTER_NAMES: readonly string[] = Object.keys(MAKERS);

/** Builds one filter, or says why it cannot be built. */
export function buildFilter(call: FilterCall, codes: CodeTables): FilterBuild {
  const maker = Object.hasOwn(MAKERS, call.name) ? MAKERS[call.name] : undefined;
  if (maker === undefined)
    return { ok: false, message: `unknown filter "${call.name}"; known: ${FILTER_NAMES.join(', ')}` };
  const built = maker(call.argument, codes);
  if (typeof built === 'string') return { ok: false, message: built };
  return { ok: true, filter: call.name === 'default' ? built : passingEmpty(built) };
}

function passingEmpty(filter: Filter): Filter {
  return (value) => (value === null || value === undefined ? value : filter(value));
}

function none(name: string, filter: Filter): FilterMaker {
  return (argument) => (argument === null ? filter : `the filter ${name} takes no argument`);
}

function dateFormat(format: string, name: string): Filter | string {
  const letters = format.replace(DATE_LETTERS, '');
  if (/[A-Za-z]/.test(letters) || letters.length === format.length) {
    return `"${format}" is not a format of ${name}; use yyyy, yy, MM, M, dd, d`;
  }
  if (name === 'month' && /d/.test(format)) return `a month has no day; "${format}" needs the filter date`;
  return (value) => formatDate(text(value), format, name);
}

function formatDate(value: string, format: string, name: string): string {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(value);
  if (!match || (name === 'date' && match[3] === undefined)) {
    throw badValue(name, name === 'month' ? 'a month YYYY-MM or a day' : 'a day YYYY-MM-DD');
  }
  const [, year = '', month = '', day = ''] = match;
  return format.replace(DATE_LETTERS, (letters) => {
    switch (letters) {
      case 'yyyy':
        return year;
      case 'yy':
        return year.slice(2);
      case 'MM':
        return month;
      case 'M':
        return String(Number(month));
      case 'dd':
        return day;
      default:
        return String(Number(day));
    }
  });
}

function codeFilter(argument: string | null, codes: CodeTables): Filter | string {
  const table = argument !== null && Object.hasOwn(codes, argument) ? codes[argument] : undefined;
  if (argument === null || table === undefined) {
    return `there is no code table "${argument ?? ''}"; known: ${Object.keys(codes).join(', ') || 'none'}`;
  }
  const rawByCanonical = new Map<string, string>();
  for (const [raw, canonical] of Object.entries(table)) {
    if (!rawByCanonical.has(canonical)) rawByCanonical.set(canonical, raw);
  }
  const translate = (value: unknown): string => {
    const raw = rawByCanonical.get(text(value));
    if (raw === undefined) throw badValue('code', `a value that code table ${argument} translates`);
    return raw;
  };
  return (value) => (Array.isArray(value) ? value.map(translate) : translate(value));
}

function yuanNumber(value: unknown): number {
  const amount = wholeNumber(value, 'yuan-number');
  const yuan = amount / 100;
  if (Math.abs(amount) >= 1e15 || Math.round(yuan * 100) !== amount)
    throw badValue('yuan-number', 'an amount below ten thousand billion yuan');
  return yuan;
}

function epoch(argument: string | null, divisor: number): Filter | string {
  const zone = argument ?? DAY_START_ZONE;
  if (!/^(?:Z|[+-]\d{2}:\d{2})$/.test(zone)) return `"${zone}" is not an offset; expected for example +08:00`;
  return (value) => {
    const written = value instanceof Date ? value.toISOString() : text(value);
    const instant = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00${zone}` : written);
    if (!Number.isFinite(instant)) throw badValue('epoch', 'a day or an ISO 8601 instant');
    return Math.floor(instant / divisor);
  };
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badValue(name, 'a list');
  return value;
}

function wholeNumber(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw badValue(name, 'a whole number of fen');
  return value;
}

/** A value as it stands inside a longer text: nothing for null and undefined, JSON for lists and objects. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return isExactNumber(value) ? value.digits : JSON.stringify(value);
}

function badValue(filter: string, expected: string): HubError {
  return new HubError({
    code: 'template-value',
    next: 'fix-config',
    message: `The template filter "${filter}" got a value it cannot turn; expected ${expected}. Check the template in the manifest.`,
    detail: { filter },
  });
}
