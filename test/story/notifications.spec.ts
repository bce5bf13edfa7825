/** A night that ends with somebody being told: what the run found, and that it is complete, in events without a word about persons. */
import { Webhook } from 'standardwebhooks';
import { CaseDeadlines } from '../../src/backpay/case-deadlines.js';
import { DecideCases } from '../../src/backpay/decide-cases.js';
import { addDays } from '../../src/domain/month.js';
import { countFindings } from '../../src/reconcile/findings.reader.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { readOwners } from '../../src/sync/persons.reader.js';
import { employeeAddress } from '../../src/cli/employee-address.js';
import { sendJson, serveHttp, type WireServer } from '../connectors/wire-server.js';
import { webhook } from '../notify/notify-world.js';
import { AS_OF, openStoryWorld, type StoryWorld } from './story-world.js';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** What there is to tell, by the history of the cases. */
const MOVES = `SELECT e.case_id || ' case.' || CASE e.kind WHEN 'moved' THEN e.to_state WHEN 'reminder' THEN 'answer-due' ELSE 'application-due' END AS told
  FROM buduan.case_event e WHERE e.kind IN ('moved', 'reminder', 'escalated')`;

interface Told {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe('a run of a tenant with a webhook', () => {
  let world: StoryWorld;
  let receiver: WireServer;
  beforeAll(async () => {
    receiver = await serveHttp((_request, response) => sendJson(response, {}));
    const notify = [webhook(receiver.baseUrl, { secrets: [new Secret(SECRET)] })];
    world = await openStoryWorld({ employees: 60, today: () => AS_OF, tenant: (tenant) => ({ ...tenant, notify }) });
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  const told = (): Told[] =>
    receiver.seen.map(
      ({ body, headers }) => new Webhook(SECRET).verify(body, headers as Record<string, string>) as Told,
    );

  /** What there is, as soon as there is something. */
  async function until(look: () => Promise<Record<string, unknown>[]>): Promise<Record<string, unknown>[]> {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      const found = await look();
      if (found.length > 0) return found;
      await world.sql('SELECT pg_sleep(0.02)');
    }
    throw new Error('It was not so within 20 s.');
  }

  it('has told its findings and its end when it returns, once and with ids only', async () => {
    await world.run();
    const counts = await world.hub.database.inTenant(world.tenant.id, (em) => countFindings(em, world.tenant.id));
    const events = told().filter(({ type }) => !type.startsWith('case.'));
    expect(events.map(({ type }) => type).sort()).toEqual(['finding.opened', 'run.completed']);
    expect(events.find(({ type }) => type === 'finding.opened')?.data).toMatchObject({
      findings: counts.reduce((sum, { findings }) => sum + findings, 0),
      bySituation: Object.fromEntries(counts.map(({ situation, findings }) => [situation, findings])),
    });
    const bodies = receiver.seen.map(({ body }) => body).join('');
    expect(bodies).not.toMatch(/[\u4e00-\u9fff]|\d{17}[\dX]|1[3-9]\d{9}/);
    expect(bodies).not.toMatch(/wage|gross|fen"|amount/i);
  });

  it('and every move of its cases: each once, signed, with ids only', async () => {
    const act = { tenantId: world.tenant.id, actor: 'Wang', today: AS_OF };
    const proposed = await until(async () =>
      world.sql(`SELECT case_id AS id FROM buduan.back_payment_case WHERE state = 'proposed' LIMIT 1`),
    );
    const caseId = String(proposed[0]?.['id']);
    expect(await world.hub.app.get(DecideCases).ask({ caseId, act })).toMatchObject({ state: 'awaiting-employee' });
    const reminded = { ...act, today: addDays(AS_OF, 1) };
    await world.hub.app.get(CaseDeadlines).tick(act.tenantId, reminded.today);
    const moves = await until(async () => {
      const rows = await world.sql(MOVES);
      return told().filter(({ type }) => type.startsWith('case.')).length >= rows.length ? rows : [];
    });
    const cases = told().filter(({ type }) => type.startsWith('case.'));
    expect(cases.map(({ type, data }) => [data['caseId'], type].join(' ')).sort()).toEqual(
      moves.map(({ told: each }) => each).sort(),
    );
    expect(cases.find(({ data }) => data['caseId'] === caseId && data['to'] === 'awaiting-employee')?.data).toEqual({
      ...{ tenantId: act.tenantId, caseId, personId: expect.any(String), from: 'proposed', to: 'awaiting-employee' },
    });
    expect(cases.map(({ type }) => type)).toContain('case.answer-due');
    const ids = receiver.seen.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(receiver.seen.map(({ body }) => body).join('')).not.toMatch(
      /[\u4e00-\u9fff]|\d{17}[\dX]|fen"|amount|reason":"/i,
    );
  }, 40_000);

  it('in which nothing moved tells that it is complete and nothing else', async () => {
    const before = receiver.seen.length;
    await world.run();
    const events = told().slice(before);
    expect(events.map(({ type }) => type).filter((type) => type.startsWith('finding.opened'))).toEqual([]);
    expect(events.map(({ type }) => type)).toContain('run.completed');
  });

  it('finds an employee under the key that a connection has for them, and nobody under one that has none', async () => {
    const [person] = await world.sql(
      `SELECT person_id AS id, owner_key AS key FROM buduan.source_record WHERE stream = 'persons' AND connection_id = 'attendance' ORDER BY owner_key LIMIT 1`,
    );
    const asked = { tenantId: world.tenant.id, personId: String(person?.['id']) };
    const rule = { connection: 'attendance', prefix: 'm-', suffix: '@example.com', file: undefined };
    await world.hub.database.inTenant(world.tenant.id, async (em) => {
      expect(await readOwners(em, asked.tenantId, asked.personId)).toContainEqual({
        ...{ connectionId: 'attendance', ownerKey: person?.['key'] },
      });
      expect(await employeeAddress(em, { ...asked, rule })).toBe(`m-${String(person?.['key'])}@example.com`);
      expect(await employeeAddress(em, { ...asked, rule: { ...rule, connection: 'nowhere' } })).toBeNull();
    });
  });
});
