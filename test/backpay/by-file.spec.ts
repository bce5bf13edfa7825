/** A back-payment through an agency that only takes spreadsheets: the hub fills its form, a person hands it in, its answer is read back. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { strFromU8, unzipSync } from 'fflate';
import { read as readWorkbook, utils } from '@e965/xlsx';
import { type CaseWorld, openCaseWorld } from './case-world.js';
import { NEWCOMER, fileAgency } from './file-agency.js';

const MEMBERS = ['个人编号', '证件类型', '证件号码', '姓名'];
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const RESULTS = ['个人编号', '申请编号', '险种', '补缴月份', '办理结果'];
const REASONS = [...RESULTS, '原因'];

const { folder, identityNumber, put, withIt, remove } = fileAgency({
  manifest: 'files-bureau.yaml',
  adapt: (text) =>
    text.replace('role: bureau', 'role: agency').replace(/ {2}contributions:\n[^]*?(?= {2}results:)/, ''),
  sheet: '名单',
});
let world: CaseWorld;
beforeAll(async () => {
  put('参保人员.xlsx', [MEMBERS, ['A70', '居民身份证', identityNumber, '某']]);
  put('办理结果-0.xlsx', [RESULTS]);
  world = await openCaseWorld({ employees: 400, everybody: true, tenant: withIt });
  await world.story.run();
  await world.quiet();
}, 120_000);
afterAll(async () => {
  await world.close();
  remove();
});

/** Sealed where it rests, once, the same bytes when it is looked at; its hash in history, audit trail and evidence. */
async function expectKept(of: {
  readonly caseId: string;
  readonly sha256: string;
  readonly bytes: Buffer;
}): Promise<void> {
  const { caseId, sha256 } = of;
  const rows = await world.story.sql(
    `SELECT r.receipt_id AS id, r.kind, r.attached_by AS by, position(decode('504b0304', 'hex') IN r.content_enc) AS clear
       FROM buduan.case_receipt r WHERE r.case_id = '${caseId}'`,
  );
  expect(rows).toEqual([{ id: expect.any(String), kind: 'xlsx', by: 'wang', clear: 0 }]);
  const noted = (await world.history(caseId)).filter(({ detail }) => JSON.stringify(detail).includes(sha256));
  expect(noted).toMatchObject([{ kind: 'note', actor: 'wang', reason: 'a receipt was attached' }]);
  const { url } = world.story;
  const shown = await fetch(`${url}/api/cases/${caseId}/receipts/${String(rows[0]?.['id'])}`);
  expect([shown.status, shown.headers.get('content-disposition')]).toEqual([
    200,
    `attachment; filename="receipt-${String(rows[0]?.['id'])}.xlsx"`,
  ]);
  expect(Buffer.from(await shown.arrayBuffer()).equals(of.bytes)).toBe(true);
  const stranger = '00000000-0000-4000-8000-000000000000';
  expect((await fetch(`${url}/api/cases/${caseId}/receipts/${stranger}`)).status).toBe(404);
  const audit = await world.story.sql(
    `SELECT action FROM buduan.audit_event WHERE object = 'case/${caseId}' AND detail->>'sha256' = '${sha256}' ORDER BY event_no`,
  );
  expect(audit.map(({ action }) => action)).toEqual(['case.receipt', 'case.show-receipt']);
  const archive = unzipSync(new Uint8Array(await (await fetch(`${url}/api/cases/${caseId}/evidence`)).arrayBuffer()));
  const evidence = JSON.parse(strFromU8(archive['case.json'] ?? new Uint8Array())) as { receipts: unknown };
  expect(evidence.receipts).toMatchObject([{ kind: 'xlsx', sha256, attachedBy: 'wang' }]);
  expect(strFromU8(archive['evidence.zh.html'] ?? new Uint8Array())).toContain(sha256);
}

it('a case goes out as a form, is handed in by a person, and follows the answer that is read back', async () => {
  const standing = await world.caseOf(NEWCOMER);
  expect(standing.content).toMatchObject({ channel: 'agency', connectionId: 'agency-files' });
  const sent = await world.sign(standing.caseId);
  expect(sent.state).toBe('submitted');
  const [form = '', ...more] = readdirSync(join(folder, 'outbox'));
  expect(more).toEqual([]);
  const sheet = readWorkbook(readFileSync(join(folder, 'outbox', form))).Sheets['补缴申请'] ?? {};
  const lines = utils.sheet_to_json<unknown[]>(sheet, { header: 1 }).slice(4, 4 + sent.lines.length);
  const byAmount = (rows: unknown[][]): unknown[][] => rows.sort((a, b) => Number(a[2]) - Number(b[2]));
  expect(byAmount(lines.map(([, owner, , month, , employee]) => [owner, month, employee]))).toEqual(
    byAmount(sent.lines.map((line) => ['A70', line.month.replace('-', ''), (line.employeeFen ?? 0) / 100])),
  );

  // Somebody has to hand it in, until the receipt is there.
  expect(await world.tasks()).toMatchObject([
    { caseId: sent.caseId, what: 'hand-in', connectionId: 'agency-files', who: 'wang', byDay: sent.lastDay },
  ]);
  const paper = { type: XLSX, bytes: readFileSync(join(folder, 'outbox', form)) };
  const sha256 = createHash('sha256').update(paper.bytes).digest('hex');
  const path = `cases/${sent.caseId}/receipt`;
  const large = { ...paper, bytes: Buffer.concat([paper.bytes, Buffer.alloc(5 * 1024 * 1024)]) };
  expect((await world.attach(path, large)).status).toBe(413);
  for (let again = 0; again < 2; again += 1)
    expect(await world.attach(path, paper)).toMatchObject({ status: 200, body: { state: 'submitted', sha256 } });
  expect(await world.tasks()).toEqual([]);
  await expectKept({ caseId: sent.caseId, sha256, bytes: paper.bytes });

  const answer = (result: string): readonly string[][] =>
    lines.map((line, place) => ['A70', `H${place}`, String(line[2]), String(line[3]), result]);
  put('办理结果-1.xlsx', [RESULTS, ...answer('办理成功')]);
  await world.read(NEWCOMER);
  expect((await world.show(sent.caseId)).state).toBe('accepted');
  const [refused = [], ...paid] = answer('已缴费');
  const saying = [...refused.slice(0, 4), '不予受理', ' 超过期限\n请走窗口 '];
  put('办理结果-1.xlsx', [REASONS, saying, ...paid.map((line) => [...line, ''])]);
  await world.read(NEWCOMER);
  const partly = await world.show(sent.caseId);
  expect(partly).toMatchObject({ state: 'paid', refusal: '超过期限 请走窗口' });
  const told = partly.lines.filter(({ state }) => state !== 'paid');
  expect(told).toMatchObject([{ state: 'rejected', reason: '超过期限 请走窗口' }]);
  expect(partly.lines.length).toBeGreaterThan(1);
  await world.story.run();
  await world.quiet();
  expect(readdirSync(join(folder, 'outbox'))).toEqual([form]);
}, 90_000);
