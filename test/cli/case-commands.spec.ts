/** Whether cases can be carried, paid, measured and opened again at a terminal, and one month read alone. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseEventView, CaseSummary, CaseView } from '../../src/backpay/cases.reader.js';
import type { CaseTask } from '../../src/backpay/case-tasks.reader.js';
import { ROOT } from '../support/repository-files.js';
import { type CliOutcome, type CliWorld, openCliWorld } from './run-cli.js';

const NIGHT = '2023-03-20';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const PAPER = Buffer.from('%PDF-1.4\na receipt of the office');
const SHA256 = createHash('sha256').update(PAPER).digest('hex');

let world: CliWorld;
let variables: Record<string, string>;
beforeAll(async () => {
  world = await openCliWorld();
  variables = { BUDUAN_CONFIG: withoutHiringLimit() };
  const { code, stderr } = await buduan('run', '--as-of', NIGHT);
  if (code !== 0) throw new Error(stderr);
}, 300_000);
afterAll(() => world?.close());

/** The tenant's rule of 15 days after hiring is lifted, so that more than the newly hired may apply. */
function withoutHiringLimit(): string {
  const overlay = join(world.folder, 'overlay.yaml');
  const rules = readFileSync(join(ROOT, 'examples/overlays/company-a.yaml'), 'utf8');
  writeFileSync(overlay, rules.replaceAll("{ value: '15', unit: days", "{ value: '3650', unit: days"));
  const config = join(world.folder, 'hub-of-cases.yaml');
  const hub = readFileSync(join(world.folder, 'hub.yaml'), 'utf8');
  writeFileSync(config, hub.replace(/overlay: .*/, `overlay: ${overlay}`));
  return config;
}

function buduan(...args: readonly string[]): Promise<CliOutcome> {
  return world.buduan(args, variables);
}

/** The lines of tables, without their frames. */
function rows(stdout: string): readonly string[] {
  return stdout.split('\n').map((line) => line.replaceAll(/[│\s]+/g, ' ').trim());
}

async function asJson<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await buduan(...args, '--json');
  if (code !== 0) throw new Error(`${args.join(' ')}: ${String(code)} ${stderr}`);
  return JSON.parse(stdout) as T;
}

async function caseThrough(channel: CaseSummary['channel'], connectionId: string | null): Promise<string> {
  const { cases } = await asJson<{ cases: readonly CaseSummary[] }>('case', 'list', '--as-of', NIGHT);
  const found = cases.find(
    (each) => each.state === 'proposed' && each.channel === channel && each.connectionId === connectionId,
  );
  if (found === undefined) throw new Error(`There is no case through ${String(channel)}.`);
  return found.caseId;
}

const show = async (caseId: string, on = NIGHT): Promise<CaseView> =>
  (await asJson<{ case: CaseView }>('case', 'show', caseId, '--as-of', on)).case;

/** Asked by Wang, confirmed by the employee, approved by Chen. */
async function sign(caseId: string, on = NIGHT): Promise<string> {
  await asJson('case', 'ask', caseId, '--by', 'Wang', '--as-of', on);
  const { hash, personId } = await show(caseId, on);
  const act = (verb: string, by: string, ...more: string[]): Promise<{ state: string }> =>
    asJson('case', verb, caseId, '--by', by, '--hash', hash ?? '', '--as-of', on, ...more);
  await act('confirm', `employee:${personId}`);
  return (await act('approve', 'Chen', '--accept-unverified')).state;
}

async function office(path: string, body: object): Promise<void> {
  const reply = await fetch(`${world.sandbox.control}/_sandbox/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(await reply.text());
}

describe('buduan case tasks and receipt', () => {
  let caseId: string;
  const tasks = async (): Promise<readonly CaseTask[]> =>
    (await asJson<{ tasks: readonly CaseTask[] }>('case', 'tasks')).tasks;
  const file = (name: string, bytes: Buffer): string => {
    const path = join(world.folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('list what a person has to carry, with who and what it costs, and nothing before somebody approved it', async () => {
    caseId = await caseThrough('counter', null);
    expect(await tasks()).toEqual([]);
    expect(await sign(caseId)).toBe('approved');
    const { totals, lastDay } = await show(caseId);
    expect(await tasks()).toMatchObject([
      { caseId, what: 'carry', channel: 'counter', connectionId: null, who: 'Wang', byDay: lastDay, ...pick(totals) },
    ]);
    const { code, stdout } = await buduan('case', 'tasks');
    expect({ code, line: rows(stdout).find((line) => line.includes(caseId)) }).toEqual({
      ...{ code: 0, line: expect.stringMatching(/\d{4}\*+\S+ carry counter Wang /) },
    });
    expect(stdout).not.toMatch(/\d{17}[\dX]/);
    expect(await buduan('case', 'tasks', '--limit', '0')).toMatchObject({ code: 1, stdout: '' });
  }, 120_000);

  it('keep the paper of what was carried, and refuse what is none, is too large, is not there, or is of no case', async () => {
    const submit = ['case', 'submit', caseId, '--by', 'Wang', '--as-of', NIGHT];
    expect((await buduan(...submit)).stderr).toContain('[reference-needed]');
    expect(await asJson(...submit, '--reference', 'R-2023-0042')).toEqual({ caseId, state: 'submitted' });
    expect(await tasks()).toEqual([]);
    const attach = (path: string, of = caseId): Promise<CliOutcome> =>
      buduan('case', 'receipt', of, path, '--by', 'Wang', '--reference', 'R-2023-0042');
    const wrong = [
      await attach(file('page.pdf', Buffer.from('<html>no receipt</html>'))),
      await attach(file('large.pdf', Buffer.concat([PAPER, Buffer.alloc(5 * 1024 * 1024)]))),
      await attach(join(world.folder, 'nothing.pdf')),
      await attach(file('receipt.pdf', PAPER), NOBODY),
    ];
    expect(wrong.map(({ code, stderr }) => [code, /\[([a-z-]+)\]/.exec(stderr)?.[1]])).toEqual(
      Object.entries({ 'not-a-receipt': 1, 'receipt-too-large': 1, 'cannot-read': 2, 'unknown-case': 1 }).map(
        ([refusal, code]) => [code, refusal],
      ),
    );
    const kept = await attach(join(world.folder, 'receipt.pdf'));
    expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining(`SHA-256 ${SHA256}`) });
    expect(kept.stdout).toContain(`The receipt of case ${caseId} is kept; the case is submitted.`);
    const { events } = await asJson<{ events: readonly CaseEventView[] }>('case', 'history', caseId);
    expect(events.at(-1)).toMatchObject({ kind: 'note', actor: 'Wang', reason: 'a receipt was attached' });
    expect(JSON.stringify(events.at(-1))).toContain(SHA256);
  }, 120_000);
});

function pick(totals: CaseView['totals']): Pick<CaseTask, 'employeeFen' | 'employerFen'> {
  return { employeeFen: totals?.employeeFen ?? -1, employerFen: totals?.employerFen ?? -1 };
}

describe('buduan case metrics', () => {
  const metrics = (asOf: string): Promise<Record<string, unknown>> => asJson('case', 'metrics', '--as-of', asOf);

  it('knows nothing before a case was verified, and then its days and acts, for a year', async () => {
    expect(await metrics(NIGHT)).toMatchObject({ withinDays: 365, verified: 0, days: null, hubSeconds: null });
    const none = await buduan('case', 'metrics', '--as-of', NIGHT);
    expect(rows(none.stdout)).toEqual(expect.arrayContaining(['of 0 verified cases middle most', 'acts of HR – –']));
    const caseId = await caseThrough('online', 'bureau');
    expect(await sign(caseId)).toBe('submitted');
    await office('day', { day: '2023-03-23' });
    expect((await buduan('run', '--as-of', '2023-03-23')).code).toBe(0);
    expect((await show(caseId, '2023-03-23')).state).toBe('verified');
    expect(await metrics('2023-03-23')).toMatchObject({
      ...{ verified: 1, days: { median: 3, most: 3 }, hrActions: { median: 2, most: 2 } },
      ...{ employeeActions: { median: 1, most: 1 }, cases: { verified: 1, submitted: 1 } },
    });
    const { code, stdout } = await buduan('case', 'metrics', '--as-of', '2023-03-23');
    expect([code, rows(stdout)]).toEqual([
      0,
      expect.arrayContaining(['of 1 verified cases middle most', 'acts of HR 2 2']),
    ]);
    expect(await metrics('2024-03-24')).toMatchObject({ verified: 0, cases: { verified: 1 } });
  }, 180_000);
});

describe('buduan case reopen', () => {
  it('opens again what was said to be paid, by a reason that stays with it', async () => {
    await office('back-payments', { holdMoney: true });
    const on = '2023-03-28';
    const caseId = await caseThrough('online', 'bureau');
    const reopen = ['case', 'reopen', caseId, '--by', 'Chen', '--as-of', on];
    expect((await buduan(...reopen, '--reason', 'too early')).stderr).toContain('[wrong-state]');
    await sign(caseId, '2023-03-23');
    await office('day', { day: on });
    expect((await buduan('run', '--as-of', on)).code).toBe(0);
    expect((await show(caseId, on)).state).toBe('paid');
    expect(await buduan(...reopen)).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
    const done = await buduan(...reopen, '--reason', 'the bank returned it');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`Case ${caseId} is proposed.`) });
    expect(await show(caseId, on)).toMatchObject({ state: 'proposed', round: 2, proposedBy: 'Chen', approvedBy: null });
    const { stdout } = await buduan('case', 'history', caseId);
    expect(rows(stdout)).toContain(`${on} paid reopened 1 Chen the bank returned it`);
  }, 180_000);
});

describe('buduan run --month', () => {
  const run = ['run', '--as-of', '2023-03-28', '--connection', 'payroll'];

  it('reads that month of a connection again and nothing else', async () => {
    // A month that nobody changed says nothing new.
    expect(await asJson(...run, '--month', '2022-12')).toMatchObject({
      ...{ month: '2022-12', personId: null, operations: [] },
      reads: [{ connectionId: 'payroll', reads: [{ read: 'wages', changed: 0, complete: true }] }],
    });
    const [index, other] = [20, 21];
    await office('change', { index, wageMonth: '2022-12', gross: 24_680 });
    await office('change', { index, wageMonth: '2022-11', gross: 13_579 });
    await office('change', { index: other, wageMonth: '2022-12', gross: 11_223 });
    const person = 'payroll:E000021';
    expect(await asJson(...run, '--month', '2022-12', '--person', person)).toMatchObject({
      ...{ month: '2022-12', personId: expect.any(String) },
      reads: [{ connectionId: 'payroll', persons: 1, reads: [{ read: 'wages', changed: 1, complete: true }] }],
    });
    const { code, stdout } = await buduan(...run, '--month', '2022-12');
    // The other one alone is new by now.
    expect([code, rows(stdout)]).toEqual([
      0,
      expect.arrayContaining([expect.stringMatching(/^payroll wages \d+ 1 yes$/)]),
    ]);
    const { reads } = await asJson<{ reads: readonly { reads: readonly { changed: number }[] }[] }>(
      ...run,
      '--month',
      '2022-11',
    );
    expect(reads[0]?.reads[0]?.changed).toBe(1);
  }, 180_000);

  it.each([
    ['alone', ['run', '--month', '2022-12'], 'which-part', 2],
    ['as a preview', [...run, '--month', '2022-12', '--dry-run'], 'which-part', 2],
    ['of a single read', [...run, '--month', '2022-12', '--read', 'wages'], 'which-part', 2],
    ['that nobody can be asked for', [...run, '--month', '1999-12'], 'no-month-read', 2],
    ['of somebody unknown', [...run, '--month', '2022-12', '--person', 'payroll:nobody'], 'unknown-person', 2],
  ])(
    'is refused %s',
    async (_how, args, refusal, code) => {
      const refused = await buduan(...args);
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code, stdout: '' });
      expect(refused.stderr).toContain(`[${refusal}]`);
    },
    60_000,
  );

  it('is refused for what is no month', async () => {
    expect(await buduan(...run, '--month', '2022-13')).toMatchObject({ code: 1, stdout: '' });
  }, 60_000);
});
