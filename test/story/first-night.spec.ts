import { ExplainPerson } from '../../src/reconcile/explain-person.js';
import { findPerson } from '../../src/cli/find-person.js';
import { liOf } from '../../src/cli/demo/demo-text.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';

describe('the first night of a company', () => {
  let world: StoryWorld;
  beforeAll(async () => {
    world = await openStoryWorld({ employees: 800 });
  });
  afterAll(() => world.close());

  it('shows the plan and sends nothing in a dry run', async () => {
    const dry = await world.run({ dryRun: true });
    expect(dry).toMatchObject({ state: 'succeeded', sent: 0, exitCode: 0 });
    expect(Object.keys(dry.plan).sort()).toEqual(['agency', 'attendance', 'bureau', 'payroll']);
    const report = await world.report();
    expect(report.missing).toBe(report.expected);
    const planned = Object.values(dry.plan)
      .flatMap((kinds) => Object.values(kinds))
      .reduce((sum, count) => sum + count, 0);
    expect(planned).toBe(report.expected);
  });

  it('corrects every system exactly as the truth says', async () => {
    const run = await world.run();
    expect(run).toMatchObject({ state: 'succeeded', exitCode: 0 });
    const { expected, ok, missing, wrong, extra, duplicated, samples } = await world.report();
    expect({ missing, wrong, extra, duplicated, samples }).toEqual({
      missing: 0,
      wrong: 0,
      extra: 0,
      duplicated: 0,
      samples: [],
    });
    expect(ok).toBe(expected);
    expect(run.sent).toBe(expected);
  });

  it('opens findings of every kind that was planted', async () => {
    const rows = await world.sql('SELECT DISTINCT situation FROM buduan.finding WHERE closed_at IS NULL ORDER BY 1');
    expect(rows.map((row) => row['situation'])).toEqual([
      'amount-mismatch',
      'base-mismatch',
      'bill-mismatch',
      'billed-not-ordered',
      'conflict',
      'double-coverage',
      'gap',
      'gap-before-hire',
      'gap-suspected',
      'paid-not-due',
      'withheld-not-remitted',
    ]);
  });

  it('tells HR about Li: his gap, his figures to the fen, his last day', async () => {
    const person = await findPerson(world.hub, world.tenant.id, 'payroll:E000001');
    const explanation = await world.hub.app
      .get(ExplainPerson)
      .explain({ tenantId: world.tenant.id, personId: person.personId, month: null, asOf: null });
    const li = liOf(explanation);
    expect(li.status).toBe('gap');
    expect(li.situations).toEqual(['gap-before-hire']);
    expect(li.employeeYuan).toMatchObject({ pension: '1440.00', medical: '360.00', pensionAndMedical: '1800.00' });
    expect(li.applyBy).toBe('2023-03-21');
    expect(li.advice.zh[0]).toContain('断缴风险');
  });

  it('sends nothing the second time, and verifies by what it reads', async () => {
    const second = await world.run();
    expect(second.sent).toBe(0);
    expect(second.judged).toBeLessThan(second.persons / 2);
    const rows = await world.sql(`SELECT state, count(*)::int AS count FROM buduan.operation GROUP BY state`);
    expect(rows.map((row) => row['state'])).toEqual(['verified']);
  });

  it('judges nobody again when nothing has changed at all', async () => {
    expect((await world.run()).judged).toBe(0);
  });

  it('corrects one person when payroll drifts away', async () => {
    await world.change({ index: shenzhenEmployee(await world.sql(SHENZHEN)), system: 'payroll', status: 'stopped' });
    const run = await world.run();
    expect(run).toMatchObject({ sent: 1, corrections: { payroll: { status: 1 } } });
    expect((await world.report()).missing).toBe(0);
  });

  it('closes a gap by data: the bureau posts the month, the status turns to insured everywhere', async () => {
    for (const insurance of ['pension', 'medical', 'unemployment'])
      await world.change({ index: 0, posting: { month: '202301', insurance } });
    await world.run();
    const person = await findPerson(world.hub, world.tenant.id, 'payroll:E000001');
    const [judgement] = await world.sql(`SELECT status FROM buduan.judgement WHERE person_id = '${person.personId}'`);
    expect(judgement?.['status']).toBe('insured');
    const open = await world.sql(
      `SELECT 1 FROM buduan.finding WHERE closed_at IS NULL AND person_id = '${person.personId}'`,
    );
    expect(open).toEqual([]);
    const { missing, wrong, extra, duplicated } = await world.report();
    expect({ missing, wrong, extra, duplicated }).toEqual({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('recalculates a base when a wage changes, where the rule lets it count at once', async () => {
    const before = await world.sql(`SELECT count(*)::int AS count FROM buduan.operation WHERE kind = 'bases'`);
    await world.change({ index: shenzhenEmployee(await world.sql(SHENZHEN)), wageMonth: '202302', gross: '21000.00' });
    const run = await world.run();
    expect(run.corrections).toMatchObject({ payroll: { bases: 1 } });
    expect(run.corrections['bureau']?.['declaration']).toBeGreaterThanOrEqual(1);
    const after = await world.sql(`SELECT count(*)::int AS count FROM buduan.operation WHERE kind = 'bases'`);
    expect(Number(after[0]?.['count'])).toBe(Number(before[0]?.['count']) + 1);
    expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('keeps identity numbers, secrets and names out of every log line', async () => {
    const numbers = await fetch(`${world.sandbox.control}/_sandbox/truth?from=0&limit=50`).then((reply) =>
      reply.text(),
    );
    const logged = world.logged();
    const found = [...new Set(numbers.match(/\b\d{17}[\dX]\b/g) ?? [])].filter((number) => logged.includes(number));
    expect(found).toEqual([]);
    expect(logged).not.toContain('sandbox-bureau-secret');
    expect(logged).not.toContain('sandbox-payroll-key');
    expect(logged.length).toBeGreaterThan(1000);
  });
});

/** Somebody insured in Shenzhen with a full wage history and nothing planted: his base follows the previous month's wage. */
const SHENZHEN = `
  SELECT source_record.owner_key FROM buduan.source_record
    JOIN buduan.judgement USING (tenant_id, person_id)
   WHERE stream = 'employments' AND connection_id = 'payroll' AND judgement.status = 'insured' AND body::text LIKE '%440300%'
     AND NOT EXISTS (SELECT FROM buduan.finding WHERE finding.person_id = source_record.person_id)
     AND NOT EXISTS (SELECT FROM buduan.operation WHERE operation.person_id = source_record.person_id)
     AND body::text LIKE '%"201%' ORDER BY owner_key LIMIT 1`;

function shenzhenEmployee(rows: readonly Record<string, unknown>[]): number {
  return Number(String(rows[0]?.['owner_key']).slice(1)) - 1;
}
