import { fen } from '../../src/domain/fen.js';
import { day, month } from '../../src/domain/month.js';
import { countCorrections, listCorrections } from '../../src/reconcile/corrections.reader.js';
import { readMovedFindings } from '../../src/reconcile/findings-of-run.reader.js';
import { type FindingFilter, countFindings, listFindings } from '../../src/reconcile/findings.reader.js';
import { countInconclusive, countStatuses } from '../../src/reconcile/judgements.reader.js';
import type { FindingShown } from '../../src/reconcile/show-finding.js';
import { AS_OF, type Story, personOf } from './small-world.js';
import { StoredWorld } from './stored-world.js';

const TENANT = 'north';
const TODAY = day(AS_OF);
const GAP_STATUS = ['agency', 'attendance', 'payroll'].map(
  (system) => `${system} status {"status":"insured"} {"status":"gap"}`,
);
const NOTHING = {
  judgements: 0,
  findingsOpened: 0,
  findingsUpdated: 0,
  findingsClosed: 0,
  correctionsWritten: 0,
  correctionsDeleted: 0,
};

let world: StoredWorld;
let runId: string;

beforeEach(async () => {
  world = await StoredWorld.open();
  runId = await world.tenant(TENANT);
});
afterEach(() => world.test.close());

describe('a batch', () => {
  it('stores the judgement, opens findings and plans corrections, and says so to push', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12']);
    expect(await world.corrections(TENANT)).toEqual(GAP_STATUS);
    expect(await world.planned()).toEqual([
      { fact: 'CorrectionPlanned', tenantId: TENANT, runId, personIds: [personId] },
    ]);
    const [stored] = await world.sql(TENANT, 'SELECT status, window_from, policy_version, cells FROM buduan.judgement');
    expect(stored).toEqual({
      status: 'gap',
      window_from: '2022-09',
      policy_version: 'small-1',
      cells: {
        rows: [
          ['E1', 'pension', 'PPPGPP', 1_000_000],
          ['E1', 'medical', 'PPPPPP', 1_000_000],
        ],
        why: null,
      },
    });
  });

  it('judged twice on the same facts writes nothing the second time', async () => {
    const stories = [
      { unpaid: ['2022-12'], orders: [{}] },
      { unpaid: ['2022-11'], shown: { payroll: { bases: { pension: fen(1), medical: fen(2) } } } },
      { postings: [{ payer: 'self' }, { baseFen: fen(300_000) }] },
    ];
    const personIds: string[] = [];
    for (const story of stories) personIds.push(await world.store(TENANT, personOf(story)));
    expect(await world.judge(TENANT, runId, personIds)).toMatchObject({ persons: 3, judgements: 3 });
    expect(await world.judge(TENANT, runId, personIds)).toMatchObject({ persons: 3, ...NOTHING });
  });

  it('counts from what to what the picture changed, once', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    const counts = 'SELECT of_what, from_value, to_value, count::int FROM buduan.transition ORDER BY 1, 2, 3';
    await world.judge(TENANT, runId, [personId]);
    await world.judge(TENANT, runId, [personId]);
    expect(await world.sql(TENANT, counts)).toEqual([
      { of_what: 'situation', from_value: 'none', to_value: 'gap', count: 1 },
      { of_what: 'situation', from_value: 'none', to_value: 'paid', count: 11 },
      { of_what: 'status', from_value: 'none', to_value: 'gap', count: 1 },
    ]);
  });

  it('closes a finding and takes corrections back when the data shows that the gap is gone', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, personOf(), personId);
    expect(await world.judge(TENANT, runId, [personId])).toMatchObject({ findingsClosed: 1, correctionsDeleted: 3 });
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12 closed']);
    expect(await world.corrections(TENANT)).toEqual([]);
  });

  it('opens a new finding when a closed one comes back', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, personOf(), personId);
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }), personId);
    await world.judge(TENANT, runId, [personId]);
    expect([...(await world.findings(TENANT))].sort()).toEqual(['pension gap 2022-12', 'pension gap 2022-12 closed']);
  });

  it('changes an open finding when it reaches further months', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, personOf({ unpaid: ['pension 2022-12', 'pension 2023-01'] }), personId);
    expect(await world.judge(TENANT, runId, [personId])).toMatchObject({ findingsUpdated: 1, findingsOpened: 0 });
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12,2023-01']);
  });

  it('neither opens nor closes nor plans anything after an incomplete read of the bureau', async () => {
    const known = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [known]);
    const incomplete = await world.run(TENANT, { incomplete: ['bureau'] });
    await world.store(TENANT, personOf(), known);
    const other = await world.store(TENANT, personOf({ unpaid: ['2022-10', '2022-11', '2022-12'] }));
    await world.judge(TENANT, incomplete, [known, other]);
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12']);
    expect(await world.corrections(TENANT)).toEqual(GAP_STATUS);
    const counts = await world.test.database.inTenant(TENANT, async (em) => [
      await countStatuses(em, TENANT),
      await countInconclusive(em, TENANT),
    ]);
    expect(counts).toEqual([
      [{ status: 'inconclusive', count: 2 }],
      [{ reason: 'incomplete', connectionId: 'bureau', stream: 'contributions', count: 2 }],
    ]);
  });

  it('plans nothing for a frozen person and takes back what was planned', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'], frozen: true }), personId);
    await world.judge(TENANT, runId, [personId]);
    expect(await world.corrections(TENANT)).toEqual([]);
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12']);
  });

  it('closes everything of a person whom no source names any more', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    await world.store(TENANT, { ...personOf(), records: [] }, personId);
    await world.judge(TENANT, runId, [personId]);
    expect(await world.corrections(TENANT)).toEqual([]);
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12 closed', 'medical gap 2022-12 closed']);
  });

  it('of another tenant is neither seen nor touched', async () => {
    const otherRun = await world.tenant('south');
    const mine = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    const theirs = await world.store('south', personOf({ unpaid: ['medical 2022-11'] }));
    await world.judge(TENANT, runId, [mine, theirs]);
    await world.judge('south', otherRun, [mine, theirs]);
    expect(await world.findings(TENANT)).toEqual(['pension gap 2022-12']);
    expect(await world.findings('south')).toEqual(['medical gap 2022-11']);
  });

  it('of a run that is not stored is refused', async () => {
    await expect(world.judge(TENANT, '00000000-0000-7000-8000-00000000dead', [])).rejects.toMatchObject({
      code: 'unknown-run',
    });
  });
});

describe('the bills of an agency', () => {
  const BILLED: Story = { unpaid: ['2022-12'], orders: [{}], bills: [{}] };
  const FAILED: Story = { ...BILLED, orders: [{ state: 'failed' }] };
  const aboutBills = async (): Promise<readonly string[]> =>
    (await world.findings(TENANT)).filter((each) => each.includes('bill'));

  it('tell the cases, leave status and corrections as they are, and write nothing the second time', async () => {
    const [plain, billed] = [
      await world.store(TENANT, personOf({ ...BILLED, bills: [] })),
      await world.store(TENANT, personOf(BILLED)),
    ];
    await world.judge(TENANT, runId, [plain]);
    const without = await world.corrections(TENANT);
    await world.judge(TENANT, runId, [billed]);
    expect(await world.corrections(TENANT)).toEqual([...without, ...without].sort());
    expect(await aboutBills()).toEqual([]);
    const closed = await world.posted('FindingClosed');
    expect(closed.flatMap(({ personIds }) => personIds)).toEqual([plain, billed]);
    expect(await world.judge(TENANT, runId, [plain, billed])).toMatchObject(NOTHING);
  });

  it('open one finding for a month whose order failed, and close it when the agency takes the line back', async () => {
    const personId = await world.store(TENANT, personOf(FAILED));
    expect(await world.judge(TENANT, runId, [personId])).toMatchObject({ findingsOpened: 3 });
    expect(await aboutBills()).toEqual(['pension billed-not-ordered 2022-12']);
    const [{ detail } = {}] = await world.sql(
      TENANT,
      `SELECT detail FROM buduan.finding WHERE situation = 'billed-not-ordered'`,
    );
    expect(detail).toMatchObject({
      effectFen: -220_000,
      months: [
        { kind: 'order-failed', bill: { charged: { employeeFen: 80_000, employerFen: 140_000 }, orderIds: ['O1'] } },
      ],
      evidence: expect.arrayContaining([`agency/bills/A1-${personId}`, `agency/orders/A1-${personId}`]),
    });
    expect(await world.judge(TENANT, runId, [personId])).toMatchObject(NOTHING);
    const back = { billId: 'ZD202304', backPayEmployeeFen: fen(-80_000), backPayEmployerFen: fen(-140_000) };
    await world.store(TENANT, personOf({ ...FAILED, bills: [{}, back] }), personId);
    expect(await world.judge(TENANT, runId, [personId])).toMatchObject({ findingsOpened: 0, findingsClosed: 1 });
    expect(await aboutBills()).toEqual(['pension billed-not-ordered 2022-12 closed']);
  });

  it('neither open nor change nor close anything after a read that did not reach its end', async () => {
    const known = await world.store(TENANT, personOf(FAILED));
    await world.judge(TENANT, runId, [known]);
    const incomplete = await world.run(TENANT, { incomplete: ['agency'] });
    await world.store(TENANT, personOf({ ...FAILED, bills: [] }), known);
    const other = await world.store(TENANT, personOf(FAILED));
    await world.judge(TENANT, incomplete, [known, other]);
    expect(await aboutBills()).toEqual(['pension billed-not-ordered 2022-12']);
    await world.judge(TENANT, await world.run(TENANT), [known, other]);
    expect([...(await aboutBills())].sort()).toEqual([
      'pension billed-not-ordered 2022-12',
      'pension billed-not-ordered 2022-12 closed',
    ]);
  });
});

describe('the batches of a full run', () => {
  async function twoBatches(run: string): Promise<readonly string[]> {
    const personIds = [
      await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] })),
      await world.store(TENANT, personOf()),
    ];
    for (const [batchNo, personId] of personIds.entries())
      await world.addBatch(TENANT, run, { batchNo, personIds: [personId] });
    return personIds;
  }

  it('call push once, after the last of them, also when it is delivered again', async () => {
    const personIds = await twoBatches(runId);
    const facts = personIds.map((personId, batchNo) =>
      world.fact({ tenantId: TENANT, runId, batchNo, personIds: [personId] }),
    );
    const reports = [];
    for (const fact of [...facts, ...facts]) reports.push(await world.batch.onRecordsChanged(fact));
    expect(reports.map((report) => report.wasLastBatch)).toEqual([false, true, false, false]);
    expect(await world.planned()).toEqual([{ fact: 'CorrectionPlanned', tenantId: TENANT, runId, personIds: null }]);
    expect(await world.posted('FindingsMoved')).toEqual([
      { fact: 'FindingsMoved', tenantId: TENANT, runId, personIds: null },
    ]);
  });

  it('and of single persons tell which findings they moved, and nothing where none moved', async () => {
    const [gap = ''] = await twoBatches(runId);
    await world.judge(TENANT, runId, [gap]);
    await world.judge(TENANT, runId, [gap]);
    const told = { fact: 'FindingsMoved', tenantId: TENANT, runId, personIds: [gap] };
    expect(await world.posted('FindingsMoved')).toEqual([told]);
    const asked = { tenantId: TENANT, runId, moved: 'opened', personIds: [gap], limit: 10 } as const;
    await world.test.database.inTenant(TENANT, async (em) => {
      expect(await readMovedFindings(em, asked)).toMatchObject({
        ...{ findings: 1, persons: 1, bySituation: { gap: 1 } },
        first: [{ personId: gap, situation: 'gap', insurance: 'pension', months: ['2022-12'] }],
      });
      expect(await readMovedFindings(em, { ...asked, moved: 'closed' })).toMatchObject({ findings: 0, first: [] });
    });
  });

  it('call push once when the last two end at the same time', async () => {
    const personIds = await twoBatches(runId);
    await Promise.all(
      personIds.map((personId, batchNo) =>
        world.batch.onRecordsChanged(world.fact({ tenantId: TENANT, runId, batchNo, personIds: [personId] })),
      ),
    );
    expect(await world.planned()).toHaveLength(1);
  });

  it('of a dry run plan everything and call nobody', async () => {
    const dry = await world.run(TENANT, { dryRun: true });
    const personIds = await twoBatches(dry);
    for (const [batchNo, personId] of personIds.entries())
      await world.batch.onRecordsChanged(world.fact({ tenantId: TENANT, runId: dry, batchNo, personIds: [personId] }));
    expect(await world.corrections(TENANT)).toEqual(GAP_STATUS);
    for (const fact of ['CorrectionPlanned', 'FindingOpened', 'FindingClosed'])
      expect(await world.posted(fact)).toEqual([]);
  });
});

describe('a finding', () => {
  const SAID = { tenantId: TENANT, actor: 'hr-desk', reason: 'the other payer stops in April', today: TODAY };

  async function judged(story: Story): Promise<{ readonly personId: string; readonly findingId: string }> {
    const personId = await world.store(TENANT, personOf(story));
    await world.judge(TENANT, runId, [personId]);
    const [row] = await world.sql(TENANT, 'SELECT finding_id FROM buduan.finding WHERE person_id = $1', [personId]);
    return { personId, findingId: String(row?.['finding_id']) };
  }
  const show = (findingId: string, today = TODAY): Promise<FindingShown> =>
    world.show.show({ tenantId: TENANT, findingId, today });

  it.each([
    [
      'withheld-not-remitted',
      { unpaid: ['pension 2022-12'], withheld: { '2022-12': fen(80_000) } },
      ['payroll wages', 'payroll employments'],
      { stream: 'wages', withheldFen: 80_000 },
    ],
    [
      'double-coverage',
      { postings: [{ payer: 'self' }] },
      ['bureau contributions', 'bureau contributions', 'payroll wages', 'payroll employments'],
      { stream: 'contributions', payer: 'self', employeeFen: 80_000, employerFen: 140_000 },
    ],
    [
      'paid-not-due',
      { jobs: [{ leftOn: day('2022-11-10') }], postings: [{}], worked: { '2022-12': 0 } },
      ['bureau contributions', 'payroll employments', 'attendance attendance'],
      { stream: 'employments', leftOn: '2022-11-10' },
    ],
  ] as const)(
    'of %s keeps what every source said, also when the data change',
    async (situation, story, sources, said) => {
      const { personId, findingId } = await judged(story);
      const shown = await show(findingId);
      const [about] = shown.detail.months.filter((each) => each.month === '2022-12');
      expect(shown.situation).toBe(situation);
      expect(about?.words?.map(({ connectionId, stream }) => `${connectionId} ${stream}`)).toEqual(sources);
      expect(about?.words).toContainEqual(expect.objectContaining(said));
      for (const { readAt, goneAt } of shown.reads) expect([readAt, goneAt]).toEqual([expect.any(Date), null]);
      expect(shown.now?.months).toMatchObject([{ month: '2022-12', insurance: 'pension', situation }]);
      expect(shown.now?.policyVersion).toBe('small-1');

      await world.store(TENANT, personOf({ unpaid: [] }), personId);
      const next = await world.run(TENANT);
      await world.judge(TENANT, next, [personId]);
      const closed = await show(findingId);
      expect(closed).toMatchObject({ closedRunId: next, closedBy: { runId: next }, detail: shown.detail });
      expect(closed.now?.months).toMatchObject([{ situation: 'paid', paidFen: 220_000 }]);
    },
  );

  it('set aside stays open and asks again after its day, when taken back, or when it reaches further', async () => {
    const { personId, findingId } = await judged({ postings: [{ payer: 'self' }] });
    const list = (isSetAside: boolean, today = TODAY): Promise<number> =>
      world.test.database.inTenant(TENANT, async (em) => {
        const found = await listFindings(em, { tenantId: TENANT, today, isSetAside, limit: 10 });
        return found.length;
      });
    await world.marks.setAside({ ...SAID, findingId, until: day('2023-03-31') });
    expect((await show(findingId)).setAside).toMatchObject({ by: 'hr-desk', reason: SAID.reason, until: '2023-03-31' });
    expect([await list(true), await list(false)]).toEqual([1, 0]);
    expect([await list(true, day('2023-03-31')), await list(true, day('2023-04-01'))]).toEqual([1, 0]);
    expect(await world.findings(TENANT)).toEqual(['pension double-coverage 2022-12']);

    await world.marks.takeBack({ ...SAID, findingId });
    expect([(await show(findingId)).setAside, await list(false)]).toEqual([null, 1]);
    await expect(world.marks.takeBack({ ...SAID, findingId })).rejects.toMatchObject({ code: 'not-set-aside' });

    await world.marks.setAside({ ...SAID, findingId, until: day('2023-12-31') });
    await world.store(
      TENANT,
      personOf({ postings: [{ payer: 'self' }, { payer: 'self', month: month('2023-01') }] }),
      personId,
    );
    await world.judge(TENANT, runId, [personId]);
    const grown = await show(findingId);
    expect([grown.months, grown.setAside, grown.marks.length]).toEqual([['2022-12', '2023-01'], null, 3]);

    await world.store(TENANT, personOf(), personId);
    await world.judge(TENANT, runId, [personId]);
    const late = world.marks.setAside({ ...SAID, findingId, until: day('2023-03-31') });
    await expect(late).rejects.toMatchObject({ code: 'finding-closed' });
    for (const until of [day('2023-03-19'), day('2024-03-22')])
      await expect(world.marks.setAside({ ...SAID, findingId, until })).rejects.toMatchObject({ code: 'bad-until' });
    const trail = await world.sql(TENANT, `SELECT action, actor FROM buduan.audit_event ORDER BY event_no`);
    expect(trail.map(({ action, actor }) => `${String(action)} ${String(actor)}`)).toEqual(
      ['finding.set-aside', 'finding.take-back', 'finding.set-aside'].map((action) => `${action} hr-desk`),
    );
    const forged = world.sql(TENANT, `UPDATE buduan.finding_mark SET reason = 'other'`);
    await expect(forged).rejects.toThrow(/permission denied|written once/);
  });

  it('is found by connection, range of months, run and state, and by nothing else', async () => {
    const { findingId } = await judged({ postings: [{ payer: 'self' }, { payer: 'self', month: month('2023-01') }] });
    const other = await world.run(TENANT);
    const find = (filter: Partial<FindingFilter>): Promise<readonly string[]> =>
      world.test.database.inTenant(TENANT, async (em) => {
        const found = await listFindings(em, { tenantId: TENANT, today: TODAY, limit: 10, ...filter });
        return found.map((each) => each.findingId);
      });
    const hits: Partial<FindingFilter>[] = [
      { connectionId: 'bureau' },
      { runId },
      { fromMonth: month('2023-01') },
      { lastMonth: month('2022-12') },
      { fromMonth: month('2022-12'), lastMonth: month('2022-12') },
      { insurance: 'pension', state: 'all' },
    ];
    const misses: Partial<FindingFilter>[] = [
      { connectionId: 'bur' },
      { runId: other },
      { fromMonth: month('2023-02') },
      { lastMonth: month('2022-11') },
      { insurance: 'medical' },
      { state: 'closed' },
    ];
    for (const filter of hits) expect([filter, await find(filter)]).toEqual([filter, [findingId]]);
    for (const filter of misses) expect([filter, await find(filter)]).toEqual([filter, []]);
  });
});

describe('the readers', () => {
  it('list and count findings and corrections, by page', async () => {
    const first = await world.store(TENANT, personOf({ unpaid: ['2022-12'] }));
    const second = await world.store(TENANT, personOf({ postings: [{ payer: 'self' }] }));
    await world.judge(TENANT, runId, [first, second]);
    await world.test.database.inTenant(TENANT, async (em) => {
      expect(await countFindings(em, TENANT)).toEqual([
        { situation: 'double-coverage', findings: 1, persons: 1 },
        { situation: 'gap', findings: 2, persons: 1 },
      ]);
      const of = { tenantId: TENANT, today: TODAY, situations: ['gap'] as const };
      const gaps = await listFindings(em, { ...of, fromMonth: month('2022-12'), limit: 1 });
      const rest = await listFindings(em, { ...of, after: gaps[0]?.findingId ?? '', limit: 10 });
      expect([...gaps, ...rest].map((finding) => finding.insurance)).toEqual(['pension', 'medical']);
      expect(gaps[0]).toMatchObject({ personId: first, detail: { effectFen: 220_000 } });
      expect(await countCorrections(em, TENANT)).toEqual(
        ['agency', 'attendance', 'payroll'].map((connectionId) => ({
          connectionId,
          kind: 'status',
          movesMoney: false,
          count: 1,
        })),
      );
      const [head] = await listCorrections(em, { tenantId: TENANT, limit: 1 });
      const tail = await listCorrections(em, {
        tenantId: TENANT,
        limit: 10,
        ...(head === undefined ? {} : { after: head }),
      });
      expect([head, ...tail].map((correction) => correction?.connectionId)).toEqual([
        'agency',
        'attendance',
        'payroll',
      ]);
    });
  });
});

describe('an explanation', () => {
  it('names the inputs, whose word counted, the rule, the figures and the advice', async () => {
    const personId = await world.store(TENANT, personOf({ unpaid: ['pension 2022-12'] }));
    await world.judge(TENANT, runId, [personId]);
    const explained = await world.explain.explain({ tenantId: TENANT, personId, month: month('2022-12'), asOf: null });
    expect(explained).toMatchObject({
      status: 'gap',
      policyVersion: 'small-1',
      window: { from: '2022-09', last: '2023-02' },
    });
    expect(explained.cells.map(({ insurance, cell, owed }) => [insurance, cell?.situation, owed?.employeeFen])).toEqual(
      [
        ['pension', 'gap', 80_000],
        ['medical', 'paid', 80_000],
      ],
    );
    expect(explained.cells[1]?.claims.paid).toMatchObject([
      { connectionId: 'bureau', won: true, value: { payer: 'ACME', amountFen: 220_000, baseFen: 1_000_000 } },
      { connectionId: 'payroll', won: false, value: { baseFen: 1_000_000 } },
    ]);
    expect(explained.advice[0]?.cells).toMatchObject([{ month: '2022-12', insurance: 'pension', baseFen: 1_000_000 }]);
    expect(explained.text.zh.join('\n')).toMatch(/状态 断缴（截至 2023-03-20[\s\S]*基数 10,000.00 元[\s\S]*断缴风险/);
    expect(explained.text.en.join('\n')).toMatch(
      /status gap \(as of 2023-03-20[\s\S]*base 10,000.00 yuan[\s\S]*policy small-1/,
    );
  });

  it('is refused for a person who does not exist, and for one who was never judged', async () => {
    const personId = await world.store(TENANT, personOf());
    const request = { tenantId: TENANT, month: null, asOf: null };
    await expect(
      world.explain.explain({ ...request, personId: '00000000-0000-7000-8000-00000000dead' }),
    ).rejects.toMatchObject({ code: 'unknown-person' });
    await expect(world.explain.explain({ ...request, personId })).rejects.toMatchObject({ code: 'not-judged' });
  });
});
