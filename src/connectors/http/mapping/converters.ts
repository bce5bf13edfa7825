/** What each typed converter makes of one raw value: the converted value, a refusal with its reason, or "this says nothing". */
import { fenFromFloat, parseRatio } from '../../../domain/fen.js';
import { ID_TYPES, parseIdentityNumber, type IdType, type IdentityRefusal } from '../../../domain/identity-number.js';
import { parseMonth, type Month } from '../../../domain/month.js';
import { compileDateFormat, type DateFormat } from './date-format.js';
import { parseScaled, parseYuanText } from './parse-decimal.js';
import { BLANK, Refusal, refusal, type RefusalReason } from './refusal.js';
import { scalarText, trimmed } from './scalar-text.js';

/** Never throws, whatever the value is. */
export type Converter = (raw: unknown) => unknown;

const NOT_TEXT = refusal('not-text');
const NOT_MONEY = refusal('not-money');
const NOT_A_RATE = refusal('not-a-rate');
const NOT_A_NUMBER = refusal('not-a-number');
const NOT_A_BOOLEAN = refusal('not-a-boolean');
const NOT_A_MONTH = refusal('not-a-month');
const NOT_A_DAY = refusal('not-a-day');
const NOT_A_PAIR = refusal('not-a-pair');
const UNKNOWN_CODE = refusal('unknown-code');

/** What systems write where no amount is. */
const MONEY_BLANKS: ReadonlySet<string> = new Set(['', '-', '--', '—', '–', '－', '/']);

/** Below this, floats stand closer together than half a fen. */
const EXACT_YUAN = 1e12;

/** Most months remembered per converter; a look-back of years needs a few hundred. */
const MONTH_CACHE = 4096;

export const toText: Converter = (raw) => {
  const text = scalarText(raw);
  if (text === undefined || typeof raw === 'boolean') return NOT_TEXT;
  return text === '' ? BLANK : text;
};

/** Keeps blanks at both ends. */
export const toTextAsIs: Converter = (raw) => (typeof raw === 'string' ? raw : toText(raw));

export const yuanToFen: Converter = (raw) => {
  if (typeof raw === 'string') {
    const direct = parseYuanText(raw);
    if (direct !== null) return direct;
    const text = trimmed(raw);
    return MONEY_BLANKS.has(text) ? BLANK : (parseYuanText(text) ?? NOT_MONEY);
  }
  return typeof raw === 'number' ? fenOfNumber(raw) : scaled(raw, 2, NOT_MONEY);
};

/** Division is rounded correctly: where it gives the number back, the number is the float of that many fen. */
function fenOfNumber(yuan: number): unknown {
  if (Math.abs(yuan) < EXACT_YUAN) {
    const amount = Math.round(yuan * 100);
    return amount / 100 === yuan ? amount + 0 : NOT_MONEY;
  }
  return fenFromFloat(yuan) ?? NOT_MONEY;
}

export const toFen: Converter = (raw) => (Number.isSafeInteger(raw) ? raw : scaled(raw, 0, NOT_MONEY));
export const toInteger: Converter = (raw) => (Number.isSafeInteger(raw) ? raw : scaled(raw, 0, NOT_A_NUMBER));

export function toHundredths(rounding: 'exact' | 'half-up'): Converter {
  return (raw) => {
    const text = numberText(raw);
    if (text === undefined) return NOT_A_NUMBER;
    return MONEY_BLANKS.has(text) ? BLANK : (parseScaled(text, 2, rounding) ?? NOT_A_NUMBER);
  };
}

export const ratioToPpm: Converter = (raw) => {
  const text = numberText(raw);
  if (text === undefined) return NOT_A_RATE;
  return MONEY_BLANKS.has(text) ? BLANK : (parseRatio(text) ?? NOT_A_RATE);
};

/** `8`, `"8"` and `"8%"` are 80 000 ppm. */
export const percentToPpm: Converter = (raw) => {
  const text = numberText(raw);
  if (text === undefined) return NOT_A_RATE;
  const amount = trimmed(text.endsWith('%') || text.endsWith('％') ? text.slice(0, -1) : text);
  if (MONEY_BLANKS.has(amount)) return BLANK;
  const rate = parseScaled(amount, 4);
  return rate === null || rate < 0 ? NOT_A_RATE : rate;
};

const YES: ReadonlySet<string> = new Set(['true', '1', 'y', 'yes', '是']);
const NO: ReadonlySet<string> = new Set(['false', '0', 'n', 'no', '否']);

export const toBoolean: Converter = (raw) => {
  const text = scalarText(raw)?.toLowerCase();
  if (text === undefined) return NOT_A_BOOLEAN;
  if (text === '') return BLANK;
  if (YES.has(text)) return true;
  return NO.has(text) ? false : NOT_A_BOOLEAN;
};

export function toDay(format: DateFormat): Converter {
  const read = compileDateFormat(format);
  return (raw) => {
    const text = typeof raw === 'boolean' ? undefined : scalarText(raw);
    if (text === undefined) return NOT_A_DAY;
    return text === '' ? BLANK : (read(text) ?? NOT_A_DAY);
  };
}

/** Months in `yyyyMM`, `yyyy-MM` or any date format; numbers are read by their digits. Known texts are remembered. */
export function toMonth(format: DateFormat): Converter {
  const read = monthReader(format);
  const known = new Map<unknown, Month>();
  return (raw) => {
    const before = known.get(raw);
    if (before !== undefined) return before;
    const text = typeof raw === 'boolean' ? undefined : scalarText(raw);
    if (text === undefined) return NOT_A_MONTH;
    if (text === '') return BLANK;
    const month = read(text);
    if (month === null) return NOT_A_MONTH;
    if (known.size < MONTH_CACHE && typeof raw !== 'object') known.set(raw, month);
    return month;
  };
}

function monthReader(format: DateFormat): (text: string) => Month | null {
  if (format.zone === undefined && format.format === 'yyyy-MM') return parseMonth;
  if (format.zone === undefined && format.format === 'yyyyMM') {
    return (text) => (text.length === 6 ? parseMonth(`${text.slice(0, 4)}-${text.slice(4)}`) : null);
  }
  const read = compileDateFormat(format);
  return (text) => {
    const day = read(text);
    return day === null ? null : parseMonth(day.slice(0, 7));
  };
}

/** Translates by a table; numbers and booleans are looked up by their text. */
export function toCode(table: Readonly<Record<string, string>>, otherwise: string | undefined): Converter {
  const words = new Map(Object.entries(table));
  const unknown = otherwise ?? UNKNOWN_CODE;
  return (raw) => {
    const direct = typeof raw === 'string' ? words.get(raw) : undefined;
    if (direct !== undefined) return direct;
    const text = scalarText(raw);
    if (text === undefined) return UNKNOWN_CODE;
    const word = words.get(text);
    if (word !== undefined) return word;
    return text === '' ? BLANK : unknown;
  };
}

const IDENTITY_REASONS: Readonly<Record<IdentityRefusal, RefusalReason>> = {
  empty: 'identity-empty',
  shape: 'identity-shape',
  'check-character': 'identity-check-character',
  'birth-date': 'identity-birth-date',
  'not-a-string': 'not-a-string',
};

/** An identity number of the stated type, or of the type its shape shows. Numbers that are not text are refused. */
export function toIdentity(raw: unknown, statedType: unknown): unknown {
  if (statedType instanceof Refusal) return statedType;
  const type = ID_TYPES.find((known) => known === statedType);
  const parsed = parseIdentityNumber(raw, type satisfies IdType | undefined);
  if (parsed.ok) return parsed.identity;
  return parsed.reason === 'empty' ? BLANK : refusal(IDENTITY_REASONS[parsed.reason]);
}

/** `[id, label]`; a bare scalar stands for itself, `false` for nothing. */
export function fromPair(take: 'id' | 'label'): Converter {
  return (raw) => {
    if (raw === false) return BLANK;
    if (!Array.isArray(raw)) return typeof raw === 'object' ? NOT_A_PAIR : toText(raw);
    const chosen: unknown = raw[take === 'id' ? 0 : 1];
    return chosen === null || chosen === undefined || chosen === false ? BLANK : toText(chosen);
  };
}

function scaled(raw: unknown, digits: number, refused: Refusal): unknown {
  const text = numberText(raw);
  if (text === undefined) return refused;
  return MONEY_BLANKS.has(text) ? BLANK : (parseScaled(text, digits) ?? refused);
}

function numberText(raw: unknown): string | undefined {
  return typeof raw === 'boolean' ? undefined : scalarText(raw);
}
