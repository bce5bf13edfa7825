/** A tenant in a real database, with the records of the small world written as sync writes them. */
import { v7 as newId } from 'uuid';
import type { RecordsChanged } from '../../src/domain/facts.js';
import { day } from '../../src/domain/month.js';
import type { Stream } from '../../src/domain/records.js';
import type { StreamRecord } from '../../src/connectors/port.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { ExplainPerson } from '../../src/reconcile/explain-person.js';
import type { PersonFacts } from '../../src/reconcile/person-facts.js';
import { MarkFindings } from '../../src/reconcile/mark-findings.js';
import { ReconcileBatch, type BatchReport } from '../../src/reconcile/reconcile-batch.js';
import { ShowFinding } from '../../src/reconcile/show-finding.js';
import { portionsOf } from '../../src/sync/portions.js';
import { contentHash, joinLines } from '../../src/sync/record-body.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';
import { AS_OF, CONNECTIONS, rulesOf } from './small-world.js';

type Row = Record<string, unknown>;

export class StoredWorld {
  private constructor(
    readonly test: TestDatabase,
    readonly batch: ReconcileBatch,
    readonly explain: ExplainPerson,
    readonly show: ShowFinding,
    readonly marks: MarkFindings,
  ) {}

  static async open(): Promise<StoredWorld> {
    const test = await openTestDatabase({ poolSize: 4 });
    const settings = { log: silentLog(), tenantRules: () => rulesOf() };
    const jobs = new Jobs({ database: test.database, url: test.url, log: silentLog() });
    const explain = new ExplainPerson(test.database, settings);
    return new StoredWorld(
      test,
      new ReconcileBatch(test.database, jobs, settings),
      explain,
      new ShowFinding(test.database, explain),
      new MarkFindings(test.database),
    );
  }

  /** Creates the tenant, its connections and one full run in which everything was read completely. Returns the run's id. */
  async tenant(tenantId: string): Promise<string> {
    await this.sql(tenantId, `INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)`, [tenantId]);
    for (const { connectionId, role } of CONNECTIONS) {
      await this.sql(
        tenantId,
        `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, 'small', '1', $3)`,
        [tenantId, connectionId, role],
      );
    }
    return this.run(tenantId);
  }

  /** A further run; `complete` names the reads (`connection`) that saw everything. */
  async run(
    tenantId: string,
    options: { readonly incomplete?: readonly string[]; readonly dryRun?: boolean } = {},
  ): Promise<string> {
    const runId = newId();
    await this.sql(
      tenantId,
      `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version) VALUES ($1, $2, 'full', 'manual', 'succeeded', $3, $4, 'small-1')`,
      [tenantId, runId, AS_OF, options.dryRun ?? false],
    );
    for (const { connectionId, streams } of CONNECTIONS) {
      const complete = options.incomplete?.includes(connectionId) !== true;
      await this.sql(
        tenantId,
        `INSERT INTO buduan.stream_run (tenant_id, stream_run_id, run_id, connection_id, read_name, streams, month_count, is_first, state, complete, finished_at)
         VALUES ($1, $2, $3, $4, 'all', $5, 6, false, $6, $7, clock_timestamp())`,
        [tenantId, newId(), runId, connectionId, streams, complete ? 'succeeded' : 'incomplete', complete],
      );
    }
    return runId;
  }

  /** Stores a person of the small world; owner keys are made the person's own. Returns the person's id. */
  async store(tenantId: string, person: PersonFacts, personId: string = newId()): Promise<string> {
    await this.sql(
      tenantId,
      `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked, frozen_reason)
       VALUES ($1, $2, 'resident-id', '', $3, '1101**********0011', $4)
       ON CONFLICT (tenant_id, person_id) DO UPDATE SET frozen_reason = excluded.frozen_reason`,
      [tenantId, personId, Buffer.from(personId), person.frozen ? 'duplicate-number' : null],
    );
    await this.sql(tenantId, 'DELETE FROM buduan.source_record WHERE tenant_id = $1 AND person_id = $2', [
      tenantId,
      personId,
    ]);
    for (const record of person.records) {
      const ownerKey = `${record.ownerKey}-${personId}`;
      const body = bodyOf(record.stream, ownerKey, record.items);
      await this.sql(
        tenantId,
        `INSERT INTO buduan.source_record (tenant_id, connection_id, stream, owner_key, person_id, link_rule, body, content_hash, changed_run_id, observed_at, gone_at)
         VALUES ($1, $2, $3, $4, $5, 'identity-number', $6, decode($7, 'hex'), $8, now(), $9)`,
        [
          tenantId,
          record.connectionId,
          record.stream,
          ownerKey,
          personId,
          body,
          contentHash(body),
          newId(),
          record.goneAt,
        ],
      );
    }
    return personId;
  }

  /** Judges persons as a targeted read would. */
  async judge(tenantId: string, runId: string, personIds: readonly string[]): Promise<BatchReport> {
    return this.batch.onRecordsChanged(this.fact({ tenantId, runId, batchNo: null, personIds }));
  }

  fact(of: Pick<RecordsChanged, 'tenantId' | 'runId' | 'batchNo' | 'personIds'>): RecordsChanged {
    return { fact: 'RecordsChanged', asOf: day(AS_OF), ...of };
  }

  async addBatch(
    tenantId: string,
    runId: string,
    { batchNo, personIds }: { readonly batchNo: number; readonly personIds: readonly string[] },
  ): Promise<void> {
    await this.sql(
      tenantId,
      'INSERT INTO buduan.run_batch (tenant_id, run_id, batch_no, person_ids) VALUES ($1, $2, $3, $4)',
      [tenantId, runId, batchNo, personIds],
    );
  }

  async findings(tenantId: string): Promise<readonly string[]> {
    const rows = await this.sql(
      tenantId,
      `SELECT situation, insurance, months, closed_at IS NULL AS open FROM buduan.finding WHERE tenant_id = $1 ORDER BY insurance DESC, situation`,
      [tenantId],
    );
    return rows.map(
      (row) =>
        `${String(row['insurance'])} ${String(row['situation'])} ${(row['months'] as string[]).join(',')}${row['open'] === true ? '' : ' closed'}`,
    );
  }

  async corrections(tenantId: string): Promise<readonly string[]> {
    const rows = await this.sql(
      tenantId,
      `SELECT connection_id, kind, seen, desired FROM buduan.correction WHERE tenant_id = $1 ORDER BY connection_id, kind`,
      [tenantId],
    );
    return rows.map(
      (row) =>
        `${String(row['connection_id'])} ${String(row['kind'])} ${JSON.stringify(row['seen'])} ${JSON.stringify(row['desired'])}`,
    );
  }

  /** CorrectionPlanned facts that were posted, oldest first. */
  planned(): Promise<readonly Row[]> {
    return this.posted('CorrectionPlanned');
  }

  /** Facts of this name that were posted, oldest first. */
  async posted(fact: string): Promise<readonly Row[]> {
    return this.test.database.acrossTenants(async (em) => {
      const rows: { payload: Row }[] = await em.query(
        `SELECT payload FROM graphile_worker._private_jobs WHERE payload->>'fact' = $1 ORDER BY id`,
        [fact],
      );
      return rows.map((row) => row.payload);
    });
  }

  async sql(tenantId: string, text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (text.startsWith('INSERT INTO buduan.tenant'))
      return this.test.database.acrossTenants((em) => em.query(text, [...parameters]));
    return this.test.database.inTenant(tenantId, (em) => em.query(text, [...parameters]));
  }
}

function bodyOf(stream: Stream, ownerKey: string, items: readonly unknown[]): string {
  const records = items.map(
    (item, index) => ({ stream, ownerKey, itemKey: String(index), item, identity: null }) as unknown as StreamRecord,
  );
  return portionsOf(records)[0]?.body() ?? joinLines([]);
}
