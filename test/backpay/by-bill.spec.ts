/** A back-payment through an agency whose orders never move: its bill says that the month is paid, and the bureau's books prove it. */
import { type CaseWorld, openCaseWorld } from './case-world.js';

/** An employee of this sandbox (400, seed 11) whose gap goes through the agency. */
const NEWCOMER = 70;
const BILL_DAY = '2023-03-22';

describe('a case through an agency that confirms by its bill alone', () => {
  let world: CaseWorld;
  let caseId: string;
  beforeAll(async () => {
    world = await openCaseWorld({ employees: 400, everybody: true });
    await world.story.run();
    await world.quiet();
    await world.steer({ workingDays: 5, stuckOrders: true, bills: { afterDays: 2, offFen: 5 } });
    caseId = (await world.sign((await world.caseOf(NEWCOMER)).caseId)).caseId;
  }, 120_000);
  afterAll(() => world.close());

  const readOn = async (today: string): Promise<void> => {
    world.setToday(today);
    await world.officeDay(today);
    await world.read(NEWCOMER);
  };
  const runWithoutBills = async (): Promise<void> => {
    await world.story.fault('agency', { fault: 'missingPage', path: '/open/v1/bills' });
    await world.story.run();
    await world.quiet();
    await world.story.clearFaults();
  };
  const count = async (table: string, where: string): Promise<number> =>
    Number((await world.story.sql(`SELECT count(*)::int AS count FROM buduan.${table} WHERE ${where}`))[0]?.['count']);
  const mismatches = async (): Promise<number> =>
    count(
      'finding',
      `person_id = '${await world.personId(NEWCOMER)}' AND situation = 'bill-mismatch' AND closed_at IS NULL`,
    );

  it('is not paid by a bill of another amount: a finding and the case name both figures', async () => {
    await readOn('2023-03-21');
    expect(await world.show(caseId)).toMatchObject({ state: 'accepted', attention: null });
    await readOn(BILL_DAY);
    const { state, attention, lines } = await world.show(caseId);
    expect(state).toBe('accepted');
    const [line] = lines;
    const yuan = (fen: number | null): string => ((fen ?? 0) / 100).toFixed(2);
    const agreed = `${yuan(line?.employeeFen ?? null)} + ${yuan(line?.employerFen ?? null)}`;
    const billed = `${yuan(line?.employeeFen ?? null)} + ${yuan((line?.employerFen ?? 0) + 5)}`;
    expect(attention).toContain(
      `the bill differs: ${line?.insurance ?? ''} ${line?.month ?? ''} charges ${billed} (employee + employer), agreed ${agreed}`,
    );
    expect(await mismatches()).toBe(lines.length);
    const [row] = await world.story.sql(
      `SELECT detail->'months'->0->'bill' AS bill FROM buduan.finding WHERE situation = 'bill-mismatch' AND insurance = '${line?.insurance ?? ''}'
         AND person_id = '${await world.personId(NEWCOMER)}'`,
    );
    expect(row?.['bill']).toMatchObject({
      charged: { employeeFen: line?.employeeFen, employerFen: (line?.employerFen ?? 0) + 5 },
      expected: { employeeFen: line?.employeeFen, employerFen: line?.employerFen },
    });
    const before = await count('case_event', `case_id = '${caseId}'`);
    await readOn(BILL_DAY);
    await runWithoutBills();
    expect(await count('case_event', `case_id = '${caseId}'`)).toBe(before);
    expect(await world.show(caseId)).toMatchObject({ state: 'accepted', attention });
    expect(await mismatches()).toBe(lines.length);
    await world.story.run();
  }, 60_000);

  it('is not paid by a bill that is not in effect, and the mismatch goes with the wrong amount', async () => {
    await world.steer({ bills: { inEffect: false, offFen: 0 } });
    await readOn(BILL_DAY);
    expect(await world.show(caseId)).toMatchObject({ state: 'accepted', attention: null });
    expect(await mismatches()).toBe(0);
  }, 60_000);

  it('is not paid by bills that were not read to their end', async () => {
    await world.steer({ bills: { inEffect: true } });
    await runWithoutBills();
    await readOn(BILL_DAY);
    expect(await world.show(caseId)).toMatchObject({ state: 'accepted', attention: null });
  }, 60_000);

  it('is paid by the bill alone once it is read whole, whether or not it names the order, and nothing is sent for it', async () => {
    await world.steer({ bills: { namesOrder: false } });
    const sent = await count('operation', `kind = 'back-payment'`);
    await world.story.run();
    await world.quiet();
    const { state, lines } = await world.show(caseId);
    expect([state, new Set(lines.map((line) => line.state))]).toEqual(['paid', new Set(['paid'])]);
    const last = (await world.history(caseId)).at(-1);
    expect(last).toMatchObject({ to: 'paid', reason: 'as bureau or agency shows it, by bill ZD202303' });
    expect((await world.truth(NEWCOMER)).status).toBe('back-paying');
    const before = await count('case_event', `case_id = '${caseId}'`);
    await world.steer({ bills: { namesOrder: true } });
    await readOn(BILL_DAY);
    expect(await count('case_event', `case_id = '${caseId}'`)).toBe(before);
    expect(await count('operation', `kind = 'back-payment'`)).toBe(sent);
    expect(await world.offices()).toMatchObject({ payments: 0 });
  }, 60_000);

  it('is verified by the bureau’s books alone, and every system shows what is so', async () => {
    await readOn('2023-03-27');
    expect((await world.show(caseId)).state).toBe('verified');
    await world.story.run();
    await world.quiet();
    expect(await world.story.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
    const offices = await world.offices();
    expect(offices).toMatchObject({ paidTwice: 0, payments: (await world.show(caseId)).lines.length });
    expect(offices.applications.length).toBe(offices.payments);
  }, 60_000);
});
