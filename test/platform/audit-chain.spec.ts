/** What the audit trail proves on a real database: order, wholeness, and every kind of tampering. */
import pg from 'pg';
import { type AuditEvent, appendAuditEvent } from '../../src/platform/audit/append-audit-event.js';
import { type ChainReport, verifyAuditChain } from '../../src/platform/audit/verify-audit-chain.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

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
    await intruder.query(`UPDATE buduan.audit_event SET ${change} WHERE tenant_id = $1 AND event_no = 2`, [tenantId]);
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'changed' });
  });

  it('notices an event that is left out, and one that carries another past', async () => {
    await append(event('one'), event('two'), event('three'));
    await intruder.query('DELETE FROM buduan.audit_event WHERE tenant_id = $1 AND event_no = 2', [tenantId]);
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'missing' });
    await intruder.query('UPDATE buduan.audit_event SET event_no = 2 WHERE tenant_id = $1 AND event_no = 3', [
      tenantId,
    ]);
    expect(await verify()).toEqual({ intact: false, eventNo: 2, reason: 'unlinked' });
  });

  it('notices a cut-off end by the head that was kept elsewhere', async () => {
    await append(event('one'), event('two'));
    const whole = await verify();
    const head = whole.intact ? (whole.head ?? undefined) : undefined;
    await append(event('three'));
    expect(await verify(head)).toMatchObject({ intact: true, events: 3 });
    await intruder.query('DELETE FROM buduan.audit_event WHERE tenant_id = $1 AND event_no >= 2', [tenantId]);
    expect(await verify()).toMatchObject({ intact: true, events: 1 });
    expect(await verify(head)).toEqual({ intact: false, eventNo: 2, reason: 'cut' });
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
