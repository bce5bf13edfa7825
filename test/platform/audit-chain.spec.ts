/** What the audit trail proves on a real database: order, wholeness, and every kind of tampering. */
import pg from 'pg';
import { type AuditEvent, appendAuditEvent } from '../../src/platform/audit/append-audit-event.js';
import { auditHash } from '../../src/platform/audit/audit-hash.js';
import { readAuditHead } from '../../src/platform/audit/audit-events.reader.js';
import { type ChainReport, verifyAuditChain } from '../../src/platform/audit/verify-audit-chain.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

const HASHES = 'SELECT hash FROM buduan.audit_event WHERE tenant_id = $1 ORDER BY event_no';

let test: TestDatabase;
/** The owner of the server, who is fenced by nothing and can change what the hub cannot. */
let intruder: pg.Client;
let tenantId = '';
let round = 0;

beforeAll(async () => {
  test = await openTestDatabase();
  intruder = new pg.Client({ connectionString: test.url });
  await intruder.connect();
});

afterAll(async () => {
  await intruder.end();
  await test.close();
});

/** What the owner of the server can do where he first takes away what forbids it. */
async function tamper(sql: string): Promise<void> {
  await intruder.query('ALTER TABLE buduan.audit_event DISABLE TRIGGER written_once');
  await intruder.query(sql, [tenantId]);
  await intruder.query('ALTER TABLE buduan.audit_event ENABLE ALWAYS TRIGGER written_once');
}

beforeEach(async () => {
  round += 1;
  tenantId = `company-${round}`;
  await intruder.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [tenantId]);
});

function event(action: string, detail: AuditEvent['detail'] = {}): AuditEvent {
  return { tenantId, actor: 'cli', action, object: 'operation/1', detail };
}

async function append(...events: readonly AuditEvent[]): Promise<void> {
  for (const one of events) await test.database.inTenant(one.tenantId, (em) => appendAuditEvent(em, one));
}

async function verify(keptHead?: Parameters<typeof verifyAuditChain>[2]): Promise<ChainReport> {
  return test.database.inTenant(tenantId, (em) => verifyAuditChain(em, tenantId, keptHead));
}

describe('the audit trail', () => {
  it('is whole when it is empty and after events of every shape', async () => {
    expect(await verify()).toEqual({ intact: true, events: 0, head: null });
    await append(
      event('run.start'),
      event('操作.批准', { nested: { b: [1, 2.5, 1e21, -0.1, null, true], a: 'é 😀 "quoted"' }, empty: {} }),
      { ...event('run.end'), object: 'run/2' },
    );
    expect(await verify()).toMatchObject({ intact: true, events: 3 });
  });

  it('numbers events without a gap when many writers append at once, and keeps tenants apart', async () => {
    const other = { ...event('other'), tenantId: `company-${round}-b` };
    await intruder.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [other.tenantId]);
    await Promise.all(Array.from({ length: 24 }, (_, n) => append(n % 3 === 0 ? other : event(`step.${n}`))));
    expect(await verify()).toMatchObject({ intact: true, events: 16 });
    expect(await test.database.inTenant(other.tenantId, (em) => verifyAuditChain(em, other.tenantId))).toMatchObject({
      intact: true,
      events: 8,
    });
  });

  it('leaves no trace of an event whose transaction failed', async () => {
    await append(event('one'));
    const failing = test.database.inTenant(tenantId, async (em) => {
      await appendAuditEvent(em, event('lost'));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await append(event('two'));
    expect(await verify()).toMatchObject({ intact: true, events: 2 });
  });

  it.each([
    ['actor', `actor = 'somebody-else'`],
    ['action', `action = 'operation.refuse'`],
    ['object', `object = 'operation/2'`],
    ['detail', `detail = '{"moved": 3}'`],
    ['time, by a microsecond', `at = at + interval '1 microsecond'`],
    ['own hash', `hash = sha256('x')`],
  ])('notices a changed %s', async (_field, change) => {
    await append(event('one'), event('two', { moved: 2 }), event('three'));
    await tamper(`UPDATE buduan.audit_event SET ${change} WHERE tenant_id = $1 AND event_no = 2`);
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'changed' });
  });

  it('notices an event that is left out, and one that carries another past', async () => {
    await append(event('one'), event('two'), event('three'));
    await tamper('DELETE FROM buduan.audit_event WHERE tenant_id = $1 AND event_no = 2');
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'missing' });
    await tamper('UPDATE buduan.audit_event SET event_no = 2 WHERE tenant_id = $1 AND event_no = 3');
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'unlinked' });
  });

  it('notices a cut-off end by the head that was kept elsewhere', async () => {
    await append(event('one'), event('two'));
    const whole = await verify();
    const head = whole.intact ? (whole.head ?? undefined) : undefined;
    await append(event('three'));
    expect(await verify(head)).toMatchObject({ intact: true, events: 3 });
    await tamper('DELETE FROM buduan.audit_event WHERE tenant_id = $1 AND event_no >= 2');
    expect(await verify()).toMatchObject({ intact: true, events: 1 });
    expect(await verify(head)).toEqual({ intact: false, eventNo: 2, reason: 'cut' });
  });

  it('notices an event put in, although it carries the right hash before it and a right hash of its own', async () => {
    await append(event('one'), event('three'));
    const [first] = (await intruder.query<{ hash: Buffer }>(`${HASHES} LIMIT 1`, [tenantId])).rows;
    const prevHash = first?.hash ?? Buffer.alloc(0);
    const forged = { ...event('operation.approve'), eventNo: 2, at: '2026-11-23T01:02:03.004Z', detail: {}, prevHash };
    await tamper('UPDATE buduan.audit_event SET event_no = 3 WHERE tenant_id = $1 AND event_no = 2');
    await intruder.query(
      `INSERT INTO buduan.audit_event (tenant_id, event_no, at, actor, action, object, detail, prev_hash, hash)
       VALUES ($1, 2, $2, $3, $4, $5, '{}', $6, $7)`,
      [tenantId, forged.at, forged.actor, forged.action, forged.object, prevHash, auditHash(forged)],
    );
    expect(await verify()).toEqual({ intact: false, eventNo: 3, reason: 'unlinked' });
  });

  it('notices two events that changed places', async () => {
    await append(event('one'), event('two'), event('three'));
    await tamper(`UPDATE buduan.audit_event a SET action = b.action, hash = b.hash, at = b.at, prev_hash = b.prev_hash
                    FROM buduan.audit_event b
                   WHERE a.tenant_id = $1 AND b.tenant_id = a.tenant_id AND a.event_no IN (2, 3) AND b.event_no = 5 - a.event_no`);
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'unlinked' });
  });

  it('notices by the kept head a trail that was written anew from the beginning', async () => {
    await append(event('one'), event('two'));
    const head = await test.database.inTenant(tenantId, (em) => readAuditHead(em, tenantId));
    await tamper('DELETE FROM buduan.audit_event WHERE tenant_id = $1');
    await append(event('one'), event('nothing-happened'), event('three'));
    expect(await verify()).toMatchObject({ intact: true, events: 3 });
    expect(await verify(head ?? undefined)).toEqual({ intact: false, eventNo: 2, reason: 'rewritten' });
  });

  it('cannot be changed, shortened or emptied by the owner of its table, as long as its trigger stands', async () => {
    await append(event('one'));
    for (const statement of [
      `UPDATE buduan.audit_event SET actor = 'nobody'`,
      'DELETE FROM buduan.audit_event WHERE event_no > 1000',
      'TRUNCATE buduan.audit_event',
    ])
      await expect(intruder.query(statement)).rejects.toThrow('are written once');
    // Also where triggers of replication are the only ones that fire.
    await intruder.query('SET session_replication_role = replica');
    await expect(intruder.query('DELETE FROM buduan.audit_event')).rejects.toThrow('are written once');
    await intruder.query('RESET session_replication_role');
    expect(await verify()).toMatchObject({ intact: true, events: 1 });
  });

  it('cannot be changed or shortened by the hub itself', async () => {
    await append(event('one'));
    for (const statement of [
      'UPDATE buduan.audit_event SET actor = $1',
      'DELETE FROM buduan.audit_event WHERE tenant_id = $1',
    ]) {
      await expect(test.database.inTenant(tenantId, (em) => em.query(statement, [tenantId]))).rejects.toThrow(
        'permission denied',
      );
    }
  });
});
