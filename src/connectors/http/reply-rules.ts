/** What a reply means: the manifest's rules from top to bottom, then the built-in status table. */
import type { Clock } from '../../platform/clock/clock.js';
import { faultOfStatus, type FaultName } from '../error-table.js';
import type { Json } from '../port.js';
import type { ReplyCondition, ReplyRule, ReplyVerdict, ReplyWait } from './auth.schema.js';
import { isExactNumber } from './exact-json.js';
import { compileReplyPath, type PathReader } from './reply-path.js';

export interface ReplyToJudge {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where the body is not JSON. */
  readonly body: Json | undefined;
}

export type Judgement =
  | { readonly is: 'success' }
  | {
      readonly is: 'fault';
      readonly fault: FaultName;
      readonly waitMs: number | null;
      readonly remoteText: string | null;
    };

/** Judges one reply; never throws. */
export type Judge = (reply: ReplyToJudge) => Judgement;

export interface JudgeOptions {
  readonly replies: readonly ReplyRule[];
  readonly message: string | null;
  readonly clock: Clock;
}

type Test = (reply: ReplyToJudge) => boolean;
type WaitReader = (reply: ReplyToJudge) => number | null;

const VERDICT_FAULTS: Readonly<Record<Exclude<ReplyVerdict, 'success'>, FaultName>> = {
  'auth-expired': 'auth-expired',
  'auth-rejected': 'auth-rejected',
  throttled: 'throttled',
  maintenance: 'maintenance',
  unavailable: 'unavailable',
  'not-found': 'not-found',
  'already-exists': 'already-exists',
  conflict: 'conflict',
  rejected: 'rejected',
  drift: 'drift',
};

const MAX_REMOTE_TEXT = 500;
const DEFAULT_WAIT: ReplyWait = { header: 'Retry-After', unit: 'seconds' };

export function compileJudge({ replies, message, clock }: JudgeOptions): Judge {
  const readMessage = message === null ? null : compileReplyPath(message);
  const defaultWait = waitReader(DEFAULT_WAIT, clock);
  const rules = replies.map((rule) => ({
    test: conditionTest(rule.when, readMessage),
    is: rule.is,
    wait: rule.wait ? waitReader(rule.wait, clock) : defaultWait,
  }));
  return (reply) => {
    const rule = rules.find((candidate) => candidate.test(reply));
    const fault =
      rule === undefined ? faultOfStatus(reply.status) : rule.is === 'success' ? null : VERDICT_FAULTS[rule.is];
    if (fault === null) return { is: 'success' };
    return {
      is: 'fault',
      fault,
      waitMs: (rule?.wait ?? defaultWait)(reply),
      remoteText: remoteText(reply, readMessage),
    };
  };
}

/** Compares with string/number duality: 0 equals "0"; the word `absent` equals a missing value. */
export function matchesValue(value: Json | undefined, expected: string | number | boolean | null): boolean {
  if (value === undefined) return expected === 'absent';
  if (isExactNumber(value)) return value.digits === String(expected);
  if (value === expected) return true;
  if (typeof value === 'number' && typeof expected === 'string') return String(value) === expected;
  return typeof value === 'string' && typeof expected === 'number' && value === String(expected);
}

function conditionTest(when: ReplyCondition, readMessage: PathReader | null): Test {
  const tests: Test[] = [];
  if (when.status !== undefined) tests.push(statusTest(when.status));
  if (when.path !== undefined) {
    const read = compileReplyPath(when.path);
    tests.push(valueTest(when, (reply) => read(reply.body)));
  }
  if (when.header !== undefined) {
    const header = when.header.toLowerCase();
    tests.push(valueTest(when, (reply) => reply.headers[header]));
  }
  const { contains } = when;
  if (contains !== undefined) tests.push((reply) => remoteText(reply, readMessage)?.includes(contains) ?? false);
  return (reply) => tests.every((test) => test(reply));
}

function valueTest(when: ReplyCondition, read: (reply: ReplyToJudge) => Json | undefined): Test {
  const { in: expected, present } = when;
  if (expected === undefined) return (reply) => (read(reply) !== undefined) === (present ?? true);
  return (reply) => {
    const value = read(reply);
    return expected.some((candidate) => matchesValue(value, candidate));
  };
}

type StatusMatch = NonNullable<ReplyCondition['status']>;

function statusTest(match: StatusMatch): Test {
  const accepted = new Set(Array.isArray(match) ? match : [match]);
  return ({ status }) => accepted.has(status) || accepted.has(`${Math.floor(status / 100)}xx` as '2xx');
}

function waitReader(wait: ReplyWait, clock: Clock): WaitReader {
  const read = wait.path === undefined ? headerReader(wait.header ?? '') : pathReader(wait.path);
  return (reply) => {
    const value = read(reply);
    const written = typeof value === 'number' ? value : typeof value === 'string' ? value.trim() : '';
    const amount = written === '' ? Number.NaN : Number(written);
    if (Number.isFinite(amount) && wait.unit !== 'http-date')
      return Math.max(0, Math.ceil(wait.unit === 'ms' ? amount : amount * 1000));
    // Retry-After may carry either form (RFC 9110, 10.2.3), whatever the manifest expects.
    const until = typeof written === 'string' ? Date.parse(written) : Number.NaN;
    return Number.isFinite(until) ? Math.max(0, until - clock.now().getTime()) : null;
  };
}

function headerReader(header: string): (reply: ReplyToJudge) => Json | undefined {
  const name = header.toLowerCase();
  return (reply) => reply.headers[name];
}

function pathReader(path: string): (reply: ReplyToJudge) => Json | undefined {
  const read = compileReplyPath(path);
  return (reply) => read(reply.body);
}

function remoteText(reply: ReplyToJudge, readMessage: PathReader | null): string | null {
  const value = readMessage?.(reply.body);
  return typeof value === 'string' ? value.slice(0, MAX_REMOTE_TEXT) : null;
}
