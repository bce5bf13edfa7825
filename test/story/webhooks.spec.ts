/** A source says that something changed: the person is read again, judged, and every other system corrected; and nothing of it happens twice. */
import { randomBytes } from 'node:crypto';
import { countMoving } from '../../src/push/operations.reader.js';
import { signedCall, type SignedCall } from '../../src/sandbox/webhooks.js';
import type { WriteSystem } from '../../src/sandbox/ledger.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';

const LOOKS_SECONDS = 20;

interface Truth {
  readonly index: number;
  readonly untouchable: string | null;
  readonly status: string;
  readonly gaps: Readonly<Record<string, readonly string[]>>;
  readonly ids: Readonly<Record<WriteSystem, string | null>>;
}

describe('a call of a source', () => {
  let world: StoryWorld;
  beforeAll(async () => {
    world = await openStoryWorld({ employees: 120, serves: true });
    await world.run();
    await world.run();
  }, 120_000);
  afterAll(() => world.close());

  const send = async ({ path, headers, body }: SignedCall, tenant = 'company-a'): Promise<Response> =>
    fetch(`${world.url}/webhooks/${tenant}${path}`, { method: 'POST', headers, body });
  const fresh = (system: WriteSystem, index: number, id = `d-${randomBytes(4).toString('hex')}`): SignedCall =>
    signedCall(system, index, { id, now: Date.now() });

  /** Looks until it is so, as a person would who waits for it. */
  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (const end = Date.now() + LOOKS_SECONDS * 1000; ;) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > end) throw new Error(`It was not so within ${LOOKS_SECONDS} s.`);
      await world.sql('SELECT pg_sleep(0.02)');
    }
  }
  const settled = (id: string): Promise<Record<string, unknown>> =>
    until(async () => {
      const [row] = await world.sql(
        `SELECT r.state, r.reason, r.looks, r.next_at IS NULL AS "isOver", d.repeats FROM buduan.webhook_reading r
         JOIN buduan.webhook_delivery d USING (tenant_id, connection_id, delivery_id) WHERE r.delivery_id = '${id}'`,
      );
      return row === undefined || row['state'] === 'received' ? null : row;
    });
  const quiet = (): Promise<true> =>
    until(async () => {
      const [jobs] = await world.hub.database.acrossTenants((em) =>
        em.query<{ left: number }[]>(
          `SELECT count(*)::int AS left FROM graphile_worker._private_jobs j WHERE j.run_at <= now()`,
        ),
      );
      const moving = await world.hub.database.inTenant('company-a', (em) => countMoving(em, 'company-a', 1));
      return jobs?.left === 0 && moving === 0 ? true : null;
    });
  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${world.sandbox.control}/_sandbox/${path}`)).json()) as T;
  const inbox = (): Promise<Record<string, unknown>[]> =>
    world.sql('SELECT count(*)::int AS deliveries FROM buduan.webhook_delivery');
  const writes = async (): Promise<number> => (await ask<{ total: number }>('history')).total;

  interface Payments {
    readonly index: number;
    readonly postings: readonly Readonly<Record<string, string>>[];
  }

  /** Somebody whose status turns to insured when what is missing gets paid. */
  async function someoneWithGaps(): Promise<Payments> {
    const { employees } = await ask<{ employees: Truth[] }>('truth?limit=120');
    const [found] = employees
      .filter(({ ids, status, untouchable }) => status === 'gap' && ids.attendance !== null && untouchable === null)
      .map(({ index, gaps }) => ({
        index,
        postings: Object.entries(gaps).flatMap(([insurance, months]) => months.map((month) => ({ insurance, month }))),
      }))
      .filter(({ postings }) => postings.length > 0);
    if (found === undefined) throw new Error('nobody in the sandbox has a gap');
    return found;
  }
  const listen = async (to: string | null): Promise<void> =>
    void (await fetch(`${world.sandbox.control}/_sandbox/webhooks`, { method: 'POST', body: JSON.stringify({ to }) }));
  /** Only the last payment is told. */
  async function pay({ index, postings }: Payments, to: string | null): Promise<void> {
    await listen(null);
    for (const [place, posting] of postings.entries()) {
      if (place === postings.length - 1) await listen(to);
      await world.change({ index, posting });
    }
  }

  it('about a payment brings the new status to every other system', async () => {
    const person = await someoneWithGaps();
    const { index } = person;
    const before = await ask<Truth>(`truth?index=${index}`);
    const wrote = await writes();
    await pay(person, `${world.url}/webhooks/company-a`);
    const [delivery] = await until(async () => {
      const rows = await world.sql(`SELECT delivery_id FROM buduan.webhook_delivery WHERE connection_id = 'bureau'`);
      return rows.length === 0 ? null : rows;
    });
    expect(await settled(String(delivery?.['delivery_id']))).toMatchObject({ state: 'read', isOver: true });
    await until(async () => ((await writes()) > wrote ? true : null));
    await quiet();
    const after = await ask<Truth>(`truth?index=${index}`);
    expect([before.status, after.status]).toEqual(['gap', 'insured']);
    const report = await world.report();
    expect({
      missing: report.missing,
      wrong: report.wrong,
      extra: report.extra,
      duplicated: report.duplicated,
    }).toEqual({
      missing: 0,
      wrong: 0,
      extra: 0,
      duplicated: 0,
    });
    expect(await ask('webhooks')).toMatchObject({ sent: 1, accepted: 1, refused: 0, failed: 0 });
  });

  it('sent three times is stored once, counted, and followed once', async () => {
    const call = fresh('payroll', 5, 'three-times');
    expect(await Promise.all([send(call), send(call), send(call)].map(async (reply) => (await reply).status))).toEqual([
      200, 200, 200,
    ]);
    expect(await settled('three-times')).toMatchObject({ state: 'unchanged', repeats: 2, looks: 1 });
    expect(
      await world.sql(`SELECT count(*)::int AS runs FROM buduan.run WHERE trigger = 'webhook' AND stats = '{}'`),
    ).toEqual([{ runs: 0 }]);
  });

  it('sealed in the manner of DingTalk is answered with a sealed "success"', async () => {
    const { employees } = await ask<{ employees: Truth[] }>('truth?limit=120');
    const index = employees.findLast(({ ids, status }) => ids.attendance !== null && status === 'insured')?.index ?? 0;
    const reply = await send(fresh('attendance', index, 'ding-1'));
    expect([reply.status, Object.keys((await reply.json()) as object).sort()]).toEqual([
      200,
      ['encrypt', 'msg_signature', 'nonce', 'timeStamp'],
    ]);
    expect(await settled('ding-1')).toMatchObject({ state: 'unchanged' });
  });

  it('that comes before its source has committed is read again later and then found; the same call again and our own echo change nothing', async () => {
    const person = await someoneWithGaps();
    const { index } = person;
    const call = fresh('bureau', index, 'too-early');
    expect((await send(call)).status).toBe(200);
    expect(await settled('too-early')).toMatchObject({ state: 'unchanged', isOver: false, looks: 1 });
    await pay(person, null);
    // The clock is moved on instead of waiting five seconds.
    await world.sql('UPDATE buduan.webhook_reading SET next_at = now() WHERE next_at IS NOT NULL');
    await world.hub.database.acrossTenants((em) =>
      em.query(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now() AND locked_at IS NULL`),
    );
    await until(async () => ((await settled('too-early'))['state'] === 'read' ? true : null));
    await quiet();
    expect((await world.report()).missing).toBe(0);
    const wrote = await writes();
    // The same call once more changes nothing.
    expect((await send(call)).status).toBe(200);
    expect(await settled('too-early')).toMatchObject({ state: 'read', repeats: 1, looks: 1 });
    // The status we wrote makes payroll call in turn: nothing is left to say.
    expect((await send(fresh('payroll', index, 'echo'))).status).toBe(200);
    await settled('echo');
    await quiet();
    expect(await writes()).toBe(wrote);
  });

  it('that is forged, altered, stale, unsigned or for nobody here is refused in one shape and leaves nothing but a count', async () => {
    const before = await inbox();
    const good = fresh('bureau', 1);
    const bad: readonly (readonly [SignedCall, string?])[] = [
      [{ ...good, headers: { ...good.headers, 'webhook-signature': 'v1,AAAA' } }],
      [{ ...good, body: good.body.replace('3', '4') }],
      [signedCall('bureau', 1, { id: 'old', now: Date.now() - 301_000 })],
      [{ ...good, headers: { 'content-type': 'application/json' } }],
      [{ ...good, headers: {}, body: '' }],
      [{ ...good, headers: { ...good.headers, 'content-type': 'text/xml' }, body: '<xml/>' }],
      [good, 'company-b'],
      [{ ...good, path: '/nowhere' }],
      [{ ...good, path: '/payroll' }],
    ];
    const shapes = new Set<string>();
    for (const [call, tenant] of bad) {
      const reply = await send(call, tenant);
      shapes.add(JSON.stringify([reply.status, await reply.json()]));
    }
    expect([...shapes]).toEqual([expect.stringMatching(/^\[401,\{"code":"webhook-refused",/)]);
    expect((await fetch(`${world.url}/webhooks/company-a/bureau`)).status).toBe(401);
    expect(await inbox()).toEqual(before);
    expect(world.logged()).not.toContain('webhook_delivery');
  });

  it('that is larger than its connection allows is refused before it is looked at', async () => {
    const before = await inbox();
    const huge = fresh('bureau', 1);
    expect((await send({ ...huge, body: 'x'.repeat(262_145) })).status).toBe(413);
    expect((await send({ ...huge, body: 'x'.repeat(1_048_577) })).status).toBe(413);
    expect(await inbox()).toEqual(before);
  });

  it('is kept sealed: no body, no key of a person in the clear where jobs wait', async () => {
    await world.hub.rest();
    await send(fresh('payroll', 7, 'sealed'));
    const rows = await world.sql(
      `SELECT encode(body_enc, 'escape') AS body FROM buduan.webhook_delivery WHERE delivery_id = 'sealed'`,
    );
    const jobs = await world.hub.database.acrossTenants((em) =>
      em.query<object[]>(`SELECT j.payload, q.queue_name FROM graphile_worker._private_jobs j
        LEFT JOIN graphile_worker._private_job_queues q ON q.id = j.job_queue_id WHERE j.payload->>'fact' = 'WebhookReceived' AND j.run_at <= now()`),
    );
    expect(jobs).toHaveLength(1);
    expect(JSON.stringify([rows, jobs])).not.toContain('E000008');
  });
});
