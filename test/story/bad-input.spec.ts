/** What reaches the hub when a system misbehaves: each fault stops only what it must, loses nothing, and marks nobody as unpaid. */
import type { RunSummary } from '../../src/cli/run-summary.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';

function reasonsOf(run: RunSummary): readonly string[] {
  return run.connections.flatMap(({ connectionId, reads }) =>
    reads.flatMap(({ read, reason }) => (reason === null ? [] : [`${connectionId}/${read}: ${reason}`])),
  );
}

function gapsOf(run: RunSummary): number {
  return ['gap', 'gap-before-hire', 'gap-suspected', 'withheld-not-remitted'].reduce(
    (sum, situation) => sum + (run.findings[situation] ?? 0),
    0,
  );
}

describe('a system that misbehaves on an ordinary night', () => {
  let world: StoryWorld;
  let calm: RunSummary;
  beforeAll(async () => {
    world = await openStoryWorld();
    await world.run();
    calm = await world.run();
  });
  afterEach(() => world.clearFaults());
  afterAll(() => world.close());

  async function expectNothingConcluded(run: RunSummary): Promise<void> {
    expect(gapsOf(run)).toBe(gapsOf(calm));
    expect(run.sent).toBe(0);
    expect(run.exitCode).toBe(4);
    expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  }

  it.each([
    [
      'an empty bureau that says "0 in total"',
      { fault: 'emptyList', path: '/v1/contributions' },
      'bureau/contributions: count-drop',
    ],
    [
      'an empty list of insured persons',
      { fault: 'emptyList', path: '/v1/insured-persons' },
      'bureau/persons: count-drop',
    ],
    [
      'half of the postings, with a total that agrees',
      { fault: 'halfList', path: '/v1/contributions' },
      'bureau/contributions: count-drop',
    ],
    ['a missing page', { fault: 'missingPage', path: '/v1/contributions' }, 'bureau/contributions: total-mismatch'],
    ['a reply cut off in the middle', { fault: 'truncatedBody', path: '/v1/contributions' }, null],
    ['a web page instead of JSON', { fault: 'wrongContentType', path: '/v1/contributions' }, null],
    ['a redirect', { fault: 'redirect', path: '/v1/contributions' }, null],
  ] as const)('concludes nothing from %s', async (_, order, reason) => {
    await world.fault('bureau', order);
    const run = await world.run();
    const bureau = reasonsOf(run).filter((each) => each.startsWith('bureau/'));
    if (reason === null) expect(bureau.length).toBeGreaterThan(0);
    else expect(bureau).toContain(reason);
    await expectNothingConcluded(run);
  });

  it('reads the other systems to their end when one is broken', async () => {
    await world.fault('bureau', { fault: 'htmlBanPage' });
    const run = await world.run();
    expect(run.connections.filter((each) => each.connectionId !== 'bureau').map((each) => each.state)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    await expectNothingConcluded(run);
  });

  it('is itself again the night after', async () => {
    const run = await world.run();
    expect(run).toMatchObject({
      state: 'succeeded',
      sent: 0,
      exitCode: 0,
      findings: calm.findings,
      statuses: calm.statuses,
    });
  });

  it.each([
    [
      'an identity number sent as a JSON number',
      'payroll',
      { fault: 'idAsNumber', path: '/api/v2/employees' },
      'identity',
      'not-a-string',
    ],
    ['a wage of "1,2345.6"', 'payroll', { fault: 'garbageMoney', path: '/api/v2/payslips' }, 'grossFen', 'not-money'],
    ['a month of 13', 'bureau', { fault: 'month13', path: '/v1/contributions' }, 'month', 'not-a-month'],
  ] as const)(
    'sets aside %s, names connection, stream and field, and sends nothing wrong',
    async (_, system, order, field, reason) => {
      await world.fault(system, order);
      const run = await world.run();
      const waiting = await world.sql(
        `SELECT DISTINCT connection_id, field, reason FROM buduan.quarantined_row WHERE resolved_at IS NULL AND reason = '${reason}'`,
      );
      expect(waiting).toContainEqual({ connection_id: system, field, reason });
      expect(run.persons).toBe(calm.persons);
      expect(gapsOf(run)).toBeLessThanOrEqual(gapsOf(calm));
      expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });

      await world.clearFaults();
      const mended = await world.run();
      expect(mended).toMatchObject({ findings: calm.findings, statuses: calm.statuses, quarantined: calm.quarantined });
      expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
    },
  );

  it('freezes two employees with one number: a case for a person, no pushes', async () => {
    const frozen = await world.sql(`SELECT person_id FROM buduan.person WHERE frozen_reason = 'duplicate-number'`);
    expect(frozen.length).toBeGreaterThan(0);
    const sent = await world.sql(
      `SELECT 1 FROM buduan.operation JOIN buduan.person USING (tenant_id, person_id) WHERE frozen_reason IS NOT NULL`,
    );
    expect(sent).toEqual([]);
  });
});

describe('writes that go wrong', () => {
  let world: StoryWorld;
  beforeEach(async () => {
    world = await openStoryWorld();
  });
  afterEach(() => world.close());

  it('are finished although replies are lost, and take effect once', async () => {
    await world.fault('payroll', { fault: 'lostReply', path: '/api/v2/employees/social', calls: 2 });
    await world.fault('bureau', { fault: 'lostReply', path: '/v1/declarations', calls: 1 });
    await world.run();
    const { missing, wrong, extra, duplicated } = await world.report();
    expect({ missing, wrong, extra, duplicated }).toEqual({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('are tried again after an overload, and after the time the target asks for', async () => {
    await world.fault('attendance', { fault: 'status429', path: '/topapi/roster/update', calls: 2 });
    await world.fault('agency', { fault: 'status5xx', path: '/open/v1/members/status', calls: 1 });
    await world.run();
    expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('are found out when the target says yes and does nothing', async () => {
    await world.fault('attendance', { fault: 'ignoredWrite' });
    const first = await world.run();
    const ignored = first.corrections['attendance']?.['status'] ?? 0;
    expect(ignored).toBeGreaterThan(0);
    expect((await world.report()).missing).toBe(ignored);
    await world.clearFaults();
    const second = await world.run();
    expect(second.corrections).toEqual({ attendance: { status: ignored } });
    expect((await world.report()).missing).toBe(0);
  });
});

describe('a connection that cannot work', () => {
  it.each([
    ['wrong credentials', { SANDBOX_PAYROLL_API_KEY: 'not-the-key' }, /payroll\/employees: /],
    ['an unreachable host', { SANDBOX_PAYROLL_URL: 'http://127.0.0.1:9' }, /payroll\/employees: /],
    ['a host that the operator did not allow', { SANDBOX_PAYROLL_URL: 'http://192.0.2.1:80' }, /payroll\/employees: /],
  ])('is named with its reason: %s; nobody is judged without it', async (_, variables, expected) => {
    const world = await openStoryWorld({ variables });
    try {
      const run = await world.run();
      expect(run.exitCode).toBe(4);
      expect(reasonsOf(run).some((reason) => expected.test(reason))).toBe(true);
      expect(run.sent).toBe(0);
      expect(gapsOf(run)).toBe(0);
    } finally {
      await world.close();
    }
  });
});
