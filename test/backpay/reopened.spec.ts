/** Cases that were said to be paid and were not: shown while nobody says more, opened again on contrary evidence, and never paid twice. */
import { CaseDeadlines } from '../../src/backpay/case-deadlines.js';
import type { CaseEventView, CaseView } from '../../src/backpay/cases.reader.js';
import { FollowCases } from '../../src/backpay/follow-cases.js';
import { day } from '../../src/domain/month.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { DecideOperations } from '../../src/push/decide-operations.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { tellCases } from '../../src/push/tell-cases.js';
import { type WireServer, sendJson, serveHttp } from '../connectors/wire-server.js';
import { SIGNING_SECRET, webhook } from '../notify/notify-world.js';
import { type CaseWorld, openCaseWorld } from './case-world.js';

/** Employees of this sandbox (400, seed 11): whose case goes to the bureau, and whose through the agency. */
const BUREAU_ONE = 376;
const BUREAU_THREE = 199;
const AGENCY_THREE = 70;
const AGENCY_HR = 113;
const RACED = [27, 0] as const;
const NUMBER = '11010519491231002X';

/** What the employee is shown while nobody asks him anything, by language. */
const BEING_CHECKED = {
  zh: '公司人事正在核对金额，核对完成后会再请您确认。',
  en: 'HR is checking the amounts and will ask you then.',
};

interface StoredOperation {
  readonly state: string;
  readonly key: string;
  readonly hash: string;
}

describe('a case that was said to be paid', () => {
  let world: CaseWorld;
  let receiver: WireServer;
  let page: (language: 'zh' | 'en') => Promise<string>;
  beforeAll(async () => {
    receiver = await serveHttp((_request, response) => sendJson(response, {}));
    const notify = [webhook(receiver.baseUrl, { secrets: [new Secret(SIGNING_SECRET)], events: ['case.*'] })];
    world = await openCaseWorld({ employees: 400, everybody: true, tenant: (tenant) => ({ ...tenant, notify }) });
    await world.story.run();
    await world.quiet();
    await world.steer({ holdMoney: true });
    page = await openPage(world, BUREAU_ONE);
    for (const index of [BUREAU_ONE, BUREAU_THREE, AGENCY_THREE, AGENCY_HR, ...RACED])
      await world.sign((await world.caseOf(index)).caseId);
    await world.officeDay('2023-03-23');
    world.setToday('2023-03-23');
    for (const index of [BUREAU_ONE, BUREAU_THREE, AGENCY_THREE, AGENCY_HR, ...RACED]) await world.read(index);
  }, 240_000);
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  const linesOf = async (index: number): Promise<readonly { insurance: string; month: string }[]> =>
    (await world.caseOf(index)).lines.map(({ insurance, month }) => ({ insurance, month }));
  const operationsOf = async (caseId: string): Promise<readonly StoredOperation[]> =>
    (await world.story.sql(
      `SELECT o.state, o.business_key AS key, encode(o.payload_hash, 'hex') AS hash FROM buduan.operation o
        WHERE o.kind = 'back-payment' AND o.desired->>'caseId' = '${caseId}' ORDER BY o.created_at, o.business_key`,
    )) as unknown as StoredOperation[];
  const idsOf = async (caseId: string): Promise<readonly string[]> => {
    const ids = `SELECT o.operation_id AS id FROM buduan.operation o WHERE o.desired->>'caseId' = '${caseId}' ORDER BY o.operation_id`;
    return (await world.story.sql(ids)).map(({ id }) => String(id));
  };
  const setOperation = (id: string, set: string): Promise<unknown> =>
    world.story.sql(`UPDATE buduan.operation SET ${set} WHERE operation_id = '${id}'`);
  const reopenings = async (caseId: string): Promise<readonly CaseEventView[]> =>
    (await world.history(caseId)).filter(({ to, kind }) => kind === 'moved' && to === 'reopened');
  const applicationsOf = async (index: number): Promise<number> =>
    (await world.offices()).applications.filter((each) => each.index === index).length;
  const told = (caseId: string): readonly Record<string, unknown>[] =>
    receiver.seen
      .map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> })
      .filter(({ data }) => data['caseId'] === caseId)
      .map(({ type, data }) => ({ type, from: data['from'] }));
  const agree = async (view: CaseView): Promise<CaseView> => {
    await world.post(`cases/${view.caseId}/ask`, { by: 'Wang' });
    const now = await world.show(view.caseId);
    await world.post(`cases/${view.caseId}/confirm`, { by: `employee:${now.personId}`, hash: now.hash });
    return world.show(view.caseId);
  };
  const approve = (view: CaseView, by: string) =>
    world.post(`cases/${view.caseId}/approve`, { by, hash: view.hash, acceptsUnverified: true });

  const expectBeingChecked = async (): Promise<void> => {
    for (const language of ['zh', 'en'] as const) {
      const shown = await page(language);
      expect(shown).toContain(BEING_CHECKED[language]);
      // Neither a way that it is said to have gone, nor a question.
      expect(shown).not.toMatch(/class="steps"|<form/);
    }
  };

  it('is shown to a person when the books stay silent, is not opened again for that, and nothing is sent', async () => {
    const { caseId, state } = await world.caseOf(BUREAU_ONE);
    expect(state).toBe('paid');
    expect(await page('en')).toContain('Paid (now)');
    const tick = (on: string) => world.story.hub.app.get(CaseDeadlines).tick('company-a', day(on));
    await tick('2023-03-31');
    await tick('2023-04-05');
    expect(await world.show(caseId)).toMatchObject({
      ...{ state: 'paid', round: 1, attention: expect.stringContaining('the books do not show the months') },
    });
    expect((await world.history(caseId)).filter(({ kind }) => kind === 'escalated')).toHaveLength(1);
    expect(await operationsOf(caseId)).toMatchObject([{ state: 'acknowledged' }]);
    expect(await applicationsOf(BUREAU_ONE)).toBe(1);
  }, 60_000);

  it('is opened again when the bureau refuses it after all: its evidence kept, its operation closed, paid once in the end', async () => {
    const before = await world.caseOf(BUREAU_ONE);
    const [line] = await linesOf(BUREAU_ONE);
    await world.steer({ bounce: { index: BUREAU_ONE, ...line, reason: `账户有误，已退回 ${NUMBER}` } });
    await world.read(BUREAU_ONE);
    const again = await world.show(before.caseId);
    expect(again).toMatchObject({ state: 'proposed', round: 2, remoteRef: null, submittedOn: null, attention: null });
    expect(again).toMatchObject({
      confirmedBy: null,
      approvedBy: null,
      refusal: '账户有误，已退回 1101**********002X',
    });
    const [reopened, ...more] = await reopenings(before.caseId);
    expect(more).toEqual([]);
    expect(reopened).toMatchObject({
      ...{ actor: 'hub', from: 'paid', round: 1, reason: expect.stringContaining('已退回 1101**********002X') },
      detail: { refs: [before.remoteRef], refused: [{ ...line, reason: expect.stringContaining('已退回') }] },
    });
    const audit = await world.story.sql(
      `SELECT detail->>'before' AS before FROM buduan.audit_event WHERE object = 'case/${before.caseId}' AND action = 'case.reopened'`,
    );
    expect(audit).toEqual([{ before: 'paid' }]);
    await world.until(() => Promise.resolve(told(before.caseId).some(({ type }) => type === 'case.reopened') || null));
    expect(told(before.caseId)).toContainEqual({ type: 'case.reopened', from: 'paid' });
    expect(await operationsOf(before.caseId)).toMatchObject([{ state: 'superseded' }]);

    await expectBeingChecked();
    for (const [language, says] of [
      ['zh', '社保机构或代理机构的说明： 账户有误'],
      ['en', 'The bureau or agency says: 账户有误'],
    ] as const)
      expect(await page(language)).toContain(says);

    expect((await approve(before, 'Chen')).body).toMatchObject({ code: 'wrong-state' });
    await world.steer({ holdMoney: false });
    await world.sign(before.caseId);
    const [former, next] = await operationsOf(before.caseId);
    expect([former?.state, next?.state, next?.key]).toEqual(['superseded', 'acknowledged', `case:${before.caseId}:2`]);
    expect(next?.hash).not.toBe(former?.hash);
    // Read again, the refusal of the first round is not taken for one of the second.
    await world.read(BUREAU_ONE);
    expect(await world.show(before.caseId)).toMatchObject({ state: 'submitted', refusal: null });
    world.setToday('2023-03-29');
    await world.officeDay('2023-03-29');
    await world.read(BUREAU_ONE);
    expect((await world.show(before.caseId)).state).toBe('verified');
    expect(await applicationsOf(BUREAU_ONE)).toBe(2);
    expect(await world.offices()).toMatchObject({ paidTwice: 0 });
    expect(world.story.logged()).not.toContain(NUMBER);
    expect((await operationsOf(before.caseId)).map(({ state }) => state)).toEqual(['superseded', 'verified']);
  }, 120_000);

  it('and whose money was taken back after the books had shown it is told to the employee as well', async () => {
    const { caseId } = await world.caseOf(BUREAU_ONE);
    expect(await page('zh')).toContain('社保记录已恢复正常');
    const [line] = await linesOf(BUREAU_ONE);
    await world.steer({ takeBack: { index: BUREAU_ONE, ...line } });
    world.setToday('2023-03-30');
    await world.story.run({ asOf: day('2023-03-30') });
    await world.quiet();
    expect(await world.show(caseId)).toMatchObject({ state: 'proposed', round: 3 });
    await world.until(() => Promise.resolve(told(caseId).some(({ from }) => from === 'verified') || null));
    expect(told(caseId)).toContainEqual({ type: 'case.reopened', from: 'verified' });
    await expectBeingChecked();
    expect(await page('zh')).not.toContain('说明');
  }, 60_000);

  it('and whose orders fail one by one frees the months that failed, and is opened again only when none is said to be paid', async () => {
    await world.steer({ holdMoney: true });
    const before = await world.caseOf(AGENCY_THREE);
    expect(before.state).toBe('paid');
    const [first, ...others] = await linesOf(AGENCY_THREE);
    await world.steer({ bounce: { index: AGENCY_THREE, ...first, reason: '扣款失败' } });
    await world.read(AGENCY_THREE);
    expect(await world.show(before.caseId)).toMatchObject({ state: 'paid', round: 1, refusal: '扣款失败' });
    const other = await world.caseOf(AGENCY_THREE);
    expect(other.caseId).not.toBe(before.caseId);
    expect(other).toMatchObject({ state: 'proposed', insurances: [first?.insurance] });
    for (const line of others) await world.steer({ bounce: { index: AGENCY_THREE, ...line, reason: '扣款失败' } });
    await world.read(AGENCY_THREE);
    const again = await world.show(before.caseId);
    expect(again).toMatchObject({ state: 'proposed', round: 2, insurances: others.map(({ insurance }) => insurance) });
    expect(await reopenings(before.caseId)).toHaveLength(1);
    expect((await operationsOf(before.caseId)).map(({ state }) => state)).toEqual(Array(3).fill('superseded'));
    const taken = await world.story.sql(
      `SELECT l.insurance, count(*)::int AS cases FROM buduan.case_line l WHERE l.person_id = '${before.personId}' AND l.live GROUP BY 1`,
    );
    expect(taken.map(({ cases }) => cases)).toEqual([1, 1, 1]);
  }, 60_000);

  it('is neither signed nor sent again while the application that was refused is told as paid after all', async () => {
    const before = await world.caseOf(BUREAU_THREE);
    const lines = await linesOf(BUREAU_THREE);
    for (const line of lines) await world.steer({ bounce: { index: BUREAU_THREE, ...line } });
    await world.read(BUREAU_THREE);
    const agreed = await agree(await world.show(before.caseId));
    expect(agreed).toMatchObject({ state: 'awaiting-approval', round: 2 });
    const [late] = lines;
    await world.steer({ arrive: { index: BUREAU_THREE, ...late, posted: false } });
    await world.read(BUREAU_THREE);
    const contested = await world.show(before.caseId);
    expect(contested.attention).toContain(`application ${before.remoteRef ?? ''} was refused and is told as paid now`);
    expect(await approve(contested, 'Chen')).toMatchObject({ status: 409, body: { code: 'inconclusive' } });
    expect(await applicationsOf(BUREAU_THREE)).toBe(1);
    // Its money comes: what is left is asked about anew.
    await world.steer({ arrive: { index: BUREAU_THREE, ...late } });
    await world.read(BUREAU_THREE);
    const rest = await world.show(before.caseId);
    expect(rest).toMatchObject({ state: 'awaiting-employee', round: 3, attention: null });
    expect(rest.insurances).toHaveLength(lines.length - 1);
    await world.steer({ holdMoney: false });
    await world.post(`cases/${before.caseId}/confirm`, { by: `employee:${rest.personId}`, hash: rest.hash });
    expect((await approve(await world.show(before.caseId), 'Chen')).status).toBe(200);
    await world.quiet();
    world.setToday('2023-04-03');
    await world.officeDay('2023-04-03');
    await world.read(BUREAU_THREE);
    expect((await world.show(before.caseId)).state).toBe('verified');
    expect(await world.offices()).toMatchObject({ paidTwice: 0 });
  }, 120_000);

  it('is opened again by a person of HR with a reason, who does not approve what follows', async () => {
    await world.steer({ holdMoney: true });
    const { caseId } = await world.caseOf(AGENCY_HR);
    expect((await world.post(`cases/${caseId}/reopen`, { by: 'Chen' })).status).toBe(400);
    // As a ledger may stand: one order that nobody can tell of, one given up.
    const [doubtful = '', dead = ''] = await idsOf(caseId);
    await setOperation(doubtful, `state = 'needs-human'`);
    await setOperation(dead, `state = 'dead'`);
    const reason = 'the bank returned the transfer of 22 March';
    expect(await world.post(`cases/${caseId}/reopen`, { by: 'Chen', reason })).toMatchObject({
      ...{ status: 200, body: { caseId, state: 'proposed' } },
    });
    expect(await reopenings(caseId)).toMatchObject([{ actor: 'chen', from: 'paid', reason }]);
    await world.quiet();
    const ended = (await operationsOf(caseId)).map(({ state }) => state).sort();
    expect(ended).toEqual(['cancelled', 'superseded', 'superseded']);
    const replay = {
      tenantId: 'company-a',
      decision: 'replay',
      actor: 'Dong',
      operationIds: [doubtful, dead],
    } as const;
    await expect(world.story.hub.app.get(DecideOperations).decide(replay)).rejects.toMatchObject({
      code: 'nothing-to-decide',
    });
    expect(await world.post(`cases/${caseId}/reopen`, { by: 'Chen', reason })).toMatchObject({
      ...{ status: 409, body: { code: 'wrong-state' } },
    });
    const agreed = await agree(await world.show(caseId));
    expect(await approve(agreed, 'Chen')).toMatchObject({ status: 409, body: { code: 'same-person' } });
    // The list follows, and then says otherwise: the transfer was made once more.
    const [line] = await linesOf(AGENCY_HR);
    await world.steer({ bounce: { index: AGENCY_HR, ...line } });
    await world.read(AGENCY_HR);
    await world.steer({ arrive: { index: AGENCY_HR, ...line, posted: false } });
    await world.read(AGENCY_HR);
    expect(await approve(agreed, 'Dong')).toMatchObject({ status: 409, body: { code: 'inconclusive' } });
    await world.steer({ bounce: { index: AGENCY_HR, ...line } });
    await world.read(AGENCY_HR);
    expect(await world.show(caseId)).toMatchObject({ state: 'awaiting-approval', attention: null });
  }, 60_000);

  it('sends nothing of the next round before the outcome of the former is known, and takes no late word of it for its own', async () => {
    const { caseId } = await world.caseOf(AGENCY_HR);
    await world.quiet();
    // As if one order of the first round had been taken over from a lost sender, and nobody knew its outcome.
    const { hub, tenant } = world.story;
    const [operationId = ''] = await idsOf(caseId);
    await setOperation(operationId, `state = 'unknown', next_attempt_at = now() + interval '1 hour'`);
    expect((await approve(await world.show(caseId), 'Dong')).body).toMatchObject({ state: 'submitting' });
    await world.until(async () => ((await world.show(caseId)).attention !== null ? true : null));
    expect(await world.show(caseId)).toMatchObject({ state: 'submitting', attention: 'unknown: former-round-open' });
    expect(await operationsOf(caseId)).toHaveLength(3);
    expect(await applicationsOf(AGENCY_HR)).toBe(3);

    await setOperation(operationId, `state = 'acknowledged'`);
    await hub.database.inTenant(tenant.id, (em) =>
      tellCases(em, hub.app.get(Jobs), { tenantId: tenant.id, operationIds: [operationId] }),
    );
    await world.quiet();
    expect((await world.show(caseId)).state).toBe('submitting');
    // A minute later.
    await hub.database.acrossTenants((em) =>
      em.query(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now()`),
    );
    await world.until(async () => ((await world.show(caseId)).state === 'submitted' ? true : null));
    const states = (await operationsOf(caseId)).map(({ state }) => state);
    expect(states.slice(0, 3).sort()).toEqual(['cancelled', 'superseded', 'superseded']);
    expect(states.slice(3)).toEqual(Array(3).fill('acknowledged'));
    expect(await applicationsOf(AGENCY_HR)).toBe(6);
  }, 120_000);

  it('is opened again while the books cannot be trusted, and proposed when they can', async () => {
    const { caseId } = await world.caseOf(AGENCY_HR);
    await world.officeDay('2023-04-10');
    world.setToday('2023-04-10');
    await world.read(AGENCY_HR);
    expect(await world.show(caseId)).toMatchObject({ state: 'paid', round: 2 });
    for (const line of await linesOf(AGENCY_HR)) await world.steer({ bounce: { index: AGENCY_HR, ...line } });
    await world.story.fault('bureau', { fault: 'halfList', path: '/v1/contributions' });
    await world.story.run({ asOf: day('2023-04-10') });
    await world.quiet();
    expect(await world.show(caseId)).toMatchObject({
      state: 'reopened',
      round: 2,
      approvedBy: null,
      confirmedBy: null,
    });
    const asked = await world.post(`cases/${caseId}/ask`, { by: 'Wang' });
    expect(asked).toMatchObject({ status: 409, body: { code: 'wrong-state' } });
    await world.story.clearFaults();
    await world.story.run({ asOf: day('2023-04-10') });
    await world.quiet();
    expect(await world.show(caseId)).toMatchObject({ state: 'proposed', round: 3 });
    expect(await applicationsOf(AGENCY_HR)).toBe(6);
  }, 120_000);

  /** They wait for the person, in this order, while all that the systems say of the money is stored and not yet looked at. */
  const meet = async (index: number, acts: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> => {
    const { hub, tenant } = world.story;
    const waiting = async (query: string): Promise<number> => {
      const [row] = await hub.database.acrossTenants((em) =>
        em.query<{ n: number }[]>(
          `SELECT count(*)::int AS n FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.wait_event_type = 'Lock' AND a.query LIKE $1`,
          [query],
        ),
      );
      return row?.n ?? 0;
    };
    const begun: Promise<unknown>[] = [];
    const person = await world.personId(index);
    let reading: Promise<void> = Promise.resolve();
    await hub.database.inTenant(tenant.id, async (em) => {
      await em.query('SELECT FROM buduan.person p WHERE p.person_id = $1 FOR NO KEY UPDATE', [person]);
      reading = world.read(index);
      await world.until(async () => ((await waiting('%')) > 0 ? true : null));
      for (const act of acts) {
        begun.push(act());
        await world.until(
          async () => (await waiting('%ORDER BY p.person_id FOR NO KEY UPDATE%')) === begun.length || null,
        );
      }
    });
    await reading;
    return Promise.all(begun);
  };

  it.each([
    { index: RACED[0], order: 'a person first', code: 'money-shown' },
    { index: RACED[1], order: 'the books first', code: 'wrong-state' },
  ])(
    'is not opened again by a person while its money comes, $order',
    async ({ index, code }) => {
      const { caseId, personId } = await world.caseOf(index);
      expect((await world.show(caseId)).state).toBe('paid');
      for (const line of await linesOf(index)) await world.steer({ arrive: { index, ...line } });
      const reopen = async (): Promise<unknown> =>
        (await world.post(`cases/${caseId}/reopen`, { by: 'Chen', reason: 'the bank returned it' })).body['code'];
      const look = async (): Promise<null> => {
        const of = { tenantId: 'company-a', runId: personId, asOf: day('2023-03-23'), personIds: [personId] };
        await world.story.hub.app.get(FollowCases).onFindingClosed({ fact: 'FindingClosed', ...of });
        return null;
      };
      const answers = await meet(index, code === 'money-shown' ? [reopen, look] : [look, reopen]);
      expect(answers.filter((each) => each !== null)).toEqual([code]);
      await world.quiet();
      expect((await world.show(caseId)).state).toBe('verified');
      expect(new Set((await operationsOf(caseId)).map(({ state }) => state))).toEqual(new Set(['verified']));
      expect(await applicationsOf(index)).toBe(1);
      expect(await world.offices()).toMatchObject({ paidTwice: 0 });
    },
    60_000,
  );

  it('and was opened again ends when its money comes after all, and nothing more is sent', async () => {
    const { personId } = await world.caseOf(AGENCY_THREE);
    const cases = await world.cases(`&person=${personId}`);
    for (const { insurances, months } of cases)
      for (const insurance of insurances)
        await world.steer({ arrive: { index: AGENCY_THREE, insurance, month: months[0] } });
    await world.read(AGENCY_THREE);
    // By now its last day is over too: the clock of the hub may have looked before the books did.
    for (const { caseId } of cases) expect(['withdrawn', 'expired']).toContain((await world.show(caseId)).state);
    expect(await applicationsOf(AGENCY_THREE)).toBe(3);
    expect(await world.offices()).toMatchObject({ paidTwice: 0 });
    expect((await world.truth(AGENCY_THREE)).status).toBe('insured');
  }, 60_000);
});

/** The page of the employee's case behind a link that HR made, through the second factor. */
async function openPage(world: CaseWorld, index: number): Promise<(language: 'zh' | 'en') => Promise<string>> {
  const { caseId } = await world.caseOf(index);
  const { body } = await world.post(`cases/${caseId}/link`, { by: 'Wang' });
  const address = `${world.story.url}${new URL(String(body['link'])).pathname}`;
  const factor = (await world.identity(index)).slice(-4);
  const entered = await fetch(`${address}/open`, {
    ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ factor }) },
  });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return async (language) => (await fetch(`${address}?lang=${language}`, { headers: { cookie } })).text();
}
