/** What may not be read in a log: values under telling keys, and texts that look like identity numbers or credentials wherever they stand. */
import { types } from 'node:util';
import { HubError } from '../../domain/hub-error.js';

export const REDACTED = '[redacted]';

const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_TEXT = 4096;

/** Compared without case, blanks, `_` and `-`: `id_number`, `idNumber` and `ID-Number` are one key. */
const SECRET_KEYS: ReadonlySet<string> = new Set(
  `idnumber identitynumber identity idno idcard certno number plain name personname fullname employeename realname mobile phone email
   wage wages salary gross grossfen startwagefen basefen bases employeefen employerfen amountfen withheld
   token authorization cookie setcookie secret secrets password passwd pwd apikey appkey key signature sign credentials
   databaseurl connectionstring body raw row payload desired seen values parameters headers`.split(/\s+/),
);
const SECRET_KEY_ENDINGS = ['token', 'secret', 'password', 'apikey', 'privatekey', 'idnumber'];

const DIGIT = '[0-9\uFF10-\uFF19]';
const SECRET_WORD = '(?:token|secret|passw(?:or)?d|pwd|api[-_]?key|app[-_]?key|authorization|credential|signature)';

/** Order matters: whole credentials go before the words beside them, words before bare digits. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${REDACTED}@`],
  [/\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [
    /([?&][\w.-]*(?:token|key|secret|sign?|signature|pass\w*|pwd|auth\w*|code|id_?number|id_?no|name|mobile|phone)=)[^&\s"'#]+/gi,
    `$1${REDACTED}`,
  ],
  [
    new RegExp(`(\\b[\\w-]*${SECRET_WORD}[\\w-]*["']?\\s*[:=]\\s*["']?)(?!\\[redacted)[^\\s"'&,;)}\\]]+`, 'gi'),
    `$1${REDACTED}`,
  ],
  [
    /(\b[\w-]*(?:key|sign|signed|signature|token|secret|nonce|hmac)\b["']?\s*[:=]?\s*["']?)(?=[A-Za-z+/_=-]*\d)[A-Za-z0-9+/_=-]{16,}/gi,
    `$1${REDACTED}`,
  ],
  // Keys of the API, links to the page of an employee.
  [/\bbdn_[a-z0-9-]+_[0-9a-f]{16}_[\w-]{43}/g, REDACTED],
  [/\bbdl_[a-z0-9-]+_[\w-]{22}_[0-9a-f]{32}/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [
    new RegExp(
      `(?<!${DIGIT})${DIGIT}{6}[ -]?${DIGIT}{8}[ -]?${DIGIT}{3}[ -]?[0-9\uFF10-\uFF19Xx\uFF38\uFF58](?!${DIGIT})`,
      'g',
    ),
    REDACTED,
  ],
  [new RegExp(`(?<!${DIGIT})${DIGIT}{15}(?!${DIGIT})`, 'g'), REDACTED],
  [/(?<![A-Za-z])[A-Za-z]{3}\d{12}(?!\d)/g, REDACTED],
  [/(?<!\d)1[3-9]\d{9}(?!\d)/g, REDACTED],
];

/** A text without identity numbers, mobile numbers and credentials; cut at 4 KB. */
export function scrubText(text: string): string {
  let scrubbed = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  for (const [pattern, replacement] of PATTERNS) scrubbed = scrubbed.replace(pattern, replacement);
  return scrubbed;
}

/** A copy that is safe to write: telling keys redacted, texts scrubbed, depth and length bounded, cycles cut. */
export function scrub(value: unknown): unknown {
  return scrubAt(value, { depth: 0, parents: [] });
}

interface Place {
  readonly depth: number;
  readonly parents: readonly object[];
}

function scrubAt(value: unknown, place: Place): unknown {
  switch (typeof value) {
    case 'string':
      return scrubText(value);
    case 'number':
      // An identity number that lost its type on the way is still one.
      return Number.isInteger(value) && Math.abs(value) >= 1e14 ? REDACTED : value;
    case 'bigint':
      return scrubText(value.toString());
    case 'object':
      return value === null ? null : scrubObject(value, place);
    case 'function':
    case 'symbol':
      return undefined;
    case 'boolean':
    case 'undefined':
      return value;
  }
}

/** Also true for errors of another realm (worker contexts, test environments). */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function scrubObject(value: object, { depth, parents }: Place): unknown {
  if (parents.includes(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[too deep]';
  const inside: Place = { depth: depth + 1, parents: [...parents, value] };
  if (isError(value)) return scrubError(value, inside);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (hasToJson(value)) return scrubAt(value.toJSON(), inside);
  if (Array.isArray(value)) return scrubList(value, inside);
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.map(([key, part]) => [scrubText(key), isSecretKey(key) ? redactPresent(part) : scrubAt(part, inside)]),
  );
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function scrubList(list: readonly unknown[], inside: Place): unknown[] {
  const shown = list.slice(0, MAX_ENTRIES).map((part) => scrubAt(part, inside));
  return list.length > MAX_ENTRIES ? [...shown, `… ${list.length - MAX_ENTRIES} more`] : shown;
}

function isSecretKey(key: string): boolean {
  const folded = key.toLowerCase().replaceAll(/[\s_-]/g, '');
  return SECRET_KEYS.has(folded) || SECRET_KEY_ENDINGS.some((ending) => folded.endsWith(ending));
}

/** That a value was present is worth knowing; absence is shown as it is. */
function redactPresent(value: unknown): unknown {
  return value === null || value === undefined ? value : REDACTED;
}

/** Only fields we know: errors of HTTP clients and database drivers carry requests, rows and parameters. */
const ERROR_FIELDS =
  'code next category action scope stage status waitMs schema table column constraint severity'.split(' ');

function scrubError(error: Error, inside: Place): Record<string, unknown> {
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  const message = scrubErrorMessage(error);
  const present = ERROR_FIELDS.filter((field) => fields[field] !== undefined);
  const known: Record<string, unknown> = Object.fromEntries(
    present.map((field) => [field, scrubAt(fields[field], inside)]),
  );
  return {
    type: error.name,
    message,
    ...known,
    ...(error instanceof HubError ? { detail: scrubAt(error.detail, inside) } : {}),
    ...(error instanceof AggregateError ? { errors: scrubList(error.errors as readonly unknown[], inside) } : {}),
    stack: `${error.name}: ${message}\n${framesOf(error)}`,
    ...(error.cause === undefined ? {} : { cause: scrubAt(error.cause, inside) }),
  };
}

/** The database quotes the offending value after a colon (`invalid input syntax for type date: "…"`); values stay out. */
export function scrubErrorMessage(error: Error): string {
  const isDatabaseError = 'driverError' in error || 'routine' in error;
  return scrubText(isDatabaseError ? error.message.replace(/:? "[^"]*"$/, `: ${REDACTED}`) : error.message);
}

/** The message is repeated at the head of a stack, possibly over several lines; only the frames are kept. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return scrubText(frames.slice(0, 30).join('\n'));
}
