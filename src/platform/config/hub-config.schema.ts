/** What one hub.yaml may say, and what holds where it says nothing. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { INSURANCES } from '../../domain/insurance.js';
import { ROLES } from '../../domain/situation.js';
import { notify } from './notify.schema.js';
import { arrangedYear, maintenanceWindow, scheduleSchema } from './schedule.schema.js';
import { distinct, id, path, secret, text, wholeNumber } from './schema-words.js';

const percent = z
  .number()
  .min(0, { error: 'is below 0; expected a percentage' })
  .max(100, { error: 'is above 100; expected a percentage' });

const cidr = z
  .string()
  .refine(isCidr, { error: 'is not an address range; expected for example 10.0.0.0/8 or fd00::/8' });

const egressRule = z.strictObject({
  /** Host name or address as it stands in the URL, without scheme, port and path. */
  host: z.string().regex(/^(?:[A-Za-z0-9.-]{1,253}|\[?[0-9A-Fa-f:.]+\]?)$/, {
    error: 'is not a host; expected a name or address without scheme, port and path',
  }),
  /** Whether plain http is allowed to it. */
  http: z.boolean().default(false),
  /** Ranges the host may resolve to although they are not public. */
  addresses: z.array(cidr).default([]),
});

const authority = z.strictObject({
  paid: distinct(z.enum(ROLES)).default(['bureau', 'agency', 'payroll']),
  wages: distinct(z.enum(ROLES)).default(['payroll']),
  employment: distinct(z.enum(ROLES)).default(['payroll', 'attendance', 'agency']),
});

const approval = z.enum(['hold', 'automatic']);

/** All brakes count the plan together with those of the 24 hours before it. */
const brakes = z.strictObject({
  /** A plan that worsens the status of more than max(persons, percent of all) is suspended. */
  worseStatus: z
    .strictObject({ persons: wholeNumber(0, 1_000_000).default(20), percent: percent.default(2) })
    .prefault({}),
  /** Likewise a plan that changes the contribution bases of more than this. */
  bases: z.strictObject({ persons: wholeNumber(0, 1_000_000).default(5), percent: percent.default(10) }).prefault({}),
  /** Money of 24 hours beyond this many times the median of the days of six months on which money moved. */
  moneyTimesMedian: z
    .number()
    .min(1, { error: 'is below 1; expected how many times the usual money may move' })
    .max(1000, { error: 'is above 1000; expected how many times the usual money may move' })
    .default(3),
  /** Plans that rest on a connection of which nobody has approved a plan yet: `preview` suspends them. */
  firstRun: z.enum(['preview', 'send']).default('preview'),
  /** A source that suddenly shows this much less than at its last complete read is not believed. */
  countDropPercent: percent.default(20),
});

/** The days of back-payment cases. */
const backPayment = z.strictObject({
  /** How long an employee has to answer, never beyond the last day to apply. */
  answerDays: wholeNumber(1, 60).default(5),
  /** A reminder falls due this many days before an answer or an application is due. */
  remindDays: wholeNumber(0, 30).default(2),
  /** Nothing heard of an application for longer than this: a person looks. */
  silentDays: wholeNumber(1, 180).default(10),
});

const hours = z
  .number()
  .positive({ error: 'is not above 0; expected hours' })
  .max(24 * 366, { error: 'is longer than a year; expected hours' });

const connection = z.strictObject({
  id,
  /** A connector manifest, relative to this file. */
  manifest: path,
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  secrets: z.record(z.string(), secret).default({}),
  /** A read older than this is stale, and what it said concludes nothing. */
  freshHours: hours.default(36),
  /** Alarm when a read was not complete for so many hours; default: freshHours. `reads` names those that may differ. */
  freshness: z.strictObject({ hours: hours.optional(), reads: z.record(z.string(), hours).default({}) }).optional(),
  /** When it is neither read nor written to. */
  maintenance: z.array(maintenanceWindow).default([]),
});

const tenant = z.strictObject({
  id,
  name: text,
  /** Closed months judged in every run. */
  lookBackMonths: wholeNumber(1, 60).default(6),
  insurances: distinct(z.enum(INSURANCES)).default(['pension', 'medical', 'unemployment']),
  /** A policy overlay, relative to this file. */
  overlay: path.optional(),
  authority: authority.prefault({}),
  approvals: z
    .strictObject({ declaration: approval.default('hold'), 'back-payment': approval.default('hold') })
    .prefault({}),
  brakes: brakes.prefault({}),
  backPayment: backPayment.prefault({}),
  /** Whether a new edition of the policy counts at once, or after a second person's approval. */
  policy: z.strictObject({ activate: z.enum(['approval', 'automatic']).default('approval') }).prefault({}),
  /** When none of its schedules starts anything. */
  maintenance: z.array(maintenanceWindow).default([]),
  /** Days for which calls of outside systems are kept: those that came to their end, and those that died. */
  webhooks: z
    .strictObject({ keepDays: wholeNumber(2, 3650).default(30), keepDeadDays: wholeNumber(2, 3650).default(180) })
    .prefault({}),
  /** Days for which what has ended is kept that comes again and again: instants of schedules, runs and plans of webhooks. The brakes look back half a year. */
  history: z.strictObject({ keepDays: wholeNumber(190, 3650).default(400) }).prefault({}),
  connections: z.array(connection).default([]),
  /** Who is told what of this tenant. */
  notify: notify.prefault({}),
});

const keyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,32}$/, { error: 'is not a key id; expected 1–32 letters, digits, _ or -' });

const policyUpdates = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'is not an address; expected https://…' }),
  cron: z.string(),
  zone: z.string().default('Asia/Shanghai'),
});

const policy = z.strictObject({
  /** Whose packs are taken in; `buduan policy keygen` prints such a line. */
  trustedKeys: z
    .array(
      z.string().regex(/^ed25519:[A-Za-z0-9+/]{43}=$/, {
        error: 'is not a public key; expected ed25519: and 44 characters, as "buduan policy keygen" prints it',
      }),
    )
    .default([]),
  /** Where new packs are looked for, and when. */
  updates: policyUpdates.optional(),
});

/** From when on a node that works tells its probes that it is `degraded`. */
const health = z.strictObject({
  /** Dead letters of all tenants together, more than which are too many. */
  deadLetters: wholeNumber(0, 1_000_000).default(100),
  /** Seconds by which this node's clock may differ from the database's: schedules go by one, leases by the other. */
  clockSkewSeconds: wholeNumber(1, 3600).default(10),
});

/** OpenTelemetry: where spans go by OTLP over HTTP. */
const tracing = z.strictObject({
  /** The whole address, usually ending in /v1/traces. */
  endpoint: z.url({
    protocol: /^https?$/,
    error: 'is not an address; expected for example http://127.0.0.1:4318/v1/traces',
  }),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), secret).default({}),
  /** Of runs, webhooks and sendings, each with all that belongs to it. */
  samplePercent: percent.default(100),
});

const server = z.strictObject({
  /** What callers of the API show as `Authorization: Bearer …`. Without one the API answers this machine only. */
  token: secret.optional(),
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/, {
      error: 'is not a host; expected a name or address to listen on, for example 127.0.0.1',
    })
    .default('127.0.0.1'),
  /** 0 = any free port. */
  port: wholeNumber(0, 65_535).default(4080),
  /** Under which address people reach this hub, for links in messages; default: http://host:port. */
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'is not an address; expected for example https://hub.example.com' })
    .refine((url) => !/[?#]/.test(url), { error: 'has a query; expected an address alone' })
    .optional(),
  /** Proxies before the hub, whose word counts about where a request came from. */
  trustedProxies: z.array(cidr).default([]),
});

export const hubConfigSchema = z.strictObject({
  version: z.literal(1),
  database: z
    .strictObject({
      url: secret.optional(),
      allowUnsafeFsync: z.boolean().default(false),
      /** `never`: for a login that may not change the schema; a node whose schema is not whole does not start. */
      migrate: z.enum(['at-start', 'never']).default('at-start'),
    })
    .prefault({}),
  dataDir: path.default('.buduan'),
  keys: z
    .strictObject({
      /** The key that seals from now on; the others only open what they once sealed. */
      current: z.string(),
      identity: z.record(keyId, secret),
      /** One key, which is then called b1; or several by id while `buduan keys rotate` moves from one to another. */
      blindIndex: z.union([secret, z.strictObject({ current: z.string(), keys: z.record(keyId, secret) })]),
    })
    .optional(),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info') })
    .prefault({}),
  server: server.prefault({}),
  policy: policy.prefault({}),
  health: health.prefault({}),
  tracing: tracing.optional(),
  egress: z.strictObject({ allow: z.array(egressRule).default([]) }).prefault({}),
  tenants: z.array(tenant).min(1, { error: 'is empty; expected at least one tenant' }),
  schedules: z.array(scheduleSchema).default([]),
  /** Years whose notice the bundled calendar does not know yet, or has wrong. */
  workCalendar: z.array(arrangedYear).default([]),
  /** Threads that read and judge beside the first; default: one for each further core, at most three. 0 = none. */
  workThreads: wholeNumber(0, 15).optional(),
});

/** What a key of the blind index is called that hub.yaml gives without an id. Stored rows carry it: it never changes. */
export const ONLY_INDEX_KEY = 'b1';

/** hub.yaml as written, defaults filled in, references not yet followed. */
export type WrittenHubConfig = z.output<typeof hubConfigSchema>;
export type WrittenTenant = WrittenHubConfig['tenants'][number];
export type WrittenConnection = WrittenTenant['connections'][number];
export type EgressRule = z.output<typeof egressRule>;

function isCidr(range: string): boolean {
  const [address = '', prefix = '', ...rest] = range.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
