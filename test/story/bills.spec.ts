/** The agency's bills of a company's first night: what they charge otherwise than ordered or paid is found, and nothing else comes of it. */
import { findPerson } from '../../src/cli/find-person.js';
import { month } from '../../src/domain/month.js';
import { ExplainPerson } from '../../src/reconcile/explain-person.js';
import { empNo } from '../../src/sandbox/ids.js';
import { completeOptions } from '../../src/sandbox/options.js';
import { billsOf } from '../../src/sandbox/world/bills.js';
import { monthText } from '../../src/sandbox/world/calendar.js';
import { INSURANCES } from '../../src/sandbox/world/figures.js';
import { World } from '../../src/sandbox/world/world.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';

const EMPLOYEES = 800;

/** `index insurance month kind off` of every planted bill that says something else. */
function planted(): readonly string[] {
  const people = new World(completeOptions({ employees: EMPLOYEES, seed: 11, profile: 'demo' }));
  const found: string[] = [];
  for (let index = 0; index < EMPLOYEES; index += 1) {
    const life = people.lifeOf(index);
    for (const line of billsOf(life, people.chargedBases(life))) {
      const { insurance, month: at, state } = line;
      const kind = kindOf(life.kind);
      if (state === '未生效' || (kind === 'amount' && !line.isOff)) continue;
      found.push(`${index} ${INSURANCES[insurance]} ${monthText(at, '-')} ${kind}`);
    }
  }
  return found.sort();
}

function kindOf(kind: string): string {
  if (kind === 'back-payment-failed') return 'order-failed';
  return kind === 'stale-agency' ? 'no-order' : 'amount';
}

describe('the bills of an agency', () => {
  let world: StoryWorld;
  beforeAll(async () => {
    world = await openStoryWorld({ employees: EMPLOYEES });
  });
  afterAll(() => world.close());

  const found = async (): Promise<readonly string[]> => {
    const rows = await world.sql(
      `SELECT r.owner_key AS owner, f.insurance, f.months, f.detail FROM buduan.finding f
         JOIN LATERAL (SELECT owner_key FROM buduan.source_record r WHERE r.tenant_id = f.tenant_id AND r.person_id = f.person_id
                          AND r.connection_id = 'agency' AND r.stream = 'persons') r ON true
        WHERE f.situation IN ('billed-not-ordered', 'bill-mismatch') AND f.closed_at IS NULL`,
    );
    return rows
      .map(({ owner, insurance, months, detail }) => {
        const { kind } = (detail as { months: { kind: string }[] }).months[0] ?? {};
        return `${Number(String(owner).slice(1)) - 100_000} ${String(insurance)} ${String(months)} ${kind ?? ''}`;
      })
      .sort();
  };

  it('say nothing while they were not read to their end', async () => {
    await world.fault('agency', { fault: 'missingPage', path: '/open/v1/bills' });
    await world.run();
    await world.clearFaults();
    expect(await found()).toEqual([]);
    const reads = await world.sql(`SELECT state, reason FROM buduan.stream_run WHERE streams = '{bills}'`);
    expect(reads).toEqual([{ state: 'incomplete', reason: 'total-mismatch' }]);
  });

  it('open a finding for exactly what was planted, and no correction', async () => {
    const second = await world.run();
    expect(await found()).toEqual(planted());
    for (const kind of ['order-failed', 'no-order', 'amount']) expect(planted().join()).toContain(kind);
    expect(second.sent).toBe(0);
    expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('keep what they said, to the fen, when they cannot be read again, and change nothing by being read again', async () => {
    await world.fault('agency', { fault: 'missingPage', path: '/open/v1/bills' });
    expect(await world.run()).toMatchObject({ sent: 0 });
    await world.clearFaults();
    expect(await found()).toEqual(planted());
    expect(await world.run()).toMatchObject({ sent: 0 });
    expect(await found()).toEqual(planted());
    expect((await world.run()).judged).toBe(0);
    const closed = await world.sql(
      `SELECT count(*)::int AS count FROM buduan.finding WHERE situation LIKE 'bill%' AND closed_at IS NOT NULL`,
    );
    expect(closed).toEqual([{ count: 0 }]);
  });

  it('stand with both figures in the finding, and as a source in the explanation', async () => {
    const [index = '', insurance = '', at = ''] =
      planted()
        .find((each) => each.endsWith('amount'))
        ?.split(' ') ?? [];
    const { personId } = await findPerson(world.hub, world.tenant.id, `payroll:${empNo(Number(index))}`);
    const [row] = await world.sql(
      `SELECT detail FROM buduan.finding WHERE person_id = '${personId}' AND insurance = '${insurance}' AND situation = 'bill-mismatch'`,
    );
    const [evidence] = (row?.['detail'] as { months: Record<string, never>[] }).months;
    const { charged, expected } = evidence?.['bill'] as unknown as Record<string, Record<string, number>>;
    expect(charged?.['employeeFen']).toBe(expected?.['employeeFen']);
    expect([7, -3]).toContain(Number(charged?.['employerFen']) - Number(expected?.['employerFen']));
    const words = evidence?.['words'] as unknown as { readonly stream: string }[];
    expect(words.map(({ stream }) => stream)).toEqual(expect.arrayContaining(['orders', 'bills']));
    const explained = await world.hub.app
      .get(ExplainPerson)
      .explain({ tenantId: world.tenant.id, personId, month: month(at), asOf: null });
    expect(explained.text.en.join('\n')).toMatch(
      /agency M\d+: bill ZD2\d{5} of 20\d\d-\d\d (reconciled|closed), amount/,
    );
  });

  it('leave every order as it is until the bureau shows its months', async () => {
    const rows = await world.sql(
      `SELECT DISTINCT desired->>'orderState' AS to, state FROM buduan.operation WHERE kind = 'order-state'`,
    );
    expect(rows).toEqual([{ to: 'done', state: 'verified' }]);
    const sent = await world.sql(`SELECT count(*)::int AS count FROM buduan.operation WHERE kind = 'back-payment'`);
    expect(sent).toEqual([{ count: 0 }]);
  });
});
