/** What an auditor is given of Li's whole case: it matches the database, its hashes can be computed again, and it names nobody's number. */
import { unzipSync, strFromU8 } from 'fflate';
import { CaseDeadlines } from '../../src/backpay/case-deadlines.js';
import type { CaseEvidence } from '../../src/cli/evidence/take-evidence.js';
import { day } from '../../src/domain/month.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { readHead } from '../../src/platform/audit/kept-head.js';
import { verifyAuditChain } from '../../src/platform/audit/verify-audit-chain.js';
import { revealIdentity } from '../../src/sync/reveal-identity.js';
import { SyncTools } from '../../src/sync/sync-tools.js';
import { hidden, sha256 } from '../employee/page-world.js';
import { type CaseWorld, openCaseWorld } from './case-world.js';

const LI = 0;
/** Somebody types it where it does not belong. */
const TYPED = '11010519491231002X';

/** As README.txt of the archive says it, written independently of the hub. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  const fields = value as Record<string, unknown>;
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`;
}

describe('the evidence of the case of Li, who confirmed on his page and was paid back', () => {
  let world: CaseWorld;
  let caseId = '';
  let auditor = '';
  let files: Readonly<Record<string, string>> = {};
  let evidence: CaseEvidence;

  const take = (id: string): Promise<Response> =>
    fetch(`${world.story.url}/api/cases/${id}/evidence`, { headers: { authorization: `Bearer ${auditor}` } });
  const events = (): Promise<Record<string, unknown>[]> =>
    world.story.sql(
      `SELECT event_no::int AS "eventNo", encode(hash, 'hex') AS hash FROM buduan.audit_event WHERE object = 'case/${caseId}' OR object LIKE 'employee-link/%' ORDER BY event_no`,
    );

  beforeAll(async () => {
    world = await openCaseWorld({ employees: 60 });
    const { hub, tenant } = world.story;
    await world.story.run();
    await world.quiet();
    ({ caseId } = await world.caseOf(LI));
    await world.post(`cases/${caseId}/ask`, { by: 'Wang', reason: `<b>${TYPED}</b> asked by telephone` });
    await confirmOnPage();
    const { hash } = await world.show(caseId);
    await world.post(`cases/${caseId}/approve`, { by: 'Chen', hash, acceptsUnverified: true });
    await world.quiet();
    for (const today of ['2023-03-21', '2023-03-23']) {
      world.setToday(today);
      await world.officeDay(today);
      await world.read(LI);
    }
    world.setToday('2023-03-24');
    await hub.app.get(CaseDeadlines).tick(tenant.id, day('2023-03-24'));
    const key = { tenant, name: 'audra', scopes: ['auditor'], days: 1, by: 'test' } as const;
    auditor = (await hub.app.get(ApiKeys).create(key)).key;
    const reply = await take(caseId);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/zip');
    expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="case-${caseId}.zip"`);
    const unzipped = unzipSync(new Uint8Array(await reply.arrayBuffer()));
    files = Object.fromEntries(Object.entries(unzipped).map(([name, bytes]) => [name, strFromU8(bytes)]));
    evidence = JSON.parse(files['case.json'] ?? '') as CaseEvidence;
  }, 120_000);
  afterAll(() => world.close());

  it('took two acts of HR, one of his, three days', async () => {
    const metrics = await fetch(`${world.story.url}/api/case-metrics`);
    expect(await metrics.json()).toMatchObject({
      ...{ verified: 1, days: { median: 3, most: 3 }, hrActions: { median: 2, most: 2 } },
      ...{ employeeActions: { median: 1, most: 1 }, cases: { closed: 1 } },
    });
  });

  async function confirmOnPage(): Promise<void> {
    const { url } = world.story;
    const { body } = await world.post(`cases/${caseId}/link`, { by: 'Wang' });
    const path = new URL(String(body['link'])).pathname;
    const send = (to: string, form: Record<string, string>, cookie: string): Promise<Response> =>
      fetch(`${url}${path}/${to}`, {
        ...{ method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(form) },
      });
    const factor = (await world.show(caseId)).idMasked.slice(-4);
    const cookie = ((await send('open', { factor }, '')).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const page = await (await fetch(`${url}${path}?lang=zh`, { headers: { cookie } })).text();
    const form = { answer: 'agree', text: hidden(page, 'text'), mark: hidden(page, 'mark') };
    expect((await send('answer?lang=zh', form, cookie)).status).toBe(303);
  }

  it('holds what the database holds: case, lines, history, signatures, what was sent and received', async () => {
    const [row] = await world.story.sql(
      `SELECT c.state, c.round, c.content, c.advice, encode(c.content_hash, 'hex') AS hash, c.remote_ref AS "remoteRef"
         FROM buduan.back_payment_case c WHERE c.case_id = '${caseId}'`,
    );
    expect(evidence.case).toMatchObject({ ...row, state: 'closed', employeeFen: 180_708, employerFen: 347_252 });
    expect(evidence.case.lines).toEqual((await world.show(caseId)).lines);
    expect(evidence.history.map(({ to }) => to)).toEqual((await world.history(caseId)).map(({ to }) => to));
    expect(evidence.approvals).toMatchObject([{ decision: 'approved', actor: 'chen', hash: evidence.case.hash }]);
    const [operation, ...others] = await world.story.sql(
      `SELECT o.operation_id AS "operationId", o.state, o.desired, encode(o.payload_hash, 'hex') AS "payloadHash", o.remote_ref AS "remoteRef",
              (SELECT count(*)::int FROM buduan.operation_event e WHERE e.operation_id = o.operation_id) AS told
         FROM buduan.operation o WHERE o.kind = 'back-payment' AND o.desired->>'caseId' = '${caseId}'`,
    );
    expect(others).toEqual([]);
    const { told, ...stored } = operation ?? {};
    expect(evidence.operations).toMatchObject([{ ...stored, state: 'verified', masked: false }]);
    expect(evidence.operations[0]?.events).toHaveLength(Number(told));
    expect(evidence.result).toMatchObject({
      state: 'closed',
      verifiedOn: '2023-03-23',
      remoteRefs: [row?.['remoteRef']],
    });
  });

  it('carries hashes that anybody can compute again: of the text shown, of what was signed, of what was sent', () => {
    const [confirmation] = evidence.confirmations;
    const { text = '', textHash, language, address } = confirmation?.evidence ?? {};
    expect(text).toContain('1,807.08');
    expect({ textHash, language, address }).toEqual({ textHash: sha256(text), language: 'zh', address: '127.0.0.1' });
    const { content, hash } = evidence.case;
    expect([sha256(canonical(content)), confirmation?.hash]).toEqual([hash, hash]);
    for (const sent of evidence.operations) {
      const { connectionId: connection, ownerKey: owner, objectKey: object, desired } = sent;
      const payload = { connection, kind: 'back-payment', owner, object, desired, approved: hash };
      expect([sha256(canonical(payload)), sent.approvedHash]).toEqual([sent.payloadHash, sent.payloadHash]);
    }
  });

  it('shows links of the audit trail that fit themselves, each other and the head, and an edited one does not', async () => {
    const { events: links, head } = evidence.audit;
    expect(links.map(({ eventNo, hash }) => ({ eventNo, hash }))).toEqual(await events());
    const computed = ({ fits: _, masked: __, hash: ___, ...fields }: (typeof links)[number]): string =>
      sha256(canonical({ ...fields, tenantId: evidence.tenant.id }));
    for (const link of links) {
      expect(link.fits).toBe(true);
      expect(computed(link) === link.hash).toBe(!link.masked);
      expect(computed({ ...link, actor: 'somebody else' })).not.toBe(link.hash);
    }
    const neighbours = links.flatMap((link, at) => {
      const before = links[at - 1];
      return before !== undefined && before.eventNo + 1 === link.eventNo ? [[link.prevHash, before.hash]] : [];
    });
    expect(neighbours.length).toBeGreaterThan(1);
    for (const [prevHash, hash] of neighbours) expect(prevHash).toBe(hash);
    const kept = readHead(files['head.json'] ?? '', 'company-a');
    expect([kept.eventNo, kept.hash.toString('hex')]).toEqual([head.eventNo, head.hash]);
    const { database } = world.story.hub;
    const report = await database.inTenant('company-a', (em) => verifyAuditChain(em, 'company-a', kept));
    expect(report).toMatchObject({ intact: true });
    const forged = { ...kept, hash: Buffer.alloc(32, 1) };
    const refused = await database.inTenant('company-a', (em) => verifyAuditChain(em, 'company-a', forged));
    expect(refused).toMatchObject({ intact: false, reason: 'rewritten' });
  });

  it('ends with the event of its own taking, in the name of the auditor', () => {
    const last = evidence.audit.events.at(-1);
    expect(last).toMatchObject({ action: 'case.evidence', actor: 'audra', eventNo: evidence.audit.head.eventNo });
    expect(evidence.taken).toMatchObject({ by: 'audra', onDay: '2023-03-24' });
  });

  it('shows no identity number whole, neither his own nor one that somebody typed into a reason', async () => {
    const { hub, tenant } = world.story;
    const personId = await world.personId(LI);
    const asked = { tenantId: tenant.id, personId, actor: 'test', reason: 'to look for it' };
    const { idNumber } = await revealIdentity(hub.app.get(SyncTools), asked);
    for (const text of Object.values(files)) {
      expect(text).not.toContain(idNumber);
      expect(text).not.toContain(TYPED);
    }
    expect(evidence.case.idMasked).toBe(`${idNumber.slice(0, 4)}**********${idNumber.slice(-4)}`);
    expect(evidence.audit.events.filter(({ masked }) => masked)).toMatchObject([
      { action: 'case.awaiting-employee', detail: { reason: '<b>1101**********002X</b> asked by telephone' } },
    ]);
  });

  it('can be read and printed in both languages, and runs nothing', () => {
    const zh = files['evidence.zh.html'] ?? '';
    const en = files['evidence.en.html'] ?? '';
    for (const page of [zh, en]) {
      expect(page).not.toMatch(/<script|<b>|\son\w+=|https?:/i);
      expect(page).toContain('&lt;b&gt;1101**********002X&lt;/b&gt;');
      expect(page).toContain('1,807.08');
      for (const { hash } of evidence.approvals) expect(page).toContain(hash);
    }
    expect(zh).toContain('<h2>审计链</h2>');
    expect(en).toContain('<h2>Audit trail</h2>');
    expect(files['README.txt']).toContain('buduan audit verify --tenant company-a --head head.json');
  });

  it('is not made of a case that is not there, and that leaves no event', async () => {
    const before = await world.story.sql('SELECT count(*) FROM buduan.audit_event');
    const reply = await take('01890000-0000-7000-8000-000000000000');
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([404, 'unknown-case']);
    expect(await world.story.sql('SELECT count(*) FROM buduan.audit_event')).toEqual(before);
  });
});
