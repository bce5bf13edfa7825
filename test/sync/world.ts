/** A hub's sync room on a real database with sources in memory. */
import { randomBytes } from 'node:crypto';
import { fen } from '../../src/domain/fen.js';
import { day, month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import type { StreamItems } from '../../src/domain/records.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { type FullRunRequest, type RunHandle, startFullRun } from '../../src/sync/run-full.js';
import type { RunOutcome } from '../../src/sync/finish-run.js';
import { SyncTools } from '../../src/sync/sync-tools.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';
import type { MemorySource } from './memory-source.js';

export const AS_OF = day('2023-03-20');
export const TENANT = 'company-a';

export type Row = Record<string, unknown>;

export class World {
  readonly tools: SyncTools;
  sources: readonly MemorySource[] = [];
  readonly settings = { name: '甲公司', lookBackMonths: 6, countDropPercent: 50 };

  private constructor(private readonly test: TestDatabase) {
    const log = silentLog();
    const key = randomBytes(32);
    this.tools = new SyncTools(
      test.database,
      new Jobs({ database: test.database, url: test.url, log }),
      new IdentityVault({
        current: 'k1',
        identity: new Map([['k1', key]]),
        blindIndex: { current: 'b1', keys: new Map([['b1', randomBytes(32)]]) },
      }),
      log,
      (tenantId) => this.sources.filter((source) => source.tenantId === tenantId),
      () => this.settings,
    );
  }

  static async open(): Promise<World> {
    return new World(await openTestDatabase());
  }

  start(request: Partial<FullRunRequest> = {}): Promise<RunHandle> {
    return startFullRun(this.tools, {
      tenantId: TENANT,
      asOf: AS_OF,
      trigger: 'manual',
      dryRun: false,
      policyVersion: 'p1',
      ...request,
    });
  }

  /** A full run from start to end. */
  async run(request: Partial<FullRunRequest> = {}): Promise<RunOutcome> {
    return (await this.start(request)).finished;
  }

  query(sql: string, parameters: readonly unknown[] = [], tenantId = TENANT): Promise<Row[]> {
    return this.test.database.inTenant(tenantId, (em) => em.query<Row[]>(sql, [...parameters]));
  }

  /** Every record with what a reader sees of it, without ids and times that differ from run to run. */
  records(tenantId = TENANT): Promise<Row[]> {
    return this.query(
      `SELECT r.connection_id, r.stream, r.owner_key, r.link_rule, r.body::text AS body, r.gone_at IS NOT NULL AS gone,
              encode(p.id_number_bidx, 'hex') AS person
       FROM buduan.source_record r LEFT JOIN buduan.person p USING (tenant_id, person_id)
       ORDER BY r.connection_id, r.stream, r.owner_key`,
      [],
      tenantId,
    );
  }

  /** Facts posted so far, oldest first. */
  async facts(): Promise<Row[]> {
    return this.test.database.acrossTenants(async (em) => {
      const rows: { payload: Row }[] = await em.query('SELECT payload FROM graphile_worker._private_jobs ORDER BY id');
      return rows.map((row) => row.payload);
    });
  }

  /** Lets the active run look as if its process had died some minutes ago. */
  async forgetHeartbeat(): Promise<void> {
    await this.query("UPDATE buduan.run SET heartbeat_at = now() - interval '5 minutes' WHERE state = 'running'");
  }

  /** What reconcile leaves behind when it has judged everybody for this date and policy. */
  async judgeEverybody(): Promise<void> {
    await this.query('DELETE FROM buduan.judgement');
    await this.query(
      `INSERT INTO buduan.judgement (tenant_id, person_id, as_of, window_from, policy_version, status, cells, run_id)
       SELECT p.tenant_id, p.person_id, $1, '2022-09', 'p1', 'insured', '[]', gen_random_uuid() FROM buduan.person p`,
      [AS_OF],
    );
  }

  close(): Promise<void> {
    return this.test.close();
  }
}

export function wage(of: string, grossFen: number): { readonly key: string; readonly item: StreamItems['wages'] } {
  return { key: of, item: { month: month(of), grossFen: fen(grossFen) } };
}

export function contribution(
  of: string,
  serial: string,
): { readonly key: string; readonly item: StreamItems['contributions'] } {
  return {
    key: serial,
    item: {
      month: month(of),
      insurance: 'pension',
      kind: 'normal',
      state: 'paid',
      payer: 'E0001',
      region: region('440300'),
      baseFen: fen(1_800_000),
      employeeFen: fen(144_000),
      employerFen: fen(288_000),
    },
  };
}

export function employment(id: string): { readonly key: string; readonly item: StreamItems['employments'] } {
  return {
    key: id,
    item: {
      employmentId: id,
      employer: '深圳分公司',
      region: region('440300'),
      hiredOn: day('2023-03-01'),
      leftOn: null,
    },
  };
}
