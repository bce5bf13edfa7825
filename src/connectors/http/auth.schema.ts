/** Which logins, signatures, limits and reply rules a manifest may declare: the Zod fragments behind `auth`, `sign`, `limits`, `replies` and `message`. */
import { z } from 'zod';

const templateText = z.string().min(1).max(4096);
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'not a header name');
const queryName = z.string().min(1).max(128);
const dottedPath = z.string().min(1).max(256);

/** A plain value of a reply compared with a rule. The word `absent` stands for "not there at all". */
export const replyValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Where a credential goes. Exactly one of header (with an optional prefix such as `Bearer `), query or cookie. */
export const placeSchema = z.union([
  z.strictObject({ header: headerName, prefix: z.string().max(64).optional() }),
  z.strictObject({ query: queryName }),
  z.strictObject({ cookie: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, 'not a cookie name') }),
]);
export type CredentialPlace = z.infer<typeof placeSchema>;

const templateMap = z.record(z.string().min(1).max(128), templateText);
const tokenRequestParts = {
  query: templateMap.optional(),
  headers: templateMap.optional(),
  json: z.record(z.string(), z.json()).optional(),
  form: templateMap.optional(),
};

/** How a token is asked for: GET or POST, with query, headers and one of json or form. Values are templates over `secret` and `config`. */
export const tokenRequestSchema = z
  .union([
    z.strictObject({ get: templateText, query: templateMap.optional(), headers: templateMap.optional() }),
    z.strictObject({ post: templateText, ...tokenRequestParts }),
  ])
  .refine((request) => !('json' in request && 'form' in request), 'declare json or form, not both');
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

export const tokenAuthSchema = z.strictObject({
  type: z.literal('token'),
  request: tokenRequestSchema,
  /** How the token endpoint says yes; without it a reply with a token is a yes. */
  success: z.strictObject({ path: dottedPath, in: z.array(replyValueSchema).min(1) }).optional(),
  /** Path of the token in the reply. */
  token: dottedPath,
  /** Life time: a path with its unit, or fixed seconds; without it a token lives until the system calls it expired. */
  expiresIn: z
    .union([
      z.strictObject({ path: dottedPath, unit: z.enum(['seconds', 'ms']).default('seconds') }),
      z.strictObject({ seconds: z.number().int().min(1).max(31_536_000) }),
    ])
    .optional(),
  refreshEarlySeconds: z.number().int().min(0).max(86_400).default(60),
  place: placeSchema,
});
export type TokenAuth = z.infer<typeof tokenAuthSchema>;

/** The `auth` key. OAuth2 client credentials are a `token` whose request is the token endpoint. */
export const authSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('basic'), user: templateText, password: z.string().max(4096) }),
  z.strictObject({ type: z.literal('api-key'), value: templateText, place: placeSchema }),
  z.strictObject({ type: z.literal('bearer'), value: templateText }),
  tokenAuthSchema,
]);
export type Auth = z.infer<typeof authSchema>;

export const SIGN_ALGORITHMS = ['hmac-sha1', 'hmac-sha256', 'md5', 'rsa-sha256', 'rsa-md5'] as const;

/** Names a `sign` template may use beside `secret.*` and `config.*`; `signature` only in `headers` and `query`. */
export const SIGN_VARIABLES = [
  'method',
  'path',
  'query',
  'sortedQuery',
  'sortedQueryRaw',
  'timestamp',
  'nonce',
  'body',
  'bodySha256',
  'bodyMd5',
] as const;

/**
 * The `sign` key. `over` is rendered with the exact bytes that will be sent. Query parameters without `${signature}` are
 * added before signing, those with it afterwards. `md5` has no key: put the secret into `over`.
 */
export const signSchema = z
  .strictObject({
    algorithm: z.enum(SIGN_ALGORITHMS),
    key: templateText.optional(),
    /** How the key text becomes bytes; RSA keys are PEM text. */
    keyEncoding: z.enum(['utf8', 'base64', 'hex']).default('utf8'),
    over: z.string().max(4096),
    timestamp: z.strictObject({ unit: z.enum(['seconds', 'ms']) }).default({ unit: 'seconds' }),
    nonce: z.strictObject({ length: z.number().int().min(4).max(64) }).default({ length: 32 }),
    encode: z.enum(['hex', 'hex-upper', 'base64']).default('hex'),
    headers: z.record(headerName, templateText).default({}),
    query: templateMap.default({}),
  })
  .refine((sign) => sign.algorithm === 'md5' || sign.key !== undefined, {
    path: ['key'],
    message: 'this algorithm needs a key',
  })
  .refine(
    (sign) => Object.keys(sign.headers).length + Object.keys(sign.query).length > 0,
    'a signature needs a header or a query parameter to travel in',
  );
export type Sign = z.infer<typeof signSchema>;

/** The `limits` key: what the hub allows itself towards this system. Every limit has a default. */
export const limitsSchema = z.strictObject({
  concurrency: z.number().int().min(1).max(64).default(4),
  requestsPerSecond: z.number().min(0.01).max(10_000).optional(),
  requestsPerMinute: z.number().min(0.1).max(600_000).optional(),
  /** One attempt, from connecting to the last byte. */
  timeoutMs: z.number().int().min(50).max(600_000).default(30_000),
  /** One call with all its attempts and waits; by default three attempts and one longest wait. */
  deadlineMs: z.number().int().min(50).max(3_600_000).optional(),
  /** Attempts after the first. */
  retries: z.number().int().min(0).max(10).default(4),
  /** After inflation. */
  maxReplyBytes: z.number().int().min(1024).max(268_435_456).default(33_554_432),
  /** The longest wait inside a call; a longer one is thrown as WAIT_UNTIL. */
  retryCapMs: z.number().int().min(0).max(300_000).default(60_000),
});
export type Limits = z.infer<typeof limitsSchema>;

export const REPLY_VERDICTS = [
  'success',
  'auth-expired',
  'auth-rejected',
  'throttled',
  'maintenance',
  'unavailable',
  'not-found',
  'already-exists',
  'conflict',
  'rejected',
  'drift',
] as const;
export type ReplyVerdict = (typeof REPLY_VERDICTS)[number];

const statusMatch = z.union([z.number().int().min(100).max(599), z.enum(['2xx', '4xx', '5xx'])]);

/** All conditions of one `when` must hold. `contains` looks into the text at the manifest's `message` path. */
export const replyConditionSchema = z
  .strictObject({
    status: z.union([statusMatch, z.array(statusMatch).min(1)]).optional(),
    path: dottedPath.optional(),
    header: headerName.optional(),
    in: z.array(replyValueSchema).min(1).optional(),
    present: z.boolean().optional(),
    contains: z.string().min(1).max(256).optional(),
  })
  .refine(
    (when) =>
      when.status !== undefined || when.path !== undefined || when.header !== undefined || when.contains !== undefined,
    'a rule needs status, path, header or contains',
  )
  .refine((when) => when.path === undefined || when.header === undefined, 'declare path or header, not both')
  .refine(
    (when) =>
      (when.path === undefined && when.header === undefined) === (when.in === undefined && when.present === undefined),
    'path or header needs in or present, and the other way round',
  )
  .refine((when) => when.in === undefined || when.present === undefined, 'declare in or present, not both');
export type ReplyCondition = z.infer<typeof replyConditionSchema>;

/** How long a throttled or maintained system asks to wait. `http-date` is an absolute time, as Retry-After may carry. */
export const replyWaitSchema = z
  .strictObject({
    header: headerName.optional(),
    path: dottedPath.optional(),
    unit: z.enum(['seconds', 'ms', 'http-date']).default('seconds'),
  })
  .refine((wait) => (wait.header === undefined) !== (wait.path === undefined), 'declare header or path');
export type ReplyWait = z.infer<typeof replyWaitSchema>;

export const replyRuleSchema = z.strictObject({
  when: replyConditionSchema,
  is: z.enum(REPLY_VERDICTS),
  wait: replyWaitSchema.optional(),
});
export type ReplyRule = z.infer<typeof replyRuleSchema>;

/** The `replies` key: judged from top to bottom, before the built-in status table; the first match decides. */
export const repliesSchema = z.array(replyRuleSchema).max(64);

/** The `message` key: where a reply carries its text for people. */
export const messagePathSchema = dottedPath;
