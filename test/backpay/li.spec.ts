/** Li of Shenzhen from his hiring to 正常: found, asked, confirmed, approved, sent once although a reply was lost, paid, verified everywhere. */
import { CaseDeadlines } from '../../src/backpay/case-deadlines.js';
import { day } from '../../src/domain/month.js';
import { empNo } from '../../src/sandbox/ids.js';
import { type CaseWorld, openCaseWorld } from './case-world.js';

const LI = 0;

describe('Li, hired on 6 March 2023 at 18,000, without January', () => {
  let world: CaseWorld;
  beforeAll(async () => {
    world = await openCaseWorld({ employees: 60 });
    // The night, the personnel system's call and Li himself come at once, and each again and again until the night is over.
    let isOver = false;
    const insist = async (path: string, body: Record<string, unknown>): Promise<void> => {
      while (!isOver) await world.post(path, body);
      await world.post(path, body);
    };
    const night = world.story.run().finally(() => (isOver = true));
    const hired = insist('persons', { connection: 'payroll', key: empNo(LI) });
    const personId = await world.until(() => world.personId(LI).catch(() => null));
    await Promise.all([night, hired, insist('cases', { person: personId, origin: 'employee', by: 'Li' })]);
    await world.quiet();
  }, 120_000);
  afterAll(() => world.close());

  const status = async (): Promise<unknown> => {
    const truth = await fetch(`${world.story.sandbox.control}/_sandbox/truth?index=${LI}`);
    return ((await truth.json()) as { status: unknown }).status;
  };

  it('has one case, however many asked for it at once', async () => {
    const cases = await world.cases(`&person=${await world.personId(LI)}`);
    expect(cases).toHaveLength(1);
    expect(cases[0]).toMatchObject({ months: ['2023-01'], lastDay: '2023-03-21', daysLeft: 1, region: '440300' });
  });

  it('pays 1,440.00 and 360.00, together 1,800.00, and 7.08 beside; the employer 3,472.52 and a late fee of 58.08', async () => {
    const { lines, totals, content } = await world.caseOf(LI);
    const part = (insurance: string): number => lines.find((line) => line.insurance === insurance)?.employeeFen ?? 0;
    expect([part('pension'), part('medical'), part('pension') + part('medical'), part('unemployment')]).toEqual([
      144_000, 36_000, 180_000, 708,
    ]);
    expect(totals).toEqual({ employeeFen: 180_708, employerFen: 347_252, lateFeeFen: 5_808 });
    expect(content).toMatchObject({ channel: 'online', connectionId: 'bureau' });
  });

  it('is signed by himself and by another person than who asked, each for exactly this hash', async () => {
    const { caseId, hash, personId, state } = await world.caseOf(LI);
    // Whoever came first made it: he himself is thereby asked already.
    if (state === 'proposed') await world.post(`cases/${caseId}/ask`, { by: 'Wang' });
    const who = `employee:${personId}`;
    const other = 'f'.repeat(64);
    expect(await world.post(`cases/${caseId}/confirm`, { by: who, hash: other })).toMatchObject({
      status: 409,
      body: { code: 'wrong-hash' },
    });
    expect(await world.post(`cases/${caseId}/confirm`, { by: who, hash, evidence: { way: 'page' } })).toMatchObject({
      status: 200,
      body: { state: 'awaiting-approval' },
    });
    expect(await world.post(`cases/${caseId}/approve`, { by: who, hash, acceptsUnverified: true })).toMatchObject({
      status: 409,
      body: { code: 'same-person' },
    });
    expect(await world.post(`cases/${caseId}/approve`, { by: 'Chen', hash })).toMatchObject({
      status: 409,
      body: { code: 'unverified', message: expect.stringContaining('pension.employer_rate=0.14') },
    });
  });

  it('leaves once, although the bureau took it and the reply was lost', async () => {
    const { caseId, hash } = await world.caseOf(LI);
    await world.story.fault('bureau', { fault: 'lostReply', path: '/v1/back-payments', calls: 1 });
    expect(await world.post(`cases/${caseId}/approve`, { by: 'Chen', hash, acceptsUnverified: true })).toMatchObject({
      status: 200,
      body: { state: 'submitting' },
    });
    await world.until(async () => ((await world.show(caseId)).state === 'submitted' ? true : null));
    expect((await world.offices()).applications).toHaveLength(1);
    expect((await world.show(caseId)).remoteRef).toMatch(/^SQ\d{8}$/);
    const faults = await (await fetch(`${world.story.sandbox.control}/_sandbox/faults`)).json();
    expect(faults).toMatchObject({ bureau: [] });
    const operations = await world.story.sql(
      `SELECT state, approved_by, approved_hash = payload_hash AS bound FROM buduan.operation WHERE kind = 'back-payment'`,
    );
    expect(operations).toEqual([{ state: 'acknowledged', approved_by: 'chen', bound: true }]);
  }, 40_000);

  it('is back-paying while the bureau works, and insured in every system once a read of the bureau shows January', async () => {
    const { caseId } = await world.caseOf(LI);
    const days: string[] = [];
    for (const today of ['2023-03-21', '2023-03-23']) {
      world.setToday(today);
      await world.officeDay(today);
      await world.read(LI);
      days.push(`${(await world.show(caseId)).state} ${String(await status())}`);
    }
    expect(days).toEqual(['accepted back-paying', 'verified insured']);
    await world.story.run();
    await world.quiet();
    const { missing, wrong, extra, duplicated } = await world.story.report();
    expect({ missing, wrong, extra, duplicated }).toEqual({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
    expect(await world.offices()).toMatchObject({ paidTwice: 0, payments: 3 });
  }, 60_000);

  it('took three days, and three acts of HR, one of them his answer on paper; /metrics says the same', async () => {
    const { url, tenant } = world.story;
    const metrics = (await (await fetch(`${url}/api/case-metrics`)).json()) as {
      readonly hubSeconds: { readonly most: number };
    };
    expect(metrics).toMatchObject({
      ...{ verified: 1, days: { median: 3, most: 3 }, hrActions: { median: 3, most: 3 } },
      ...{ employeeActions: { median: 0, most: 0 }, cases: { verified: 1 } },
    });
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain(`buduan_case_days_median{tenant="${tenant.id}"} 3`);
    expect(text).toContain(`buduan_case_hr_actions_most{tenant="${tenant.id}"} 3`);
    expect(text).toContain(`buduan_cases{tenant="${tenant.id}",state="verified"} 1`);
    expect(text).toContain(`buduan_case_hub_seconds_most{tenant="${tenant.id}"} ${metrics.hubSeconds.most}`);
  });

  it('is closed the day after, and its history tells every step with who and why', async () => {
    world.setToday('2023-03-24');
    await world.story.hub.app.get(CaseDeadlines).tick('company-a', day('2023-03-24'));
    const { caseId } = await world.caseOf(LI);
    const events = await world.history(caseId);
    // Whoever asks in the middle of the night may be asked anew when the night has read the rest: nothing was signed yet.
    const steps = events.map(({ to }) => to);
    expect(steps.slice(steps.lastIndexOf('proposed'))).toEqual([
      ...['proposed', 'awaiting-employee', 'confirmed', 'awaiting-approval', 'approved', 'submitting', 'submitted'],
      ...['accepted', 'paid', 'verified', 'closed'],
    ]);
    expect(steps.indexOf('confirmed')).toBeGreaterThan(steps.lastIndexOf('proposed'));
    expect(events.find(({ to }) => to === 'verified')).toMatchObject({
      onDay: '2023-03-23',
      reason: 'a read of the bureau shows the months',
    });
    const audit = await world.story.sql(
      `SELECT count(*)::int AS told FROM buduan.audit_event WHERE object = 'case/${caseId}'`,
    );
    expect(audit).toEqual([{ told: events.length }]);
  });
});
