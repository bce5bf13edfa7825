/** What becomes of deliveries, whatever their order and number: the same records as once in order, and a state that says so. */
import { createHmac } from 'node:crypto';
import { readManifest } from '../../src/connectors/http/load-manifest.js';
import { openWebhook } from '../../src/connectors/http/webhook/open-webhook.js';
import type { WebhookReceiver } from '../../src/connectors/webhook-port.js';
import type { WebhookReceived } from '../../src/domain/facts.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { AcceptWebhook } from '../../src/sync/accept-webhook.js';
import { ForgetWebhooks } from '../../src/sync/forget-webhooks.js';
import { ReadHinted } from '../../src/sync/read-hinted.js';
import { replayWebhooks } from '../../src/sync/replay-webhooks.js';
import { WebhookRefusals } from '../../src/sync/webhook-refusals.js';
import { countRefusals, listReadings } from '../../src/sync/webhooks.reader.js';
import { MemorySource, residentId } from './memory-source.js';
import { TENANT, World, wage } from './world.js';

const KEY = 'a-key-of-sixteen-and-more-bytes';
const PERSONS = 40;
const DELIVERIES = 200;
const clock = fixedClock('2023-03-20T09:00:00+08:00');

const MANIFEST = `manifest: 1
id: maple
version: 1.0.0
title: { zh: 枫叶, en: Maple }
role: payroll
baseUrl: https://hr.example.com
auth: { type: none }
reads:
  wages:
    request: { get: /people }
    rows: people
    paging: { type: none }
    owner: no
    emit: { wages: { key: [month], fields: { month: { path: m, as: month }, grossFen: { path: gross, as: fen } } } }
webhook:
  scheme: { type: hmac, secret: hook, header: X-Sig, timestamp: { header: X-Time }, id: { header: X-Id }, over: '\${id}.\${timestamp}.\${body}' }
  event: { path: type, in: [wage] }
  owners: [people.0.no, people.1.no]
  againSeconds: []
  apply: { read: wages, rows: people, version: rev }
`;

function receiverOf(text = MANIFEST): WebhookReceiver {
  const receiver = openWebhook(readManifest(text, 'm.yaml'), { config: {}, secrets: { hook: KEY } });
  if (receiver === null) throw new Error('no receiver');
  return receiver;
}

/** A payroll that can or cannot be asked for single persons, with its receiving end. */
class Inbox {
  readonly refusals: WebhookRefusals;
  readonly accept: AcceptWebhook;
  readonly hinted: ReadHinted;

  constructor(
    readonly world: World,
    readonly source: MemorySource,
    receiver: WebhookReceiver = receiverOf(),
  ) {
    world.sources = [source];
    const registry = { receiver: () => receiver };
    this.refusals = new WebhookRefusals(world.tools.database, clock, world.tools.log);
    this.accept = new AcceptWebhook(world.tools, registry, this.refusals);
    this.hinted = new ReadHinted({ tools: world.tools, registry, settings: { policyVersionOf: () => 'p1' }, clock });
  }

  static async open(targeted: boolean, receiver?: WebhookReceiver): Promise<Inbox> {
    const source = new MemorySource({
      connectionId: 'payroll',
      pageSize: 500,
      reads: [
        { name: 'employees', streams: ['persons'], targeted },
        { name: 'wages', streams: ['wages'], after: ['employees'], targeted },
      ],
    });
    for (let no = 0; no < PERSONS; no += 1) source.person(`P${no}`, residentId(no));
    return new Inbox(await World.open(), source, receiver);
  }

  async deliver(id: string, event: unknown): Promise<void> {
    const body = Buffer.from(JSON.stringify(event));
    const time = String(clock.now().getTime() / 1000);
    const signature = createHmac('sha256', KEY).update(`${id}.${time}.`).update(body).digest('hex');
    const accepted = await this.accept.accept(
      { tenantId: TENANT, connectionId: 'payroll' },
      {
        method: 'POST',
        rawQuery: '',
        headers: { 'x-id': id, 'x-time': time, 'x-sig': signature },
        body,
        now: clock.now(),
      },
    );
    expect(accepted.outcome).toBe('answered');
  }

  /** Runs what is queued, one job after another, also what would run later; returns how many. */
  async work(): Promise<number> {
    const [jobs] = await this.world.tools.database.acrossTenants((em) =>
      em.query<[{ id: string; payload: WebhookReceived }[], number]>(
        `DELETE FROM graphile_worker._private_jobs j WHERE j.payload->>'fact' = 'WebhookReceived' RETURNING j.id, j.payload`,
      ),
    );
    const ordered = jobs.sort((a, b) => Number(a.id) - Number(b.id));
    for (const { payload } of ordered) await this.hinted.onWebhookReceived(payload);
    return ordered.length;
  }

  async states(): Promise<unknown[]> {
    const readings = await this.world.tools.database.inTenant(TENANT, (em) =>
      listReadings(em, { tenantId: TENANT, connectionId: null, state: null, limit: 1000 }),
    );
    return readings.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));
  }
}

interface Change {
  readonly id: string;
  readonly no: number;
  readonly rev: number;
  readonly gross: number;
}
const changes: readonly Change[] = Array.from({ length: DELIVERIES }, (_, place) => ({
  id: `d${place}`,
  no: (place * 7) % PERSONS,
  rev: place + 1,
  gross: 1_000_000 + place,
}));
const eventOf = ({ no, rev, gross }: Change): unknown => ({
  type: 'wage',
  rev,
  people: [{ no: `P${no}`, m: '2023-02', gross }],
});
function put(source: MemorySource, { no, gross }: Change): void {
  source.forget(`P${no}`, 'wages').fact('wages', `P${no}`, wage('2023-02', gross));
}

/** Always the same disorder. */
function shuffled<T>(list: readonly T[]): T[] {
  const copy = [...list];
  let seed = 42;
  for (let at = copy.length - 1; at > 0; at -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = seed % (at + 1);
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}

it.each([
  // Each of these is a read of its own; thousands are sent by the benchmark.
  ['that can be asked for single persons', 60, true],
  ['whose events carry the rows and a version', DELIVERIES, false],
])(
  'deliveries of a source %s (%i), three times each and shuffled, leave what once in order leaves',
  async (_, count, targeted) => {
    const told = changes.slice(0, count);
    const inOrder = await Inbox.open(targeted);
    const disorder = await Inbox.open(targeted);
    try {
      for (const inbox of [inOrder, disorder]) await inbox.world.run();
      for (const change of told) {
        put(inOrder.source, change);
        await inOrder.deliver(change.id, eventOf(change));
        await inOrder.work();
      }
      for (const change of told) put(disorder.source, change);
      for (const [place, change] of shuffled([...told, ...told, ...told]).entries()) {
        await disorder.deliver(change.id, eventOf(change));
        if (place % 100 === 99) await disorder.work();
      }
      await disorder.work();
      const [left, right] = [await inOrder.world.records(), await disorder.world.records()];
      const plain = (rows: readonly Record<string, unknown>[]): unknown[] =>
        rows.map(({ person: _person, ...row }) => row);
      expect(left.filter((row) => row['stream'] === 'wages')).toHaveLength(PERSONS);
      expect(plain(right)).toEqual(plain(left));
      expect(
        await disorder.world.query(
          'SELECT count(*)::int AS deliveries, sum(repeats)::int AS repeats FROM buduan.webhook_delivery',
        ),
      ).toEqual([{ deliveries: count, repeats: 2 * count }]);
    } finally {
      await inOrder.world.close();
      await disorder.world.close();
    }
  },
);

describe('a delivery', () => {
  let inbox: Inbox;
  afterEach(() => inbox.world.close());
  const [first] = changes;
  if (first === undefined) throw new Error('no change');

  it('of a source that can neither be asked nor says enough waits for the next full run', async () => {
    inbox = await Inbox.open(false);
    await inbox.world.run();
    await inbox.deliver('a', { type: 'wage', people: [{ no: 'P1' }] });
    await inbox.work();
    expect(await inbox.states()).toEqual(['waiting: not-readable']);
  });

  it('before the first full run waits for it', async () => {
    inbox = await Inbox.open(true);
    await inbox.deliver('a', eventOf(first));
    await inbox.work();
    expect(await inbox.states()).toEqual(['waiting: no-full-run-yet']);
    await inbox.world.run();
    put(inbox.source, first);
    expect(await replayWebhooks(inbox.world.tools, { tenantId: TENANT, deliveryIds: null })).toEqual({
      persons: 1,
      unknown: [],
    });
    await inbox.work();
    expect(await inbox.states()).toEqual(['read']);
  });

  it('of an unwanted type is ignored, one that names nobody waits, one that is no event is dead', async () => {
    inbox = await Inbox.open(true);
    await inbox.deliver('a', { type: 'holiday', people: [{ no: 'P1' }] });
    await inbox.deliver('b', { type: 'wage' });
    await inbox.deliver('c', 'text');
    expect(await inbox.work()).toBe(0);
    expect((await inbox.states()).sort()).toEqual([
      'dead: not-understood',
      'ignored: unwanted-type',
      'waiting: names-nobody',
    ]);
  });

  it('about two persons is followed for each', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    put(inbox.source, first);
    await inbox.deliver('a', { type: 'wage', people: [{ no: 'P0' }, { no: 'P1' }] });
    expect(await inbox.work()).toBe(1);
    expect((await inbox.states()).sort()).toEqual(['read', 'unchanged']);
  });

  it('is read together with others that came meanwhile, each person once', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    const asked = inbox.source.requests.length;
    for (const [place, change] of changes.slice(0, 50).entries()) {
      put(inbox.source, change);
      await inbox.deliver(`d${place}`, eventOf(change));
    }
    expect(await inbox.work()).toBe(1);
    expect(new Set(await inbox.states())).toEqual(new Set(['read']));
    // One request for each of the two reads.
    expect(inbox.source.requests).toHaveLength(asked + 2);
    expect(inbox.source.requests.at(-1)?.owners).toHaveLength(PERSONS);
    expect(await inbox.world.query(`SELECT count(*)::int AS runs FROM buduan.run WHERE trigger = 'webhook'`)).toEqual([
      { runs: 1 },
    ]);
  });

  it('is answered by one read of its person together with all others about it, however many wait', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    const asked = inbox.source.requests.length;
    put(inbox.source, first);
    await inbox.deliver('a', eventOf(first));
    await inbox.world.query(
      `WITH d AS (
         INSERT INTO buduan.webhook_delivery (tenant_id, connection_id, delivery_id, event_type, body_enc, body_hash)
         SELECT d.tenant_id, d.connection_id, 'copy ' || no, d.event_type, d.body_enc, d.body_hash
           FROM buduan.webhook_delivery d, generate_series(1, 999) AS no),
       r AS (
         INSERT INTO buduan.webhook_reading (tenant_id, connection_id, delivery_id, owner_no, owner_key, state)
         SELECT r.tenant_id, r.connection_id, 'copy ' || no, r.owner_no, r.owner_key, r.state
           FROM buduan.webhook_reading r, generate_series(1, 999) AS no)
       SELECT 1`,
    );
    await inbox.work();
    expect(inbox.source.requests).toHaveLength(asked + 2);
    expect(
      await inbox.world.query('SELECT state, count(*)::int AS count FROM buduan.webhook_reading GROUP BY 1'),
    ).toEqual([{ state: 'read', count: 1000 }]);
  });

  it('about a person whom the source cannot tell of fails alone; the others of the same moment are followed', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    for (const change of changes.slice(0, 9)) {
      put(inbox.source, change);
      await inbox.deliver(change.id, eventOf(change));
    }
    inbox.source.failFor = 'P7';
    await inbox.work();
    const states = await inbox.states();
    expect(states.filter((state) => state === 'read')).toHaveLength(8);
    expect(states.filter((state) => state !== 'read')).toEqual(['failed: not-found']);
  });

  it('is read again as often as the manifest says while nothing has changed, then rests', async () => {
    inbox = await Inbox.open(true, receiverOf(MANIFEST.replace('againSeconds: []', 'againSeconds: [5, 60]')));
    await inbox.world.run();
    await inbox.deliver('a', eventOf(first));
    const worked: number[] = [];
    for (let round = 0; round < 4; round += 1) worked.push(await inbox.work());
    expect(worked).toEqual([1, 1, 1, 0]);
    expect(await inbox.world.query('SELECT looks, next_at FROM buduan.webhook_reading')).toEqual([
      { looks: 3, next_at: null },
    ]);
  });

  it('whose source is down is tried seven times more, dies, and lives again when somebody says so', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    put(inbox.source, first);
    inbox.source.failAtPage = 0;
    await inbox.deliver('a', eventOf(first));
    let worked = 0;
    for (let round = await inbox.work(); round > 0; round = await inbox.work()) worked += round;
    expect([worked, ...(await inbox.states())]).toEqual([8, 'dead: unavailable']);
    inbox.source.failAtPage = null;
    expect(await replayWebhooks(inbox.world.tools, { tenantId: TENANT, deliveryIds: ['a', 'b'] })).toEqual({
      persons: 1,
      unknown: ['b'],
    });
    await inbox.work();
    expect(await inbox.states()).toEqual(['read']);
  });

  it('that another node followed meanwhile is not followed again', async () => {
    inbox = await Inbox.open(true);
    await inbox.world.run();
    await inbox.deliver('a', eventOf(first));
    await inbox.work();
    const asked = inbox.source.requests.length;
    const fact = { fact: 'WebhookReceived', tenantId: TENANT, connectionId: 'payroll' } as const;
    await inbox.hinted.onWebhookReceived(fact);
    expect(inbox.source.requests).toHaveLength(asked);
  });

  it('with the id of another event is kept beside it', async () => {
    inbox = await Inbox.open(true);
    await inbox.deliver('a', eventOf(first));
    await inbox.deliver('a', { ...(eventOf(first) as object), rev: 99 });
    const rows = await inbox.world.query('SELECT delivery_id FROM buduan.webhook_delivery ORDER BY delivery_id');
    expect(rows.map((row) => row['delivery_id'])).toEqual(['a', expect.stringMatching(/^a#[0-9a-f]{16}$/)]);
  });

  it('that is refused is counted by reason and day, and nothing else', async () => {
    inbox = await Inbox.open(true);
    await inbox.deliver('a', eventOf(first));
    const call = { method: 'POST', rawQuery: '', headers: {}, body: Buffer.from('x'), now: clock.now() } as const;
    const endpoint = { tenantId: TENANT, connectionId: 'payroll' };
    for (let round = 0; round < 3; round += 1)
      expect(await inbox.accept.accept(endpoint, call)).toEqual({ outcome: 'refused' });
    await inbox.refusals.flush();
    await inbox.accept.accept(endpoint, call);
    await inbox.refusals.flush();
    const counts = await inbox.world.tools.database.inTenant(TENANT, (em) => countRefusals(em, TENANT));
    expect(counts).toMatchObject([{ connectionId: 'payroll', reason: 'unsigned', calls: 4 }]);
  });

  it('is forgotten when it is old and over; what is under way, died lately or was replayed is not', async () => {
    inbox = await Inbox.open(true, receiverOf(MANIFEST.replace('againSeconds: []', 'againSeconds: [60]')));
    await inbox.world.run();
    const { database, log } = inbox.world.tools;
    const ids = ['over', 'replayed', 'died', 'died-long-ago', 'under-way', 'young'];
    for (const [place, id] of ids.entries()) {
      const { [place]: change = first } = changes;
      await inbox.deliver(id, eventOf(change));
    }
    const age = (where: string, set: string): Promise<unknown> =>
      inbox.world.query(
        `WITH r AS (UPDATE buduan.webhook_reading SET ${set} WHERE ${where} RETURNING 1) SELECT count(*) FROM r`,
      );
    await age('true', `state = 'read', moved_at = now() - interval '31 days'`);
    await age(`delivery_id = 'replayed'`, `moved_at = now() - interval '3 days'`);
    await age(`delivery_id LIKE 'died%'`, `state = 'dead'`);
    await age(`delivery_id = 'died-long-ago'`, `moved_at = now() - interval '181 days'`);
    await age(`delivery_id = 'under-way'`, `state = 'failed', next_at = now()`);
    await inbox.world.query(
      `WITH d AS (UPDATE buduan.webhook_delivery SET received_at = now() - interval '200 days' WHERE delivery_id <> 'young' RETURNING 1)
       SELECT count(*) FROM d`,
    );
    await age(`delivery_id = 'young'`, `moved_at = now() - interval '31 days'`);
    const forget = new ForgetWebhooks({
      tenants: [{ tenantId: TENANT, keepDays: 30, keepDeadDays: 180 }],
      tools: { database, log },
    });
    await forget.look();
    const left = await inbox.world.query('SELECT delivery_id FROM buduan.webhook_delivery ORDER BY delivery_id');
    expect(left.map((row) => row['delivery_id'])).toEqual(['died', 'replayed', 'under-way', 'young']);
  });
});
