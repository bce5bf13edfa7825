/** The rig's own hands on the ledger: puts approved payments in, lets waits pass, asks where they stand. */
import { createHash } from 'node:crypto';
import { Jobs } from '../dist/platform/jobs/jobs.js';
import { silentLog } from '../dist/platform/log/log.js';
import { dueKey } from '../dist/push/plan-operations.js';
import { TENANT, openDatabase } from './databases.mjs';

export const CONNECTIONS = ['office-1', 'office-2', 'office-3', 'office-4', 'office-5', 'office-6'];
/** Ends by itself, or waits for a person who sees it: nothing that could be lost. */
const AT_REST = ['acknowledged', 'verified', 'rejected', 'dead', 'needs-human', 'cancelled'];

const FORCE_UNLOCK = `SELECT graphile_worker.force_unlock_workers(ARRAY(
  SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
  UNION SELECT locked_by FROM graphile_worker._private_job_queues WHERE locked_by IS NOT NULL))`;

export class LedgerHands {
  constructor(database, jobs) {
    this.database = database;
    this.jobs = jobs;
  }

  static async open(url) {
    const database = await openDatabase(url);
    const hands = new LedgerHands(database, new Jobs({ database, url, log: silentLog() }));
    await hands.prepare();
    return hands;
  }

  close() {
    return this.database.close();
  }

  sql(text, parameters = []) {
    return this.database.inTenant(TENANT, (em) => em.query(text, parameters));
  }

  async prepare() {
    await this.database.acrossTenants((em) =>
      em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1) ON CONFLICT DO NOTHING', [TENANT]),
    );
    await this.sql(
      `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role)
       SELECT $1, id, 'paying-office', '1.0.0', 'bureau' FROM unnest($2::text[]) AS id ON CONFLICT DO NOTHING`,
      [TENANT, CONNECTIONS],
    );
    await this.sql(
      `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, finished_at)
       VALUES ($1, $2, 'full', 'manual', 'succeeded', '2023-03-20', false, 'faults', now()) ON CONFLICT DO NOTHING`,
      [TENANT, idOf('run')],
    );
  }

  /** Puts approved payments into the ledger, numbered `from` on; equal seeds give equal ids and amounts. Safe to repeat. */
  async insert(seed, { from, count }) {
    const rows = Array.from({ length: count }, (_, at) => {
      const no = from + at;
      return {
        id: idOf(`${seed}/operation/${no}`),
        person: idOf(`${seed}/person/${no}`),
        connection: CONNECTIONS[no % CONNECTIONS.length],
        owner: `P${no}`,
        desired: { insurance: 'pension', employeeFen: 100_000 + no },
      };
    });
    await this.database.inTenant(TENANT, async (em) => {
      await em.query(
        `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
         SELECT $1, row.person, 'resident-id', ''::bytea, decode(replace(row.person::text, '-', ''), 'hex'), '****'
           FROM jsonb_to_recordset($2::jsonb) AS row(person uuid) ON CONFLICT DO NOTHING`,
        [TENANT, JSON.stringify(rows)],
      );
      await em.query(
        `INSERT INTO buduan.operation (tenant_id, operation_id, connection_id, kind, owner_key, object_key, person_id, business_key, desired,
                                       expected_before, payload_hash, moves_money, state, approved_by, approved_hash, run_id)
         SELECT $1, row.id, row.connection, 'back-payment', row.owner, '', row.person, row.id::text, row.desired,
                '{}', sha256(row.id::text::bytea), true, 'queued', 'faults', sha256(row.id::text::bytea), $3
           FROM jsonb_to_recordset($2::jsonb) AS row(id uuid, person uuid, connection text, owner text, desired jsonb)
         ON CONFLICT DO NOTHING`,
        [TENANT, JSON.stringify(rows), idOf('run')],
      );
    });
    return rows.map((row) => row.id);
  }

  /** Lets waits between tries pass, brings back what gave up, and posts a job for everything that may move. */
  async pushOn() {
    await this.sql(
      `UPDATE buduan.operation SET state = 'queued', attempt = 0, outcome_code = NULL, next_attempt_at = NULL WHERE state = 'dead'`,
    );
    await this.sql(
      `UPDATE buduan.operation SET next_attempt_at = now() WHERE state = 'retry-wait' AND next_attempt_at > now() + interval '1 second'`,
    );
    await this.database.inTenant(TENANT, async (em) => {
      for (const connectionId of CONNECTIONS)
        await this.jobs.post(
          em,
          { fact: 'OperationsDue', tenantId: TENANT, connectionId },
          dueKey(TENANT, connectionId),
        );
    });
  }

  /**
   * Lets every job be taken by another node now, as if its node had lost its connection for a while: what keeps two
   * senders apart then is the push protocol alone.
   */
  async forceUnlock() {
    for (;;) {
      try {
        return await this.database.acrossTenants((em) => em.query(FORCE_UNLOCK));
      } catch (error) {
        // It takes jobs before queues, a worker that looks for a job queues before jobs.
        if (!/deadlock detected/.test(String(error))) throw error;
      }
    }
  }

  async states() {
    const rows = await this.sql(
      'SELECT state, count(*)::int AS count FROM buduan.operation GROUP BY state ORDER BY state',
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  async moving() {
    const states = await this.states();
    return Object.entries(states).reduce((sum, [state, count]) => sum + (AT_REST.includes(state) ? 0 : count), 0);
  }

  async stateOf(id) {
    const [row] = await this.sql(
      `SELECT state, fence, attempt, outcome_code, connection_id AS "connectionId"
         FROM buduan.operation WHERE operation_id = $1`,
      [id],
    );
    return row;
  }
}

function idOf(name) {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
