/** Cases that do not go straight: through the agency, by hand, declined, expired, changed, refused in part, met by silence, contradicted. */
import { strFromU8, unzipSync } from 'fflate';
import type { z } from 'zod';
import { createHash } from 'node:crypto';
import { CaseDeadlines } from '../../src/backpay/case-deadlines.js';
import type { CaseView } from '../../src/backpay/cases.reader.js';
import { findingAnswer, findingsAnswer } from '../../src/cli/serve/findings.http.js';
import { day } from '../../src/domain/month.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { tellCases } from '../../src/push/tell-cases.js';
import { empNo } from '../../src/sandbox/ids.js';
import { signedCall } from '../../src/sandbox/webhooks.js';
import { type CaseWorld, openCaseWorld } from './case-world.js';

/** Employees of this sandbox (400, seed 11) by what is planted on them. */
const HANGZHOU_NEWCOMER = 70;
const HANGZHOU_GAP = 27;
const HANGZHOU_ONE = 376;
const SHANGHAI_LATE = 317;
const BEIJING = [78, 129, 274, 368] as const;
/** Not there on the first night: everybody from SHANGHAI_HIRED on. */
const SHANGHAI_HIRED = 325;
const PDF = { type: 'application/pdf', bytes: Buffer.from('%PDF-1.4\na receipt of the office') };
const SHA256 = createHash('sha256').update(PDF.bytes).digest('hex');
const SYSTEMS = ['bureau', 'payroll', 'attendance', 'agency'] as const;

/** An office's words, with what has no business there. */
const SAID = '材料不全\u0007 <b>缺合同</b>\r\n';
const NUMBER = '11010519491231002X';
const MASKED = '1101**********002X';

async function expectInEvidence(world: CaseWorld, caseId: string, words: string): Promise<void> {
  const { hub, tenant, url } = world.story;
  const key = { tenant, name: 'audra', scopes: ['auditor'], days: 1, by: 'test' } as const;
  const headers = { authorization: `Bearer ${(await hub.app.get(ApiKeys).create(key)).key}` };
  const reply = await fetch(`${url}/api/cases/${caseId}/evidence`, { headers });
  const files = unzipSync(new Uint8Array(await reply.arrayBuffer()));
  const text = (name: string): string => strFromU8(files[name] ?? new Uint8Array());
  expect((JSON.parse(text('case.json')) as { case: { refusal: string } }).case.refusal).toBe(words);
  for (const name of ['evidence.zh.html', 'evidence.en.html']) {
    expect(text(name)).toContain('材料不全 &lt;b&gt;缺合同&lt;/b&gt;');
    expect(text(name)).not.toContain('<b>缺');
  }
  for (const name of Object.keys(files)) expect(text(name)).not.toContain(NUMBER);
  expect(world.story.logged()).not.toContain(NUMBER);
}

describe('a back-payment case', () => {
  let world: CaseWorld;
  beforeAll(async () => {
    world = await openCaseWorld({ employees: 400, everybody: true });
    for (const system of SYSTEMS) await world.story.fault(system, { fault: 'notHired', persons: 400 - SHANGHAI_HIRED });
    await world.story.run();
    await world.quiet();
    await world.story.clearFaults();
  }, 120_000);
  afterAll(() => world.close());
  beforeEach(() => world.setToday('2023-03-20'));

  const tick = (on: string) => world.story.hub.app.get(CaseDeadlines).tick('company-a', day(on));
  const hashOf = ({ hash }: CaseView): string => hash ?? '';
  const asked = async (index: number): Promise<CaseView> => {
    const { caseId } = await world.caseOf(index);
    await world.post(`cases/${caseId}/ask`, { by: 'Wang' });
    return world.show(caseId);
  };
  const confirmed = async (index: number): Promise<CaseView> => {
    const view = await asked(index);
    const by = `employee:${view.personId}`;
    await world.post(`cases/${view.caseId}/confirm`, { by, hash: view.hash });
    return world.show(view.caseId);
  };

  it('has findings behind it, listed with filters and page by page, shown with every source, set aside and taken back', async () => {
    const get = async (path: string): Promise<Record<string, unknown>> =>
      (await (await fetch(`${world.story.url}/api/findings${path}`)).json()) as Record<string, unknown>;
    type Page = z.output<typeof findingsAnswer>;
    const page = async (query: string): Promise<Page> => findingsAnswer.parse(await get(`?${query}`));
    const all = (await page('limit=1000')).findings;
    const turned: string[] = [];
    for (let next: string | null = ''; next !== null && turned.length <= all.length;) {
      const found: Page = await page(`limit=37${next === '' ? '' : `&after=${next}`}`);
      turned.push(...found.findings.map(({ findingId }) => findingId));
      ({ next } = found);
    }
    expect(turned).toEqual(all.map(({ findingId }) => findingId));
    expect(JSON.stringify(all)).not.toMatch(/\d{17}[\dX]/);
    for (const kind of ['withheld-not-remitted', 'double-coverage', 'paid-not-due']) {
      const { findings } = await page(`kind=${kind}`);
      const [first] = findings;
      if (first === undefined) throw new Error(`No ${kind} was found.`);
      const shown = findingAnswer.parse(await get(`/${first.findingId}`));
      const words = shown.detail.months.flatMap((each) => each.words ?? []);
      const sources = new Set(words.map(({ role, stream }) => `${role} ${stream}`));
      const needed = kind === 'withheld-not-remitted' ? 'payroll wages' : 'bureau contributions';
      expect([...sources]).toEqual(expect.arrayContaining([needed, 'payroll employments']));
      expect(shown.reads.every(({ readAt }) => readAt !== null)).toBe(true);
      expect(shown.now?.months.length).toBe(shown.months.length);
    }
    const [one] = (await page('kind=double-coverage&limit=1')).findings;
    const id = one?.findingId ?? '';
    expect(
      (await page(`person=${one?.personId}&kind=double-coverage&insurance=${one?.insurance}`)).findings,
    ).toHaveLength(1);
    const aside = { reason: 'the second payer stops', until: '2023-04-30' };
    expect((await world.post(`findings/${id}/set-aside`, { ...aside, until: '2025-01-01' })).status).toBe(400);
    expect(await world.post(`findings/${id}/set-aside`, aside)).toMatchObject({
      ...{ status: 200, body: { closedAt: null, setAside: { by: 'wang', ...aside } } },
    });
    const ids = async (query: string): Promise<string[]> => (await page(query)).findings.map((each) => each.findingId);
    expect(await ids('setAside=true')).toEqual([id]);
    expect(await ids('setAside=false&limit=1000')).toHaveLength(all.length - 1);
    expect(await ids('limit=1000')).toHaveLength(all.length);
    expect((await world.post(`findings/${id}/take-back`, { reason: 'it goes on' })).body).toMatchObject({
      setAside: null,
    });
    expect((await world.post(`findings/${id}/take-back`, { reason: 'it goes on' })).status).toBe(409);
    expect((await get('?from=2023-13'))['code']).toBe('bad-request');
  }, 60_000);
  const call = async (system: 'payroll' | 'attendance', index: number, id: string): Promise<number> => {
    const { path, headers, body } = signedCall(system, index, { id, now: Date.now() });
    const reply = await fetch(`${world.story.url}/webhooks/company-a${path}`, { method: 'POST', headers, body });
    return reply.status;
  };
  const runsOf = (trigger: string): Promise<Record<string, unknown>[]> =>
    world.story.sql(`SELECT r.run_id FROM buduan.run r WHERE r.trigger = '${trigger}' AND r.mode = 'targeted'`);

  it('of somebody hired after the night is there as soon as payroll calls: the bureau, which never named him, is asked', async () => {
    const index = BEIJING[3];
    await expect(world.personId(index)).rejects.toThrow();
    expect(await call('attendance', index, 'new-user')).toBe(200);
    expect(await call('payroll', index, 'new-hire')).toBe(200);
    await world.quiet();
    const hired = await world.caseOf(index);
    expect(hired).toMatchObject({ state: 'proposed', origin: 'finding', months: ['2022-10'], insurances: ['pension'] });
    // The month lies before the hiring, and was read at the bureau.
    const { gaps, jobs } = await world.truth(index);
    expect(gaps).toMatchObject({ pension: ['2022-10'] });
    expect(jobs[0]?.hiredOn).toBe('2023-01-08');
    const findings = await world.story.sql(
      `SELECT situation, closed_at FROM buduan.finding WHERE person_id = '${hired.personId}' AND months = '{2022-10}'`,
    );
    expect(findings).toEqual([{ situation: 'gap-before-hire', closed_at: null }]);
    expect(await runsOf('webhook')).not.toHaveLength(0);
    // Called again, nobody is asked again and nothing is made twice.
    expect(await call('payroll', index, 'new-hire-again')).toBe(200);
    await world.quiet();
    expect(await world.cases(`&person=${hired.personId}`)).toHaveLength(1);
    const log = world.story.logged();
    expect(log.match(/"asked":1,"found":1/g)).toHaveLength(1);
    expect(log).not.toContain((await world.identity(index)).slice(0, 17));
  }, 40_000);

  it('of somebody whom HR names is there after POST /api/persons, also where the bureau never named him', async () => {
    const index = SHANGHAI_HIRED;
    const hired = await world.post('persons', { connection: 'payroll', key: empNo(index) });
    expect(hired).toMatchObject({ status: 202, body: { personId: expect.any(String), notKnownAt: [] } });
    expect((hired.body['reads'] as { connection: string }[]).map(({ connection }) => connection)).toEqual([
      'payroll',
      'bureau',
    ]);
    await world.quiet();
    expect(await world.caseOf(index)).toMatchObject({ months: ['2022-11'], insurances: ['pension'] });
  }, 40_000);

  it('is one, when the calls of two systems, the night and the employee himself ask for it at once', async () => {
    const index = HANGZHOU_ONE;
    const night = world.story.run();
    const calls = ['payroll', 'attendance', 'payroll'] as const;
    const statuses = await Promise.all(calls.map((system, place) => call(system, index, `at-once-${place}`)));
    expect(statuses).toEqual([200, 200, 200]);
    const person = await world.until(() => world.personId(index).catch(() => null));
    const ask = (): Promise<unknown> => world.post('cases', { person, origin: 'employee', by: `employee:${person}` });
    let isOver = false;
    const insist = async (): Promise<void> => {
      while (!isOver) await ask();
    };
    const asking = Promise.all([insist(), insist()]);
    await night.finally(() => (isOver = true));
    await asking;
    await ask();
    await world.quiet();
    const cases = await world.cases(`&person=${person}`);
    expect(cases).toHaveLength(1);
    expect(cases[0]).toMatchObject({ months: ['2022-12'], insurances: ['medical'] });
  }, 120_000);

  it('is sorted by the days that are left', async () => {
    const days = (await world.cases()).flatMap(({ daysLeft }) => (daysLeft === null ? [] : [daysLeft]));
    expect(days.length).toBeGreaterThan(3);
    expect(days).toEqual([...days].sort((a, b) => a - b));
  });

  it('whose window is over is explained, not proposed', async () => {
    const late = await world.caseOf(SHANGHAI_LATE);
    expect(late).toMatchObject({ state: 'expired', hash: null, region: null });
    expect(late.advice.text.zh.join('')).toContain('超过 3 个月');
  });

  it('goes by the place of work and through the agency where that is the way, sent blindly once, and is verified by the bureau’s books', async () => {
    const { caseId, region, content } = await world.caseOf(HANGZHOU_NEWCOMER);
    expect({ region, channel: content?.channel, connectionId: content?.connectionId }).toEqual({
      ...{ region: '330100', channel: 'agency', connectionId: 'agency' },
    });
    // The agency takes the orders and nobody hears of it.
    await world.story.fault('agency', { fault: 'lostReply', path: '/open/v1/orders', calls: 1 });
    const sent = await world.sign(caseId);
    expect(sent).toMatchObject({ state: 'submitting', attention: expect.stringContaining('needs-human') });
    expect((await world.offices()).applications.filter(({ index }) => index === HANGZHOU_NEWCOMER)).toHaveLength(3);
    for (let again = 0; again < 2; again += 1) await world.read(HANGZHOU_NEWCOMER);
    expect((await world.offices()).applications.filter(({ index }) => index === HANGZHOU_NEWCOMER)).toHaveLength(3);
    expect((await world.show(caseId)).state).toBe('submitted');
  }, 40_000);

  it('met by silence for ten days is shown to a person and not sent again', async () => {
    const { caseId } = await world.sign((await world.caseOf(HANGZHOU_ONE)).caseId);
    expect((await world.show(caseId)).state).toBe('submitted');
    expect(await tick('2023-03-30')).toMatchObject({ silent: 0 });
    await tick('2023-03-31');
    const silent = await world.show(caseId);
    expect(silent).toMatchObject({ state: 'submitted', attention: expect.stringContaining('nothing was heard') });
    await tick('2023-04-01');
    expect((await world.history(caseId)).filter(({ kind }) => kind === 'escalated')).toHaveLength(1);
    expect((await world.offices()).applications.filter(({ index }) => index === HANGZHOU_ONE)).toHaveLength(1);
  }, 40_000);

  it('that is accepted in part pays that part and frees the rest for another case', async () => {
    await world.steer({
      refuse: [{ index: HANGZHOU_GAP, insurance: 'medical', month: '2023-01', reason: `${SAID} ${NUMBER}` }],
    });
    const { caseId } = await world.sign((await world.caseOf(HANGZHOU_GAP)).caseId);
    world.setToday('2023-03-21');
    await world.officeDay('2023-03-21');
    await world.read(HANGZHOU_GAP);
    const words = `材料不全 <b>缺合同</b> ${MASKED}`;
    const partly = await world.show(caseId);
    expect(partly).toMatchObject({
      state: 'partially-accepted',
      attention: 'some months were refused',
      refusal: words,
    });
    expect(partly.lines.filter(({ reason }) => reason !== null)).toMatchObject([
      { insurance: 'medical', reason: words },
    ]);
    const told = (await world.history(caseId)).filter(({ kind, to }) => kind === 'line' || to === 'partially-accepted');
    expect(told).toMatchObject([
      { kind: 'line', reason: words, detail: { insurance: 'medical', month: '2023-01', state: 'rejected' } },
      { kind: 'moved', reason: `as bureau or agency shows it: ${words}` },
    ]);
    await expectInEvidence(world, caseId, words);
    await world.officeDay('2023-03-23');
    world.setToday('2023-03-23');
    await world.read(HANGZHOU_GAP);
    const paid = await world.show(caseId);
    expect(paid.state).toBe('verified');
    expect(paid.refusal).toBe(words);
    expect(Object.fromEntries(paid.lines.map(({ insurance, state }) => [insurance, state]))).toEqual({
      ...{ medical: 'rejected', pension: 'verified', unemployment: 'verified' },
    });
    const next = await world.caseOf(HANGZHOU_GAP);
    expect(next.caseId).not.toBe(caseId);
    expect(next).toMatchObject({ insurances: ['medical'], months: ['2023-01'], state: 'proposed' });
    // The agency's newcomer, whose reply was lost, was paid once on the same day.
    await world.read(HANGZHOU_NEWCOMER);
    expect((await world.caseOf(HANGZHOU_NEWCOMER)).state).toBe('verified');
    const operations = await world.story.sql(`SELECT DISTINCT o.state FROM buduan.operation o
      JOIN buduan.back_payment_case c ON c.case_id::text = o.desired->>'caseId' WHERE c.state = 'verified' AND o.state <> 'verified'`);
    expect(operations).toEqual([]);
    expect(await world.offices()).toMatchObject({ paidTwice: 0 });
  }, 120_000);

  it('whose money the bureau takes back is reopened by the next night, told, signed anew, and paid at last once', async () => {
    const paid = await world.caseOf(HANGZHOU_NEWCOMER);
    expect(paid.state).toBe('verified');
    const [line] = paid.lines;
    const { insurance = '', month = '' } = line ?? {};
    world.setToday('2023-03-24');
    await world.steer({ takeBack: { index: HANGZHOU_NEWCOMER, insurance, month } });
    await world.story.run({ asOf: day('2023-03-24') });
    await world.quiet();
    const again = await world.show(paid.caseId);
    expect(again).toMatchObject({ state: 'proposed', round: 2, insurances: [insurance], months: [month] });
    expect(again).toMatchObject({ confirmedBy: null, approvedBy: null, submittedOn: null, remoteRef: null });
    const reopened = (await world.history(paid.caseId)).find(({ to }) => to === 'reopened');
    expect(reopened).toMatchObject({ actor: 'hub', reason: expect.stringContaining('unpaid again') });
    // What was signed for the first round signs nothing now.
    const stale = { by: `employee:${paid.personId}`, hash: paid.hash };
    await world.post(`cases/${paid.caseId}/ask`, { by: 'Wang' });
    expect((await world.post(`cases/${paid.caseId}/confirm`, stale)).body).toMatchObject({ code: 'wrong-hash' });
    const sent = await world.sign(paid.caseId);
    // The finished order of the first round is still shown, and is not taken for the new one.
    await world.read(HANGZHOU_NEWCOMER);
    expect((await world.show(sent.caseId)).state).toBe('submitted');
    world.setToday('2023-03-29');
    await world.officeDay('2023-03-29');
    await world.read(HANGZHOU_NEWCOMER);
    expect((await world.show(sent.caseId)).state).toBe('verified');
    expect(await world.cases(`&person=${paid.personId}`)).toHaveLength(1);
    const offices = await world.offices();
    const orders = offices.applications.filter(({ index }) => index === HANGZHOU_NEWCOMER);
    expect([orders.length, offices.paidTwice]).toEqual([4, 0]);
    expect((await world.truth(HANGZHOU_NEWCOMER)).gaps[insurance]).toEqual([]);
  }, 120_000);

  it('whose orders the agency refuses at once ends with what it said', async () => {
    const { caseId } = await world.caseOf(HANGZHOU_ONE);
    // As the ledger notes a reply that refuses every order.
    await world.story.sql(`UPDATE buduan.back_payment_case SET state = 'submitting' WHERE case_id = '${caseId}'`);
    const refused = `UPDATE buduan.operation SET state = 'rejected', outcome_code = 'BAD_ORDER', outcome_message = '险种无效'
       WHERE desired->>'caseId' = '${caseId}'`;
    await world.story.sql(refused);
    const operations = await world.story.sql(
      `SELECT operation_id FROM buduan.operation WHERE desired->>'caseId' = '${caseId}'`,
    );
    const operationIds = operations.map((each) => String(each['operation_id']));
    expect(operationIds).not.toEqual([]);
    const { hub, tenant } = world.story;
    const jobs = hub.app.get(Jobs);
    await hub.database.inTenant(tenant.id, (em) => tellCases(em, jobs, { tenantId: tenant.id, operationIds }));
    await world.quiet();
    expect(await world.show(caseId)).toMatchObject({ state: 'rejected', refusal: '险种无效' });
    expect((await world.history(caseId)).at(-1)).toMatchObject({ to: 'rejected', reason: 'BAD_ORDER: 险种无效' });
  }, 40_000);

  it('that the employee declines ends, and the night does not ask again', async () => {
    const view = await asked(BEIJING[0]);
    const declined = { by: `employee:${view.personId}`, hash: view.hash, reason: 'paid elsewhere' };
    expect((await world.post(`cases/${view.caseId}/decline`, declined)).body).toMatchObject({ state: 'declined' });
    await world.story.run();
    await world.quiet();
    expect(await world.cases(`&person=${view.personId}`)).toHaveLength(1);
    const again = await world.post('cases', { person: view.personId, by: 'Wang' });
    expect(again).toMatchObject({ status: 200, body: { made: [expect.any(String)], standing: [] } });
  }, 120_000);

  it('that nobody answers is reminded of once, and expires', async () => {
    const { caseId, respondBy } = await asked(BEIJING[1]);
    expect(respondBy).toBe('2023-03-25');
    await tick('2023-03-23');
    await tick('2023-03-24');
    expect((await world.history(caseId)).filter(({ kind }) => kind === 'reminder')).toHaveLength(1);
    await tick('2023-03-26');
    expect((await world.history(caseId)).at(-1)).toMatchObject({
      to: 'expired',
      reason: 'nobody answered by 2023-03-25',
    });
  });

  it('whose amounts change between confirmation and approval is void with the reason, and asked about again', async () => {
    const index = BEIJING[2];
    const view = await confirmed(index);
    expect(view.state).toBe('awaiting-approval');
    await world.story.change({ index, wageMonth: '2023-02', gross: 23_456 });
    await world.read(index);
    const approve = { by: 'Chen', hash: view.hash, acceptsUnverified: true };
    const refused = await world.post(`cases/${view.caseId}/approve`, approve);
    expect(refused.status).toBe(409);
    const now = await world.show(view.caseId);
    expect(now).toMatchObject({ state: 'awaiting-employee', round: 2, confirmedBy: null });
    expect(hashOf(now)).not.toBe(hashOf(view));
    expect((await world.history(view.caseId)).filter(({ reason }) => reason === 'changed: amounts')).not.toEqual([]);
    const stale = { by: `employee:${view.personId}`, hash: view.hash };
    expect((await world.post(`cases/${view.caseId}/confirm`, stale)).body).toMatchObject({ code: 'wrong-hash' });
  }, 40_000);

  it('that no connection takes is carried by a person and noted with its receipt, after going back to HR once', async () => {
    const { caseId, hash } = await confirmed(BEIJING[3]);
    const back = { by: 'Chen', hash, reason: 'add the contract' };
    expect((await world.post(`cases/${caseId}/return`, back)).body).toMatchObject({ state: 'returned' });
    const view = await confirmed(BEIJING[3]);
    expect(view.round).toBe(2);
    const approve = { by: 'Chen', hash: view.hash, acceptsUnverified: true };
    const bulk = await world.post('cases/approve', {
      ...{ by: 'Chen', acceptsUnverified: true },
      cases: [
        { caseId: '00000000-0000-4000-8000-000000000000', hash: 'a'.repeat(64) },
        { caseId, hash: approve.hash },
      ],
    });
    expect(bulk.body['results']).toMatchObject([{ outcome: 'unknown-case' }, { outcome: 'moved', state: 'approved' }]);
    expect((await world.post(`cases/${caseId}/submit`, { by: 'Wang' })).body).toMatchObject({
      code: 'reference-needed',
    });
    const [task] = (await world.tasks()).filter((each) => each.caseId === caseId);
    expect(task).toMatchObject({ what: 'carry', who: 'wang', byDay: view.lastDay, since: '2023-03-20' });
    expect(await world.attach(`cases/${caseId}/receipt`, PDF)).toMatchObject({ body: { code: 'reference-needed' } });
    const path = `cases/${caseId}/receipt?reference=R-2023-0042`;
    const page = { ...PDF, bytes: Buffer.from('<html>no receipt</html>') };
    expect(await world.attach(path, page)).toMatchObject({ status: 400, body: { code: 'not-a-receipt' } });
    expect(await world.attach(path, PDF)).toMatchObject({ status: 200, body: { state: 'submitted', sha256: SHA256 } });
    expect((await world.tasks()).filter((each) => each.caseId === caseId)).toEqual([]);
    expect(await world.show(caseId)).toMatchObject({ remoteRef: 'R-2023-0042', submittedOn: '2023-03-20' });
    expect((await world.post(`cases/${caseId}/withdraw`, { by: 'Wang' })).body).toMatchObject({ code: 'wrong-state' });
    // Nobody but who stood at the counter can tell that it was not taken.
    const sentAway = { by: 'Wang', reason: 'the contract is missing' };
    expect(await world.post(`cases/${caseId}/reject`, { by: 'Wang' })).toMatchObject({ status: 400 });
    expect((await world.post(`cases/${caseId}/reject`, sentAway)).body).toMatchObject({ state: 'rejected' });
    const ended = await world.show(caseId);
    expect(ended).toMatchObject({ state: 'rejected', refusal: 'the contract is missing' });
    expect(ended.lines.map(({ state }) => state)).toEqual(ended.lines.map(() => 'rejected'));
    expect((await world.post(`cases/${caseId}/reject`, sentAway)).body).toMatchObject({ code: 'wrong-state' });
    const again = await world.post('cases', { person: view.personId, by: 'Wang' });
    expect(again.body['made']).toHaveLength(1);
  }, 40_000);

  it('waits for its approval among all that does, and is decided there by nobody who made it', async () => {
    // What expired before is proposed anew.
    await world.post('cases', { person: await world.personId(BEIJING[1]), by: 'Wang' });
    const view = await confirmed(BEIJING[1]);
    const id = `case:${view.caseId}`;
    const listed = async (): Promise<{ id: string }[]> => {
      const reply = await fetch(`${world.story.url}/api/approvals?kind=case`);
      return ((await reply.json()) as { approvals: { id: string }[] }).approvals;
    };
    expect((await listed()).filter((each) => each.id === id)).toMatchObject([
      { hash: view.hash, deadline: view.lastDay, makers: ['wang', 'for-employee'], canApprove: true },
    ]);
    const approve = { hash: view.hash, acceptsUnverified: true };
    expect(await world.post(`approvals/${id}/approve`, { ...approve, by: 'Wang' })).toMatchObject({
      ...{ status: 409, body: { code: 'same-person' } },
    });
    const other = await world.post(`approvals/${id}/approve`, { ...approve, by: 'Chen', hash: 'a'.repeat(64) });
    expect(other).toMatchObject({ status: 409, body: { code: 'wrong-hash' } });
    const rejected = await world.post(`approvals/${id}/reject`, {
      by: 'Chen',
      hash: view.hash,
      reason: 'paid elsewhere',
    });
    expect(rejected).toMatchObject({ status: 200, body: { id, decision: 'reject' } });
    expect(await world.show(view.caseId)).toMatchObject({ state: 'refused' });
    expect((await listed()).map((each) => each.id)).not.toContain(id);
    const again = await world.post('cases', { person: view.personId, by: 'Wang' });
    expect(again.status).toBe(200);
    const next = await confirmed(BEIJING[1]);
    const line = { id: `case:${next.caseId}`, decision: 'approve', hash: next.hash };
    const bulk = await world.post('approvals/decide', {
      by: 'Chen',
      lines: [
        { ...line, hash: view.hash === next.hash ? 'b'.repeat(64) : view.hash },
        line,
        { ...line, acceptsUnverified: true },
      ],
    });
    const { results } = bulk.body as { results: { status: number; code: string }[] };
    expect(results.map(({ status, code }) => `${status} ${code}`)).toEqual(
      next.advice.doubtful.length === 0
        ? ['409 wrong-hash', '200 decided', '409 wrong-state']
        : ['409 wrong-hash', '409 unverified', '200 decided'],
    );
    expect((await world.show(next.caseId)).state).toBe('approved');
    expect((await world.post(`cases/${next.caseId}/withdraw`, { by: 'Wang', reason: 'only tried' })).status).toBe(200);
  }, 60_000);

  it('of another tenant, or of nobody, is not there', async () => {
    for (const path of ['', '/history']) {
      const reply = await fetch(`${world.story.url}/api/cases/00000000-0000-4000-8000-000000000000${path}`);
      expect(reply.status).toBe(404);
    }
  });

  it('holds a month alone: twenty who ask at once for overlapping months get one case per month', async () => {
    const person = await world.personId(BEIJING[0]);
    const insurances = ['pension', 'medical', 'unemployment'] as const;
    for (let round = 0; round < 4; round += 1) {
      await world.story.sql(`DELETE FROM buduan.back_payment_case WHERE person_id = '${person}'`);
      await Promise.all(
        Array.from({ length: 20 }, (_, worker) => {
          const only = insurances.filter((_each, place) => (worker + round + place) % 3 !== 0);
          const body = { person, by: 'Wang', origin: worker % 2 === 0 ? 'hr' : 'employee' };
          return world.post('cases', { ...body, only: only.map((insurance) => ({ insurance, month: '2022-09' })) });
        }),
      );
      const taken = await world.story.sql(
        `SELECT insurance, count(*)::int AS cases FROM buduan.case_line WHERE person_id = '${person}' AND live GROUP BY insurance ORDER BY insurance`,
      );
      expect(taken).toEqual(['medical', 'pension', 'unemployment'].map((insurance) => ({ insurance, cases: 1 })));
    }
  }, 120_000);
});
