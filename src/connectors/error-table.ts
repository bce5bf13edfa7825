/** What each way an outside call can fail means, and what follows from it: the two-axis table (category × action) as data. */
import type { NextStep } from '../domain/hub-error.js';

export const CATEGORIES = [
  'AUTH',
  'CONFIG',
  'RATE_LIMIT',
  'TRANSIENT_NETWORK',
  'REMOTE_UNAVAILABLE',
  'MAINTENANCE_WINDOW',
  'SCHEMA',
  'DATA_INVALID',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT_VERSION',
  'BUSINESS_REJECTED',
  'POLICY_VIOLATION',
  'INTERNAL',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** What the caller does with it. `SKIP_ITEM` concerns the thing asked for: on a read without an item it stops the stream. */
export type Action =
  | 'RETRY'
  | 'WAIT_UNTIL'
  | 'REFRESH_AUTH_THEN_RETRY'
  | 'RESET_PAGINATION'
  | 'RECONCILE_TARGET'
  | 'SKIP_ITEM'
  | 'STOP_STREAM'
  | 'QUARANTINE_CONNECTION'
  | 'OPEN_WORK_ITEM';
export type Scope = 'call' | 'item' | 'stream' | 'connection' | 'run';
export type Stage =
  'auth' | 'request' | 'decode' | 'validate' | 'map' | 'correlate' | 'reconcile' | 'plan' | 'push' | 'verify';

export interface FaultMeaning {
  readonly category: Category;
  readonly action: Action;
  readonly scope: Scope;
  readonly stage: Stage;
  readonly next: NextStep;
  /** Tried again inside the call, within its deadline. */
  readonly retriedInCall: boolean;
  /** Counts towards opening the circuit breaker. */
  readonly opensBreaker: boolean;
  /** Whether the target may have acted, where the thrower does not know better. */
  readonly mayHaveArrived: boolean;
  /** What happened, and what to do. */
  readonly text: string;
  readonly advice: string;
}

type Answer = Pick<FaultMeaning, 'category' | 'action' | 'scope' | 'next'> & { readonly stage?: Stage };
type Conduct = Pick<FaultMeaning, 'retriedInCall' | 'opensBreaker' | 'mayHaveArrived'>;

const RETRY_UNSENT: Conduct = { retriedInCall: true, opensBreaker: true, mayHaveArrived: false };
const RETRY_UNKNOWN: Conduct = { retriedInCall: true, opensBreaker: true, mayHaveArrived: true };
const RETRY_REFUSED: Conduct = { retriedInCall: true, opensBreaker: false, mayHaveArrived: false };
const FINAL_UNSENT: Conduct = { retriedInCall: false, opensBreaker: false, mayHaveArrived: false };
const FINAL_UNKNOWN: Conduct = { retriedInCall: false, opensBreaker: false, mayHaveArrived: true };

const NETWORK: Answer = { category: 'TRANSIENT_NETWORK', action: 'RETRY', scope: 'call', next: 'retry' };
const REMOTE_DOWN: Answer = { category: 'REMOTE_UNAVAILABLE', action: 'RETRY', scope: 'call', next: 'retry' };
const BAD_LOGIN: Answer = {
  category: 'AUTH',
  action: 'QUARANTINE_CONNECTION',
  scope: 'connection',
  next: 'fix-config',
  stage: 'auth',
};
const NOT_ALLOWED: Answer = {
  category: 'POLICY_VIOLATION',
  action: 'QUARANTINE_CONNECTION',
  scope: 'connection',
  next: 'fix-config',
};
const WRONG_SETTING: Answer = { category: 'CONFIG', action: 'STOP_STREAM', scope: 'stream', next: 'fix-config' };
const WRONG_SHAPE: Answer = {
  category: 'SCHEMA',
  action: 'STOP_STREAM',
  scope: 'stream',
  next: 'fix-config',
  stage: 'decode',
};
const ITEM: Pick<Answer, 'scope' | 'next'> = { scope: 'item', next: 'ask-person' };

function meaning(answer: Answer, conduct: Conduct, words: readonly [text: string, advice: string]): FaultMeaning {
  return { stage: 'request', ...answer, ...conduct, text: words[0], advice: words[1] };
}

/** Every fault a connector can throw. The key is the error's `code`. */
export const FAULTS = {
  'connection-refused': meaning(NETWORK, RETRY_UNSENT, [
    'nothing accepted the connection',
    'check that the system runs and that base URL and port are right',
  ]),
  'host-not-found': meaning(NETWORK, RETRY_UNSENT, [
    'the host name could not be resolved',
    'check the base URL and the name service',
  ]),
  'connect-timed-out': meaning(NETWORK, RETRY_UNSENT, [
    'no connection could be made in time',
    'check network and firewall',
  ]),
  'connection-cut': meaning(NETWORK, RETRY_UNKNOWN, [
    'the connection broke before the reply was complete',
    'it is tried again by itself',
  ]),
  'timed-out': meaning(NETWORK, RETRY_UNKNOWN, [
    'no complete reply came in time',
    'raise limits.timeoutMs if the system is known to be slow',
  ]),
  'tls-refused': meaning({ ...WRONG_SETTING, action: 'QUARANTINE_CONNECTION', scope: 'connection' }, FINAL_UNSENT, [
    'the certificate of the system could not be trusted',
    'mend the certificate or the base URL',
  ]),
  'host-refused': meaning(NOT_ALLOWED, FINAL_UNSENT, [
    'the URL is not one the hub may call',
    'use https, or let the operator allow the host under egress.allow',
  ]),
  'address-refused': meaning(NOT_ALLOWED, FINAL_UNSENT, [
    'the host leads to an address the hub may not call',
    'let the operator allow the address range under egress.allow',
  ]),
  'foreign-link': meaning({ ...WRONG_SHAPE, category: 'POLICY_VIOLATION' }, FINAL_UNSENT, [
    'a link leads away from the system it came from',
    'check the paging section of the manifest',
  ]),
  redirected: meaning({ ...WRONG_SETTING, stage: 'decode' }, FINAL_UNSENT, [
    'the system answered with a redirect, which is never followed',
    'put the final URL into the base URL',
  ]),
  'reply-too-large': meaning(WRONG_SHAPE, FINAL_UNKNOWN, [
    'the reply is larger than limits.maxReplyBytes after inflation',
    'ask for smaller pages or raise the limit',
  ]),
  'not-json': meaning(WRONG_SHAPE, FINAL_UNKNOWN, [
    'the reply is not the JSON that was expected',
    'check base URL and path; a web page here is often a login or block page',
  ]),
  unavailable: meaning(REMOTE_DOWN, RETRY_UNKNOWN, [
    'the system says that it cannot answer now',
    'it is tried again by itself',
  ]),
  'breaker-open': meaning({ ...REMOTE_DOWN, action: 'WAIT_UNTIL', scope: 'connection' }, FINAL_UNSENT, [
    'the system failed repeatedly and is left alone for a while',
    'it is asked again by itself',
  ]),
  throttled: meaning({ category: 'RATE_LIMIT', action: 'RETRY', scope: 'connection', next: 'retry' }, RETRY_REFUSED, [
    'the system asks for fewer requests',
    'lower limits.requestsPerSecond if this repeats',
  ]),
  maintenance: meaning(
    { category: 'MAINTENANCE_WINDOW', action: 'WAIT_UNTIL', scope: 'connection', next: 'retry' },
    FINAL_UNSENT,
    ['the system is under maintenance', 'the stream is taken up again later'],
  ),
  'auth-expired': meaning(
    { ...BAD_LOGIN, action: 'REFRESH_AUTH_THEN_RETRY', scope: 'call', next: 'retry' },
    FINAL_UNSENT,
    ['the access token is no longer accepted', 'it is renewed by itself, once per call'],
  ),
  'auth-rejected': meaning(BAD_LOGIN, FINAL_UNSENT, [
    'the system refused the credentials or the permission',
    'check the secrets of this connection and the rights of its account',
  ]),
  'login-rejected': meaning(BAD_LOGIN, FINAL_UNSENT, [
    'the login was refused; it is not tried again before a cool-down',
    'check the secrets of this connection',
  ]),
  'not-found': meaning({ category: 'NOT_FOUND', action: 'SKIP_ITEM', ...ITEM }, FINAL_UNSENT, [
    'the system does not know what was asked for',
    'check the path in the manifest, or whether the person still exists there',
  ]),
  'already-exists': meaning({ category: 'ALREADY_EXISTS', action: 'RECONCILE_TARGET', ...ITEM }, FINAL_UNSENT, [
    'the system already has this',
    'the target is read again before anything else is sent',
  ]),
  conflict: meaning({ category: 'CONFLICT_VERSION', action: 'RECONCILE_TARGET', ...ITEM }, FINAL_UNSENT, [
    'the object changed meanwhile',
    'the target is read again before anything else is sent',
  ]),
  rejected: meaning({ category: 'BUSINESS_REJECTED', action: 'SKIP_ITEM', ...ITEM }, FINAL_UNSENT, [
    'the system refused the request by its own rules',
    'look at its reason and mend the record there or here',
  ]),
  'request-invalid': meaning({ category: 'DATA_INVALID', action: 'SKIP_ITEM', ...ITEM }, FINAL_UNSENT, [
    'the system called the request malformed',
    'compare the request section of the manifest with its documentation',
  ]),
  'wrong-endpoint': meaning(WRONG_SETTING, FINAL_UNSENT, [
    'the system does not offer this method or format here',
    'check method, path and body type in the manifest',
  ]),
  drift: meaning(WRONG_SHAPE, FINAL_UNKNOWN, [
    'the reply has another shape than the manifest describes',
    'compare the manifest with the present version of the system',
  ]),
  'file-missing': meaning(
    { category: 'NOT_FOUND', action: 'STOP_STREAM', scope: 'stream', next: 'ask-person' },
    FINAL_UNSENT,
    [
      'no file of this name lies in the folder',
      'export the list from that system into it, or mend "files" in the manifest',
    ],
  ),
  'file-growing': meaning(
    { category: 'REMOTE_UNAVAILABLE', action: 'WAIT_UNTIL', scope: 'stream', next: 'retry' },
    FINAL_UNSENT,
    ['the file was changed a moment ago and may not be whole yet', 'it is read when it has rested for settleSeconds'],
  ),
  'file-too-large': meaning({ ...WRONG_SETTING, stage: 'decode' }, FINAL_UNSENT, [
    'the file is larger than maxFileBytes',
    'export it as CSV, in parts, or raise the limit',
  ]),
  'file-unreadable': meaning(WRONG_SHAPE, FINAL_UNSENT, [
    'the file is not the table that the manifest describes',
    'compare sheet, header and columns of the manifest with the file',
  ]),
  'folder-refused': meaning(WRONG_SETTING, FINAL_UNSENT, [
    'the folder or a file in it cannot be read or written',
    'check the folder and the rights of the user the hub runs as',
  ]),
  cancelled: meaning({ category: 'INTERNAL', action: 'RETRY', scope: 'run', next: 'retry' }, FINAL_UNKNOWN, [
    'the call was ended by the hub itself',
    'it is taken up again with the run',
  ]),
  internal: meaning({ category: 'INTERNAL', action: 'OPEN_WORK_ITEM', scope: 'stream', next: 'bug' }, FINAL_UNKNOWN, [
    'the connector failed in an unforeseen way',
    'report it with the log lines of this connection',
  ]),
} as const satisfies Readonly<Record<string, FaultMeaning>>;
export type FaultName = keyof typeof FAULTS;

/** The meaning of a fault. */
export function faultMeaning(fault: FaultName): FaultMeaning {
  return FAULTS[fault];
}

const STATUS_FAULTS: Readonly<Record<number, FaultName>> = {
  401: 'auth-expired',
  403: 'auth-rejected',
  404: 'not-found',
  405: 'wrong-endpoint',
  406: 'wrong-endpoint',
  407: 'auth-rejected',
  408: 'unavailable',
  409: 'conflict',
  410: 'not-found',
  411: 'wrong-endpoint',
  413: 'wrong-endpoint',
  415: 'wrong-endpoint',
  421: 'wrong-endpoint',
  423: 'conflict',
  412: 'conflict',
  425: 'unavailable',
  429: 'throttled',
  501: 'wrong-endpoint',
  505: 'wrong-endpoint',
};

/** The built-in status table, asked when no reply rule matched: null = success. */
export function faultOfStatus(status: number): FaultName | null {
  if (status >= 200 && status < 300) return null;
  const named = STATUS_FAULTS[status];
  if (named !== undefined) return named;
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'request-invalid' : 'redirected';
}

const NETWORK_FAULTS: Readonly<Record<string, FaultName>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  EHOSTDOWN: 'connection-refused',
  EADDRNOTAVAIL: 'connection-refused',
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  EAI_FAIL: 'host-not-found',
  EAI_NODATA: 'host-not-found',
  ECONNRESET: 'connection-cut',
  ECONNABORTED: 'connection-cut',
  EPIPE: 'connection-cut',
  ETIMEDOUT: 'timed-out',
  ESOCKETTIMEDOUT: 'timed-out',
  ERR_STREAM_PREMATURE_CLOSE: 'connection-cut',
  ERR_BAD_RESPONSE: 'connection-cut',
};

/** The default fault of a transport error code; a code nobody listed is a cut connection, certificates are told apart by name. */
export function faultOfNetworkCode(code: string): FaultName {
  const named = NETWORK_FAULTS[code];
  if (named !== undefined) return named;
  if (/^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_OSSL|EPROTO)/.test(code)) return 'tls-refused';
  return 'connection-cut';
}
