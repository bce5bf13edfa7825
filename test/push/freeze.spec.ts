/** Whether nothing leaves from a ledger that was restored until everything was read again, nor while a person has frozen it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { systemClock } from '../../src/platform/clock/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { PushFreeze } from '../../src/push/push-freeze.js';
import { readFreeze } from '../../src/push/push-freeze.reader.js';
import { CONNECTION, TENANT, type LedgerWorld, closeAndListIllegalMoves, openLedgerWorld } from './ledger-world.js';

const WHO = { tenantId: TENANT, name: TENANT };
const THAW = { tenantId: TENANT, by: 'Lin', connectionIds: [CONNECTION] };

describe('a frozen ledger', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await openLedgerWorld({ kind: 'declaration', automaticKinds: ['declaration'] });
    await world.freeze.notice(WHO);
  });
  afterEach(async () => expect(await closeAndListIllegalMoves(world)).toEqual([]));

  const planned = async (): Promise<void> => {
    const money = { desired: { baseFen: 1 }, kind: 'declaration', movesMoney: 'yes' } as const;
    await world.correct({ personId: await world.person(), ...money });
    await world.planAll();
  };
  /** As after the ledger was brought here from somewhere else. */
  const restore = async (): Promise<void> => {
    await world.sql(`UPDATE buduan.tenant SET ledger_origin = '1/2/3'`);
    await world.freeze.notice(WHO);
  };
  const frozen = (): ReturnType<typeof readFreeze> =>
    world.test.database.inTenant(TENANT, (em) => readFreeze(em, TENANT));
  /** A whole read of the connection, and a whole run with a plan. */
  const reconcile = async (): Promise<void> => {
    const runId = uuidv7();
    await world.sql(
      `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, started_at, stats)
       VALUES ($1, $2, 'full', 'manual', 'succeeded', '2023-03-20', false, 'p', clock_timestamp(), '{"plan":{}}')`,
      [TENANT, runId],
    );
    await world.sql(
      `INSERT INTO buduan.stream_run (tenant_id, stream_run_id, run_id, connection_id, read_name, streams, state, complete, is_first, month_count, started_at, finished_at)
       VALUES ($1, $2, $3, $4, 'staff', '{persons}', 'succeeded', true, false, 6, clock_timestamp(), clock_timestamp())`,
      [TENANT, uuidv7(), runId, CONNECTION],
    );
  };

  it('sends nothing after a restore, and is asked again in a minute instead of at once', async () => {
    await planned();
    await restore();
    await world.sendAll();
    expect(world.target.requests).toHaveLength(0);
    expect(await frozen()).toMatchObject({ cause: 'restored', by: null });
    const [job] = await world.test.database.acrossTenants((em) =>
      em.query<{ later: boolean }[]>(
        `SELECT run_at > now() + interval '30 seconds' AS later FROM graphile_worker._private_jobs WHERE payload->>'fact' = 'OperationsDue'`,
      ),
    );
    expect(job).toEqual({ later: true });
  });

  it('thaws only when every connection was read whole and a whole run was planned since', async () => {
    await restore();
    await expect(world.freeze.thaw(THAW)).rejects.toMatchObject({ code: 'reconcile-first' });
    await reconcile();
    await world.freeze.thaw(THAW);
    expect(await frozen()).toBeNull();
  });

  it('shows what moves money to a person: it may have left after the backup was made', async () => {
    await planned();
    await restore();
    await reconcile();
    expect(await world.freeze.thaw(THAW)).toBe(1);
    await world.sendAll();
    expect(await world.states()).toEqual(['needs-human']);
    await world.decide.decide({ tenantId: TENANT, decision: 'replay', actor: 'Lin', operationIds: null });
    await world.sendAll();
    expect(await world.states()).toEqual(['acknowledged']);
  });

  it('is a matter of one word when a person froze it, and of two when it was restored meanwhile', async () => {
    await planned();
    await world.freeze.freeze({ ...WHO, cause: 'person', by: 'Lin', reason: 'the bureau moves house' });
    await world.sendAll();
    expect(await world.states()).toEqual(['queued']);
    await world.freeze.thaw(THAW);
    await world.sendAll();
    expect(await world.states()).toEqual(['acknowledged']);
    await restore();
    await world.freeze.freeze({ ...WHO, cause: 'person', by: 'Lin', reason: null });
    await expect(world.freeze.thaw(THAW)).rejects.toMatchObject({ code: 'reconcile-first' });
  });

  it('is noticed in a copy of the database, by whoever opens it first', async () => {
    await planned();
    await world.test.database.close();
    const copy = await copyOf(world.test.url);
    try {
      const settings = {
        log: silentLog(),
        clock: systemClock,
        tenantRules: () => Promise.reject(new Error()) as never,
      };
      const freeze = new PushFreeze(copy.database, new Jobs({ ...copy, log: silentLog() }), settings);
      await freeze.notice(WHO);
      expect(await copy.database.inTenant(TENANT, (em) => readFreeze(em, TENANT))).toMatchObject({ cause: 'restored' });
    } finally {
      await copy.drop();
    }
    world = await openLedgerWorld();
  });
});

async function copyOf(url: string): Promise<{ database: Database; url: string; drop(): Promise<void> }> {
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const copyUrl = new URL(url);
  copyUrl.pathname = `/${name}`;
  await asAdmin(url, `CREATE DATABASE ${name} TEMPLATE ${new URL(url).pathname.slice(1)}`);
  const database = await Database.open({ url: copyUrl.href, allowUnsafeFsync: true, log: silentLog() });
  const drop = async (): Promise<void> => {
    await database.close();
    await asAdmin(url, `DROP DATABASE ${name} WITH (FORCE)`);
    await asAdmin(url, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  };
  return { database, url: copyUrl.href, drop };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
