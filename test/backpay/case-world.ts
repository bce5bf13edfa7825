/** The whole hub behind HTTP with its sandbox, in a year of its own: cases are asked, signed and paid as people and offices would. */
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseEventView, CaseSummary, CaseView } from '../../src/backpay/cases.reader.js';
import type { CaseTask } from '../../src/backpay/case-tasks.reader.js';
import { findPerson } from '../../src/cli/find-person.js';
import { runPerson } from '../../src/cli/run-persons.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { day, type Day } from '../../src/domain/month.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { revealIdentity } from '../../src/sync/reveal-identity.js';
import { countMoving } from '../../src/push/operations.reader.js';
import { empNo } from '../../src/sandbox/ids.js';
import { AS_OF, openStoryWorld, type StoryOptions, type StoryWorld } from '../story/story-world.js';

const OVERLAY = fileURLToPath(new URL('../../examples/overlays/company-a.yaml', import.meta.url));
const LOOKS_SECONDS = 30;

export interface Offices {
  readonly applications: readonly {
    readonly index: number;
    readonly system: string;
    readonly lines: readonly { readonly state: string }[];
  }[];
  readonly paidTwice: number;
  readonly payments: number;
}

export interface Truth {
  readonly status: string;
  readonly gaps: Readonly<Record<string, readonly string[]>>;
  readonly jobs: readonly { readonly hiredOn: string }[];
}

export interface CaseWorld {
  readonly story: StoryWorld;
  /** The day it is for the hub's deadlines. */
  setToday(to: string): void;
  cases(query?: string): Promise<readonly CaseSummary[]>;
  show(caseId: string): Promise<CaseView>;
  history(caseId: string): Promise<readonly CaseEventView[]>;
  /** Status and body of a POST below /api, with the key of `by`; who speaks for an employee has one of his own. */
  post(
    path: string,
    body: { readonly by?: string; readonly [field: string]: unknown },
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** A paper, as its bytes, with the key of Wang. */
  attach(
    path: string,
    paper: { readonly type: string; readonly bytes: Uint8Array },
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** What is carried to an office by a person, with the key of Wang. */
  tasks(): Promise<readonly CaseTask[]>;
  /** The case of employee `index` of the sandbox. */
  caseOf(index: number): Promise<CaseView>;
  /** Proposed → approved by Wang, the employee and Chen. */
  sign(caseId: string): Promise<CaseView>;
  offices(): Promise<Offices>;
  steer(habits: object): Promise<void>;
  /** The offices work until then. */
  officeDay(to: string): Promise<void>;
  /** Reads the employee again everywhere, and waits until nothing moves. */
  read(index: number, asOf?: string): Promise<void>;
  /** Waits until no job is left and nothing moves by itself. */
  quiet(): Promise<void>;
  /** What `look` finds at last; null = not yet. Gives up after 30 s. */
  until<T>(look: () => Promise<T | null>): Promise<T>;
  personId(index: number): Promise<string>;
  /** What is so, whatever the systems show. */
  truth(index: number): Promise<Truth>;
  identity(index: number): Promise<string>;
  close(): Promise<void>;
}

/** `everybody`: the tenant's rule of 15 days after hiring is lifted, so that more than the newly hired may apply. */
export async function openCaseWorld(options: StoryOptions & { readonly everybody?: boolean } = {}): Promise<CaseWorld> {
  let today: Day = AS_OF;
  const folder = mkdtempSync(join(tmpdir(), 'buduan-cases-'));
  const overlay = join(folder, 'overlay.yaml');
  writeFileSync(
    overlay,
    readFileSync(OVERLAY, 'utf8').replaceAll("{ value: '15', unit: days", "{ value: '3650', unit: days"),
  );
  const story = await openStoryWorld({
    serves: true,
    today: () => today,
    ...options,
    ...(options.everybody === true
      ? { tenant: (tenant) => ({ ...(options.tenant?.(tenant) ?? tenant), overlay }) }
      : {}),
  });
  const ask = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${story.url}/api/${path}`);
    if (!reply.ok) throw new Error(`GET ${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  const keys = new Map<string, Promise<string>>();
  const keyOf = (name: string): Promise<string> => {
    const made = keys.get(name) ?? makeKey(story, name);
    keys.set(name, made);
    return made;
  };
  const post: CaseWorld['post'] = async (path, { by = 'Wang', ...body }) => {
    const reply = await fetch(`${story.url}/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await keyOf(nameOf(by))}` },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const office = (path: string, body: object): Promise<Response> =>
    fetch(`${story.sandbox.control}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const personId = async (index: number): Promise<string> =>
    (await findPerson(story.hub, story.tenant.id, `payroll:${empNo(index)}`)).personId;
  const show = (caseId: string): Promise<CaseView> => ask(`cases/${caseId}`);
  const quiet = async (): Promise<void> => {
    for (const end = Date.now() + LOOKS_SECONDS * 1000; ;) {
      const [jobs] = await story.hub.database.acrossTenants((em) =>
        em.query<{ left: number }[]>(
          `SELECT count(*)::int AS left FROM graphile_worker._private_jobs j WHERE j.run_at <= now() AND j.attempts < j.max_attempts`,
        ),
      );
      const moving = await story.hub.database.inTenant(story.tenant.id, (em) => countMoving(em, story.tenant.id, 1));
      if (jobs?.left === 0 && moving === 0) return;
      if (Date.now() > end) throw new Error(`Something still moved after ${LOOKS_SECONDS} s.`);
      await story.sql('SELECT pg_sleep(0.02)');
    }
  };
  const cases: CaseWorld['cases'] = async (query = '') =>
    (await ask<{ cases: readonly CaseSummary[] }>(`cases?limit=1000${query}`)).cases;
  return {
    story,
    cases,
    show,
    post,
    attach: async (path, { type, bytes }) => {
      const headers = { 'content-type': type, authorization: `Bearer ${await keyOf('wang')}` };
      const body = new Uint8Array(bytes);
      const reply = await fetch(`${story.url}/api/${path}`, { method: 'POST', headers, body });
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
    },
    tasks: async () => (await ask<{ tasks: readonly CaseTask[] }>('case-tasks')).tasks,
    quiet,
    until: (look) => until(story, look),
    personId,
    truth: async (index) =>
      (await (await fetch(`${story.sandbox.control}/_sandbox/truth?index=${index}`)).json()) as Truth,
    identity: async (index) => {
      const { database, app } = story.hub;
      const asked = { tenantId: story.tenant.id, personId: await personId(index), actor: 'test', reason: 'test' };
      return (await revealIdentity({ database, vault: app.get(IdentityVault) }, asked)).idNumber;
    },
    setToday: (to) => void (today = day(to)),
    history: async (caseId) => (await ask<{ events: readonly CaseEventView[] }>(`cases/${caseId}/history`)).events,
    caseOf: async (index) => {
      const found = (await cases(`&person=${await personId(index)}`)).at(-1);
      if (found === undefined) throw new Error(`employee ${index} has no case`);
      return show(found.caseId);
    },
    sign: async (caseId) => {
      const { hash, personId: who } = await show(caseId);
      await post(`cases/${caseId}/ask`, { by: 'Wang' });
      await post(`cases/${caseId}/confirm`, { by: `employee:${who}`, hash });
      const approved = await post(`cases/${caseId}/approve`, { by: 'Chen', hash, acceptsUnverified: true });
      if (approved.status !== 200) throw new Error(JSON.stringify(approved.body));
      await quiet();
      return show(caseId);
    },
    offices: async () => (await (await fetch(`${story.sandbox.control}/_sandbox/back-payments`)).json()) as Offices,
    steer: async (habits) => void (await office('back-payments', habits)),
    officeDay: async (to) => void (await office('day', { day: to })),
    read: async (index, asOf = today) => {
      const request = { connectionId: null, asOf: day(asOf), startedBy: 'Lin' };
      await runPerson(story.hub, { tenant: story.tenant, personId: await personId(index), ...request });
      await quiet();
    },
    close: async () => {
      await story.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function nameOf(by: string): string {
  return by.startsWith('employee:') ? 'for-employee' : by.toLowerCase();
}

async function makeKey({ hub, tenant }: StoryWorld, name: string): Promise<string> {
  return (await hub.app.get(ApiKeys).create({ tenant, name, scopes: ['hr', 'checker'], days: 1, by: 'test' })).key;
}

async function until<T>(story: CaseWorld['story'], look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await look();
    if (found !== null) return found;
    await story.sql('SELECT pg_sleep(0.02)');
  }
  throw new Error('It was not so within 30 s.');
}
