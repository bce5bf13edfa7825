/** Whether a small tenant gets its turn while a large one has filled the queue. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../src/connectors/port.js';
import type { OperationsDue } from '../../src/domain/facts.js';
import { day } from '../../src/domain/month.js';
import { systemClock } from '../../src/platform/clock/clock.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { dueKey } from '../../src/push/plan-operations.js';
import type { PushSettings } from '../../src/push/push-settings.js';
import { PushFreeze } from '../../src/push/push-freeze.js';
import { SendOperations } from '../../src/push/send-operations.js';
import { judgeAgain } from '../../src/sync/judge-again.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

const BIG_BATCHES = 100;
const PERSONS_PER_BATCH = 500;

describe('a small tenant', () => {
  let test: TestDatabase;
  let jobs: Jobs;
  beforeEach(async () => {
    test = await openTestDatabase();
    jobs = new Jobs({ database: test.database, url: test.url, log: silentLog() });
    await test.database.acrossTenants((em) =>
      em.query(`INSERT INTO buduan.tenant (tenant_id, name) VALUES ('big', 'big'), ('small', 'small')`),
    );
  });
  afterEach(async () => {
    await jobs.stop();
    await test.close();
  });

  async function judge(tenantId: string, batches: number): Promise<void> {
    const personIds = Array.from({ length: batches * PERSONS_PER_BATCH }, () => randomUUID());
    const request = { tenantId, personIds, asOf: day('2023-03-20'), policyVersion: 'p1', startedBy: 'test' };
    await test.database.inTenant(tenantId, (em) => judgeAgain(em, { jobs }, request));
  }

  it('waits for as many batches of a large one as it has itself, not for all that stood there before', async () => {
    await judge('big', BIG_BATCHES);
    const ran: string[] = [];
    let postedAfter = 0;
    await new Promise<void>((resolve, reject) => {
      const note = async ({ tenantId }: { readonly tenantId: string }): Promise<void> => {
        ran.push(tenantId);
        if (ran.length === 10) {
          // In the middle of the large run, before the next job is taken.
          await judge('small', 3);
          postedAfter = ran.length;
        }
        if (ran.length === BIG_BATCHES + 3) resolve();
      };
      jobs.start({ RecordsChanged: note }, { concurrency: 1 }).catch(reject);
    });
    const small = ran.flatMap((tenantId, at) => (tenantId === 'small' ? [at] : []));
    expect(small).toHaveLength(3);
    expect((small.at(-1) ?? BIG_BATCHES) - postedAfter).toBeLessThan(6);
    expect(ran.filter((tenantId) => tenantId === 'big')).toHaveLength(BIG_BATCHES);
  });

  it('is sent what it has after one turn of each target of a large one, however much waits there', async () => {
    const bigTargets = ['bureau', 'payroll', 'agency'];
    for (const connectionId of bigTargets) await fill({ tenantId: 'big', connectionId, operations: 100 });
    const send = sender();
    const turns: string[] = [];
    let postedAfter = 0;
    await new Promise<void>((resolve, reject) => {
      const turn = async (fact: OperationsDue): Promise<void> => {
        turns.push(fact.tenantId);
        await send.onOperationsDue(fact);
        if (turns.length === 5) {
          await fill({ tenantId: 'small', connectionId: 'payroll', operations: 1 });
          postedAfter = turns.length;
        }
        if (fact.tenantId === 'small') resolve();
      };
      jobs.start({ OperationsDue: turn }, { concurrency: 1 }).catch(reject);
    });
    const waited = turns.indexOf('small') - postedAfter;
    expect(waited).toBeLessThanOrEqual(bigTargets.length);
    expect(await leftOf('small')).toBe(0);
    // Otherwise there was nothing to wait for.
    expect(await leftOf('big')).toBeGreaterThan(200);
  });

  /** Sends to targets that answer after a moment, in slices of a few requests. */
  function sender(): SendOperations {
    const settings: PushSettings = {
      ...{ log: silentLog(), clock: systemClock, sliceMs: 20 },
      tenantRules: () => {
        throw new Error('Nothing is planned here.');
      },
    };
    const registry = { open: target };
    const freeze = new PushFreeze(test.database, jobs, settings);
    return new SendOperations(test.database, jobs, registry as never, settings, freeze);
  }

  async function fill(of: { readonly tenantId: string; readonly connectionId: string; readonly operations: number }) {
    const { tenantId, connectionId, operations } = of;
    const runId = randomUUID();
    await test.database.inTenant(tenantId, async (em) => {
      await em.query(
        `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, 'fake', '1', 'payroll')`,
        [tenantId, connectionId],
      );
      await em.query(
        `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version)
         VALUES ($1, $2, 'full', 'manual', 'succeeded', '2023-03-20', false, 'p')`,
        [tenantId, runId],
      );
      await em.query(
        `WITH row AS (SELECT gen_random_uuid() AS id FROM generate_series(1, $2)),
         person AS (
           INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
           SELECT $1, row.id, 'resident-id', ''::bytea, uuid_send(row.id), '****' FROM row)
         INSERT INTO buduan.operation (tenant_id, operation_id, connection_id, kind, owner_key, object_key, person_id, business_key, desired,
                                       expected_before, payload_hash, moves_money, state, run_id)
         SELECT $1, row.id, $3, 'status', row.id::text, '', row.id, row.id::text, '{"status":"insured"}', '{}',
                sha256(uuid_send(row.id)), false, 'queued', $4
           FROM row`,
        [tenantId, operations, connectionId, runId],
      );
      await jobs.post(em, { fact: 'OperationsDue', tenantId, connectionId }, dueKey(tenantId, connectionId));
    });
  }

  async function leftOf(tenantId: string): Promise<number> {
    const [row] = await test.database.inTenant(tenantId, (em) =>
      em.query<{ left: number }[]>(
        `SELECT count(*)::int AS left FROM buduan.operation WHERE tenant_id = $1 AND state <> 'acknowledged'`,
        [tenantId],
      ),
    );
    return row?.left ?? 0;
  }
});

function target(tenantId: string, connectionId: string): Connection {
  return {
    ...{ tenantId, connectionId },
    declaration: {
      ...{ id: 'fake', version: '1', role: 'payroll', reads: [] },
      writes: [{ kind: 'status', class: { type: 'overwrite' }, batch: 1 }],
    },
    check: () => Promise.resolve({ ok: true, detail: '' }),
    read: () => {
      throw new Error('not read in these tests');
    },
    write: async ({ items }) => {
      await wait(5);
      return items.map(({ operationId }) => ({ operationId, outcome: 'accepted', remoteRef: null }));
    },
    query: () => Promise.resolve('cannot-tell'),
    close: () => Promise.resolve(),
  };
}
