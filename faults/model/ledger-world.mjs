/** Two nodes over one real PostgreSQL and one target in memory: what the commands of the ledger's model are carried out on. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { canMove } from '../../dist/domain/state-machine.js';
import { systemClock } from '../../dist/platform/clock/clock.js';
import { silentLog } from '../../dist/platform/log/log.js';
import { DecideOperations } from '../../dist/push/decide-operations.js';
import { OPERATION_MACHINE } from '../../dist/push/operation-states.js';
import { PlanOperations } from '../../dist/push/plan-operations.js';
import { PushFreeze } from '../../dist/push/push-freeze.js';
import { SendOperations } from '../../dist/push/send-operations.js';
import { BATCH } from './ledger-model.mjs';

const CONNECTION = 'target';
/** Ended by the command that lets time pass, not by waiting. */
const QUIET_MS = 3_600_000;
export const PERSONS = 3;

export const WRITES = [
  { type: 'overwrite', kind: 'status', movesMoney: false },
  { type: 'keyed', kind: 'back-payment', movesMoney: true, ttlHours: 24 },
  { type: 'queryable', kind: 'back-payment', movesMoney: true, consistent: true, maxProcessingMs: QUIET_MS },
  { type: 'blind', kind: 'back-payment', movesMoney: true },
  { type: 'keyed', kind: 'declaration', movesMoney: true, ttlHours: 24 },
  { type: 'queryable', kind: 'declaration', movesMoney: true, consistent: true, maxProcessingMs: QUIET_MS },
];

const QUIET_BRAKES = {
  worseStatus: { persons: 1000, percent: 100 },
  bases: { persons: 1000, percent: 100 },
  moneyTimesMedian: 1000,
  firstRun: 'send',
};

/** A tenant of its own. */
export class LedgerWorld {
  constructor(shared, write) {
    this.shared = shared;
    this.write = write;
    this.tenantId = `m-${randomUUID()}`;
    this.persons = Array.from({ length: PERSONS }, () => randomUUID());
    this.runId = randomUUID();
    this.effects = new Map();
    this.answers = [];
    /** Node → what hangs at it. */
    this.hanging = new Map();
    this.nextHang = null;
  }

  async open() {
    const { databases, jobs } = this.shared;
    await this.shared.eye.turnTo(this.tenantId);
    await this.sql(
      `WITH tenant AS (INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)),
       connection AS (
         INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, 'model', '1', 'payroll')),
       run AS (
         INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version)
         VALUES ($1, $3, 'full', 'manual', 'succeeded', '2023-03-20', false, 'p'))
       INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
       SELECT $1, id, 'resident-id', ''::bytea, decode(replace(id::text, '-', ''), 'hex'), '****' FROM unnest($4::uuid[]) AS id`,
      [this.tenantId, CONNECTION, this.runId, this.persons],
    );
    const settings = {
      log: silentLog(),
      clock: systemClock,
      tenantRules: () => ({ automaticKinds: [], brakes: QUIET_BRAKES }),
    };
    const registry = { open: () => this.connection() };
    this.nodes = databases.map((database, at) => ({
      plan: new PlanOperations(database, jobs[at], settings),
      send: new SendOperations(database, jobs[at], registry, settings, new PushFreeze(database, jobs[at], settings)),
      decide: new DecideOperations(database, jobs[at]),
    }));
    return this;
  }

  sql(text, parameters = []) {
    return this.shared.eye.sql(text, parameters);
  }

  connection() {
    const { kind, movesMoney: _money, ...writeClass } = this.write;
    return {
      tenantId: this.tenantId,
      connectionId: CONNECTION,
      declaration: {
        id: 'model',
        version: '1',
        role: 'payroll',
        reads: [],
        writes: [{ kind, class: writeClass, batch: BATCH }],
      },
      write: ({ items }) => this.receive(items),
      query: async (_kind, item) => (this.effects.has(item.operationId) ? 'found' : 'not-found'),
    };
  }

  /** The target: answers each item as told, or keeps the first request of a node that shall hang. */
  async receive(items) {
    const hang = this.nextHang;
    if (hang === null) return items.map((item) => this.answer(item, this.answers[this.persons.indexOf(item.ownerKey)]));
    this.nextHang = null;
    if (hang.hasEffect) for (const item of items) this.takeEffect(item);
    hang.items = items;
    hang.reached();
    const answer = await hang.answered;
    return items.map((item) => outcomeOf(item, answer));
  }

  answer(item, answer) {
    if (answer === 'accept' || answer === 'lost-after') this.takeEffect(item);
    return outcomeOf(item, answer);
  }

  takeEffect({ operationId }) {
    const { count = 0, isRemembered = false } = this.effects.get(operationId) ?? {};
    const isRepeat = this.write.type === 'keyed' && isRemembered;
    this.effects.set(operationId, { count: isRepeat ? count : count + 1, isRemembered: true });
  }

  async want(person, value) {
    const { kind, movesMoney } = this.write;
    const personId = this.persons[person];
    if (value === null)
      return this.sql('DELETE FROM buduan.correction WHERE tenant_id = $1 AND person_id = $2', [
        this.tenantId,
        personId,
      ]);
    const hash = createHash('sha256').update(`${personId}/${value}`).digest();
    return this.sql(
      `INSERT INTO buduan.correction (tenant_id, connection_id, kind, owner_key, object_key, person_id, desired, seen, payload_hash, moves_money, reason, run_id)
       VALUES ($1, $2, $3, $4::text, '', $4::uuid, $5, '{}', $6, $7, '{}', $8)
       ON CONFLICT (tenant_id, connection_id, kind, owner_key, object_key) DO UPDATE SET desired = excluded.desired, payload_hash = excluded.payload_hash`,
      [this.tenantId, CONNECTION, kind, personId, JSON.stringify({ value }), hash, movesMoney, this.runId],
    );
  }

  plan(node, persons) {
    const personIds = persons === null ? null : persons.map((person) => this.persons[person]);
    return this.nodes[node].plan.onCorrectionPlanned({
      ...{ fact: 'CorrectionPlanned', tenantId: this.tenantId, runId: this.runId, personIds },
    });
  }

  decide(node, decision, operationIds = null) {
    return this.nodes[node].decide.decide({ tenantId: this.tenantId, decision, actor: 'model', operationIds });
  }

  async send(node) {
    await this.nodes[node].send.onOperationsDue({
      ...{ fact: 'OperationsDue', tenantId: this.tenantId, connectionId: CONNECTION },
    });
  }

  /** Sends until the target keeps the first request; gives its items, or null when nothing was left to send. */
  async hang(node, { isLost, hasEffect }) {
    const hang = { isLost, hasEffect, items: null };
    const reached = new Promise((resolve) => (hang.reached = () => resolve(true)));
    hang.answered = new Promise((resolve) => (hang.answer = resolve));
    this.nextHang = hang;
    hang.ended = this.send(node).then(
      () => null,
      (error) => error,
    );
    const isHanging = await Promise.race([reached, hang.ended.then(() => false)]);
    this.nextHang = null;
    if (!isHanging) {
      const error = await hang.ended;
      if (error !== null) throw error;
      return null;
    }
    this.hanging.set(node, hang);
    if (isLost) await this.loseLock(hang.items[0].operationId);
    return hang.items;
  }

  /** The session that holds the lock of an operation's dispatch ends, as if the connection of its node had broken. */
  async loseLock(operationId) {
    const holder = `FROM pg_locks AS held JOIN buduan.operation ON operation.tenant_id = $1 AND operation.operation_id = $2
      WHERE held.locktype = 'advisory' AND held.objsubid = 1
        AND ((held.classid::bigint << 32) | held.objid::bigint) = hashtextextended(operation.dispatch_id::text, 0)`;
    const parameters = [this.tenantId, operationId];
    const [{ pid }] = await this.sql(`SELECT held.pid ${holder}`, parameters);
    await this.shared.databases[0].acrossTenants((em) => em.query('SELECT pg_terminate_backend($1)', [pid]));
    while ((await this.sql(`SELECT held.pid ${holder}`, parameters)).length > 0) await wait(2);
  }

  async answerLate(node, answer) {
    const hang = this.hanging.get(node);
    this.hanging.delete(node);
    hang.answer(answer);
    const error = await hang.ended;
    // A node that lost its lock finds its connection closed; one that kept it has nothing to complain about.
    if (error !== null && !hang.isLost) throw error;
  }

  passTime() {
    return this.sql(
      `UPDATE buduan.operation
          SET next_attempt_at = CASE WHEN next_attempt_at IS NOT NULL THEN now() - interval '1 second' END,
              unknown_at = unknown_at - interval '2 hours'
        WHERE tenant_id = $1 AND state IN ('retry-wait','unknown')`,
      [this.tenantId],
    );
  }

  async age() {
    for (const effect of this.effects.values()) effect.isRemembered = false;
    await this.sql(
      `UPDATE buduan.operation SET first_sent_at = first_sent_at - interval '25 hours' WHERE tenant_id = $1`,
      [this.tenantId],
    );
  }

  /** What is there now. And what waits and is not due stays so from here on, however slow this machine is. */
  operations() {
    return this.sql(
      `WITH stopped AS (
         UPDATE buduan.operation SET next_attempt_at = now() + interval '1 day' WHERE tenant_id = $1 AND next_attempt_at > now())
       SELECT operation_id AS id, person_id AS "personId", desired->>'value' AS value, state, fence, attempt
         FROM buduan.operation WHERE tenant_id = $1 ORDER BY created_at, array_position($2::uuid[], person_id)`,
      [this.tenantId, this.persons],
    );
  }

  async illegalMoves() {
    const moves = await this.sql(
      'SELECT DISTINCT from_state, to_state FROM buduan.operation_event WHERE tenant_id = $1',
      [this.tenantId],
    );
    return moves.filter(({ from_state: from, to_state: to }) => !canMove(OPERATION_MACHINE, from, to));
  }

  async close() {
    for (const node of [...this.hanging.keys()]) await this.answerLate(node, 'retry').catch(() => undefined);
  }
}

function outcomeOf({ operationId }, answer) {
  switch (answer) {
    case 'accept':
      return { operationId, outcome: 'accepted', remoteRef: null };
    case 'reject':
      return { operationId, outcome: 'rejected', code: 'no', message: 'no' };
    case 'retry':
      return { operationId, outcome: 'retry', code: 'later', waitMs: null };
    default:
      return { operationId, outcome: 'unknown', code: 'no-answer' };
  }
}
