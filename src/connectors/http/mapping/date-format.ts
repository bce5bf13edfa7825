/** How a day written in a declared format is read: a small set of letters, epochs, .NET and spreadsheet dates; never a pattern from outside. */
import { parseDay, type Day } from '../../../domain/month.js';
import { dayInZone, instantInZone } from './zone.js';

/** Formats that are words instead of letters. */
export const NAMED_DATE_FORMATS = ['iso', 'epoch-seconds', 'epoch-ms', 'dotnet', 'excel-serial'] as const;
type NamedDateFormat = (typeof NAMED_DATE_FORMATS)[number];

/** The zone whose calendar decides the day of an instant. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

export interface DateFormat {
  readonly format: string;
  /** IANA zone in which the source's clock stands; absent = the day is taken as written. */
  readonly zone?: string | undefined;
  /** IANA zone whose calendar day is wanted for instants. */
  readonly dayIn?: string | undefined;
}

/** Null = the text is not such a date. */
export type DayReader = (text: string) => Day | null;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  isAfternoon: boolean | null;
  offsetMinutes: number | null;
}

/** Reads at `at`, writes into parts, answers the next position or -1. */
type Token = (text: string, at: number, parts: Parts) => number;

const LETTERS = [
  'yyyy',
  'yy',
  'MMM',
  'MM',
  'M',
  'dd',
  'd',
  'HH',
  'H',
  'hh',
  'h',
  'mm',
  'ss',
  'SSS',
  'a',
  'XXX',
] as const;
const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MS_PER_DAY = 86_400_000;

/** Day 25569 of a spreadsheet is 1970-01-01. */
const SPREADSHEET_EPOCH_DAY = 25_569;

/** What is wrong with a format, or null. */
export function dateFormatProblem({ format, zone, dayIn }: DateFormat): string | null {
  for (const name of [zone, dayIn])
    if (name !== undefined && !isZone(name))
      return `has no such time zone "${name}"; expected an IANA name such as Asia/Shanghai or UTC`;
  if (isNamed(format))
    return zone !== undefined && format !== 'iso'
      ? 'is an instant and needs no zone; use dayIn for the zone whose calendar day is wanted'
      : null;
  const tokens = tokenise(format);
  if (typeof tokens === 'string') return tokens;
  return format.includes('yy') && format.includes('M') ? null : 'needs at least a year (yyyy) and a month (MM)';
}

/** Compiles a format once. A format without a day letter answers the first of the month. */
export function compileDateFormat(options: DateFormat): DayReader {
  const { format } = options;
  if (isNamed(format)) return namedReader(format, options);
  const plain = PLAIN_DAY_FORMATS[format];
  if (plain !== undefined && options.zone === undefined) return plain;
  const tokens = tokenise(format);
  if (typeof tokens === 'string') return () => null;
  return (text) => {
    const parts = readParts(tokens, text);
    return parts === null ? null : dayOfParts(parts, options);
  };
}

/** The three forms that bulk reads use, without a token walk. */
const PLAIN_DAY_FORMATS: Readonly<Record<string, DayReader>> = {
  'yyyy-MM-dd': (text) => parseDay(text),
  'yyyy/MM/dd': (text) =>
    text.length === 10 && text[4] === '/' && text[7] === '/'
      ? parseDay(`${text.slice(0, 4)}-${text.slice(5, 7)}-${text.slice(8)}`)
      : null,
  yyyyMMdd: (text) => (text.length === 8 ? parseDay(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`) : null),
};

function isNamed(format: string): format is NamedDateFormat {
  return (NAMED_DATE_FORMATS as readonly string[]).includes(format);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function namedReader(format: NamedDateFormat, options: DateFormat): DayReader {
  const dayIn = options.dayIn ?? DEFAULT_ZONE;
  switch (format) {
    case 'epoch-seconds':
      return (text) => instantDay(wholeNumber(text), 1000, dayIn);
    case 'epoch-ms':
      return (text) => instantDay(wholeNumber(text), 1, dayIn);
    case 'dotnet':
      return (text) =>
        instantDay(
          wholeNumber(/^\/?Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/?$/.exec(text.replaceAll('\\', ''))?.[1] ?? ''),
          1,
          dayIn,
        );
    case 'excel-serial':
      return (text) => spreadsheetDay(text);
    case 'iso':
      return isoReader(options);
  }
}

function isoReader(options: DateFormat): DayReader {
  const readers = [
    "yyyy-MM-dd'T'HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ss.SSS",
    "yyyy-MM-dd'T'HH:mm:ssXXX",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
  ].map((format) => compileDateFormat({ ...options, format }));
  return (text) => {
    if (text.length === 10) return parseDay(text);
    for (const read of readers) {
      const day = read(text);
      if (day !== null) return day;
    }
    return null;
  };
}

function wholeNumber(text: string): number | null {
  return /^-?\d{1,16}$/.test(text) ? Number(text) : null;
}

function instantDay(amount: number | null, unitMs: number, dayIn: string): Day | null {
  return amount === null ? null : dayInZone(amount * unitMs, dayIn);
}

function spreadsheetDay(text: string): Day | null {
  const match = /^(\d{1,6})(?:\.\d+)?$/.exec(text);
  if (!match) return null;
  const serial = Number(match[1]);
  // Serial 60 is the 29th of February 1900, which never was; days before it are one off in the files themselves.
  if (serial < 61) return null;
  return parseDay(new Date((serial - SPREADSHEET_EPOCH_DAY) * MS_PER_DAY).toISOString().slice(0, 10));
}

/** Splits a format into tokens, or tells what is wrong with it. */
function tokenise(format: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let at = 0;
  while (at < format.length) {
    const quoted = /^'([^']*)'/.exec(format.slice(at));
    const letters = quoted ? undefined : LETTERS.find((candidate) => format.startsWith(candidate, at));
    const character = format[at] ?? '';
    if (quoted) tokens.push(literal(quoted[1] ?? ''));
    else if (letters !== undefined) tokens.push(letterToken(letters));
    else if (/[A-Za-z]/.test(character))
      return `has the unknown letter "${character}"; expected ${LETTERS.join(', ')}, text in single quotes, or one of ${NAMED_DATE_FORMATS.join(', ')}`;
    else tokens.push(literal(character));
    at += quoted ? quoted[0].length : (letters?.length ?? 1);
  }
  return tokens;
}

function literal(expected: string): Token {
  return (text, at) => (text.startsWith(expected, at) ? at + expected.length : -1);
}

function letterToken(letters: (typeof LETTERS)[number]): Token {
  switch (letters) {
    case 'yyyy':
      return digits(4, 4, (parts, value) => (parts.year = value));
    case 'yy':
      return digits(2, 2, (parts, value) => (parts.year = value >= 70 ? 1900 + value : 2000 + value));
    case 'MMM':
      return monthName;
    case 'MM':
      return digits(2, 2, (parts, value) => (parts.month = value));
    case 'M':
      return digits(1, 2, (parts, value) => (parts.month = value));
    case 'dd':
      return digits(2, 2, (parts, value) => (parts.day = value));
    case 'd':
      return digits(1, 2, (parts, value) => (parts.day = value));
    case 'HH':
    case 'hh':
      return digits(2, 2, (parts, value) => (parts.hour = value));
    case 'H':
    case 'h':
      return digits(1, 2, (parts, value) => (parts.hour = value));
    case 'mm':
      return digits(2, 2, (parts, value) => (parts.minute = value));
    case 'ss':
      return digits(2, 2, (parts, value) => (parts.second = value));
    case 'SSS':
      return digits(1, 9, () => undefined);
    case 'a':
      return halfOfDay;
    case 'XXX':
      return offset;
  }
}

function digits(least: number, most: number, take: (parts: Parts, value: number) => void): Token {
  return (text, at, parts) => {
    let end = at;
    while (end < text.length && end - at < most && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
    if (end - at < least) return -1;
    take(parts, Number(text.slice(at, end)));
    return end;
  };
}

const monthName: Token = (text, at, parts) => {
  const index = MONTH_NAMES.indexOf(text.slice(at, at + 3).toLowerCase());
  if (index < 0) return -1;
  parts.month = index + 1;
  return at + 3;
};

const halfOfDay: Token = (text, at, parts) => {
  const word = text.slice(at, at + 2).toUpperCase();
  if (word !== 'AM' && word !== 'PM' && word !== '上午' && word !== '下午') return -1;
  parts.isAfternoon = word === 'PM' || word === '下午';
  return at + 2;
};

const offset: Token = (text, at, parts) => {
  if (text[at] === 'Z') {
    parts.offsetMinutes = 0;
    return at + 1;
  }
  const match = /^([+-])(\d{2}):?(\d{2})/.exec(text.slice(at, at + 6));
  if (!match) return -1;
  parts.offsetMinutes = (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  return at + match[0].length;
};

function readParts(tokens: readonly Token[], text: string): Parts | null {
  const parts: Parts = {
    year: 0,
    month: 0,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    isAfternoon: null,
    offsetMinutes: null,
  };
  let at = 0;
  for (const token of tokens) {
    at = token(text, at, parts);
    if (at < 0) return null;
  }
  return at === text.length ? parts : null;
}

function dayOfParts(parts: Parts, { zone, dayIn }: DateFormat): Day | null {
  const hour = parts.isAfternoon === null ? parts.hour : (parts.hour % 12) + (parts.isAfternoon ? 12 : 0);
  if (hour > 23 || parts.minute > 59 || parts.second > 60) return null;
  const asWritten = parseDay(`${pad(parts.year, 4)}-${pad(parts.month, 2)}-${pad(parts.day, 2)}`);
  if (asWritten === null || (zone === undefined && parts.offsetMinutes === null)) return asWritten;
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, hour, parts.minute, parts.second);
  const instant =
    parts.offsetMinutes === null ? instantInZone(local, zone ?? DEFAULT_ZONE) : local - parts.offsetMinutes * 60_000;
  return dayInZone(instant, dayIn ?? DEFAULT_ZONE);
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
