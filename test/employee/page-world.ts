/** A serving hub in March 2023 with Li's case, and keys of two people of HR, for tests of the employee's page. */
import { createHash } from 'node:crypto';
import { CASE_STATES } from '../../src/backpay/case-states.js';
import { listCases } from '../../src/backpay/cases.reader.js';
import { DecideCases } from '../../src/backpay/decide-cases.js';
import { ProposeCases } from '../../src/backpay/propose-cases.js';
import { findPerson } from '../../src/cli/find-person.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { empNo } from '../../src/sandbox/ids.js';
import { AS_OF, openStoryWorld, type StoryWorld } from '../story/story-world.js';

const LI = 0;

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface PageWorld {
  readonly story: StoryWorld;
  readonly personId: string;
  /** The second factor. */
  readonly lastFour: string;
  /** A POST under /api with the key of HR or of the checker; the parsed answer. */
  post(
    path: string,
    by: 'wang.hr' | 'chen.checker',
    body?: object,
  ): Promise<{ status: number; body: Record<string, string> }>;
  /** The page of a link, as a path of this hub. */
  linkPath(path: string): Promise<{ readonly path: string; readonly linkId: string }>;
  /** A request of a browser without any script: forms are sent as browsers do. */
  browse(path: string, options?: { readonly form?: Record<string, string>; readonly cookie?: string }): Promise<Reply>;
  /** Through the second factor; the cookie. */
  enter(path: string): Promise<string>;
  /** Ends whatever stands and proposes Li's months anew. */
  freshCase(): Promise<string>;
  /** Ends whatever stands. */
  withdrawAll(): Promise<void>;
  close(): Promise<void>;
}

export async function openPageWorld(): Promise<PageWorld> {
  const story = await openStoryWorld({ serves: true, employees: 60, today: () => AS_OF });
  await story.run();
  const { app, database } = story.hub;
  const tenant = story.tenant;
  const { personId, idMasked } = await findPerson(story.hub, tenant.id, `payroll:${empNo(LI)}`);
  const lastFour = idMasked.slice(-4);
  const key = async (name: string, scope: 'hr' | 'checker'): Promise<string> =>
    (await app.get(ApiKeys).create({ tenant, name, scopes: [scope], days: 1, by: 'test' })).key;
  const keys = { 'wang.hr': await key('wang.hr', 'hr'), 'chen.checker': await key('chen.checker', 'checker') };
  const post: PageWorld['post'] = async (path, by, body = {}) => {
    const reply = await fetch(`${story.url}/api/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys[by]}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, string> };
  };
  const browse: PageWorld['browse'] = async (path, { form, cookie } = {}) => {
    const reply = await fetch(`${story.url}${path}`, {
      redirect: 'manual',
      headers: cookie === undefined ? {} : { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    return { status: reply.status, text: await reply.text(), headers: reply.headers };
  };
  const act = { tenantId: tenant.id, actor: 'wang.hr', today: AS_OF };
  const withdrawAll = async (): Promise<void> => {
    const filter = { tenantId: tenant.id, personId, today: AS_OF, states: CASE_STATES, limit: 100 };
    for (const { caseId } of await database.inTenant(tenant.id, (em) => listCases(em, filter)))
      await app.get(DecideCases).withdraw({ caseId, act });
  };
  return {
    ...{ story, personId, lastFour, post, browse },
    linkPath: async (path) => {
      const { status, body } = await post(path, 'wang.hr');
      if (status !== 200) throw new Error(JSON.stringify(body));
      return { path: new URL(body['link'] ?? '').pathname, linkId: body['linkId'] ?? '' };
    },
    enter: async (path) => {
      const { status, headers } = await browse(`${path}/open`, { form: { factor: lastFour } });
      if (status !== 303) throw new Error(`the second factor was refused: ${status}`);
      return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    withdrawAll,
    freshCase: async () => {
      await withdrawAll();
      const outcome = await app.get(ProposeCases).propose({ personId, origin: 'hr', act, only: null });
      const [caseId] = outcome.outcome === 'proposed' ? outcome.made : [];
      if (caseId === undefined) throw new Error(JSON.stringify(outcome));
      return caseId;
    },
    close: () => story.close(),
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The value of a hidden field of a page. */
export function hidden(page: string, name: string): string {
  return new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(page)?.[1] ?? '';
}
