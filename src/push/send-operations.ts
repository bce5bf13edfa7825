/** How operations leave, once: lock, claim, check, send, record. Source: the push protocol (docs/operations.md). */
import { traced } from '../platform/tracing/tracing.js';
import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { findHeldConnection } from '../connectors/connection-health.reader.js';
import { ConnectionRegistry } from '../connectors/registry.js';
import type { Connection, QueryOutcome, WriteDeclaration, WriteItem, WriteOutcome } from '../connectors/port.js';
import type { OperationsDue } from '../domain/facts.js';
import { Database, type DatabaseSession } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueKey } from './plan-operations.js';
import { PushFreeze } from './push-freeze.js';
import { tellCases } from './tell-cases.js';
import { PUSH_SETTINGS, type PushSettings } from './push-settings.js';
import { concludeQuery, decideResend, mayBeForgotten } from './resend-decision.js';
import {
  claimOperations,
  listUnknown,
  lookAtOutbox,
  secondsToNextDue,
  settleOperations,
  takeOver,
  type ClaimedOperation,
  type OutboxLook,
  type Settlement,
  type UnknownOperationRow,
} from './send-operations.store.js';
import { settlementOf } from './settlement-of.js';
import { tellStuck } from './tell-stuck.js';

const QUERY_AGAIN_SECONDS = 60;
const HELD_AGAIN_MS = 60_000;
/** No statement of a sending touches more rows than one request to the target takes. */
const FEW_ROWS = { plans: 'kept' } as const;
const NEVER = new AbortController().signal;

/** How long one job sends for one connection: other tenants wait for the workers that send, at most this and a request. */
const SLICE_MS = 5_000;

@Injectable()
export class SendOperations {
  private readonly stopping = new AbortController();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(ConnectionRegistry) private readonly registry: ConnectionRegistry,
    @Inject(PUSH_SETTINGS) private readonly settings: PushSettings,
    @Inject(PushFreeze) private readonly freeze: PushFreeze,
  ) {}

  /** Sends what is due for one connection and leaves a delayed job for what must wait. A worker never sleeps here. */
  async onOperationsDue(fact: OperationsDue): Promise<void> {
    const { tenantId, connectionId } = fact;
    const outbox = await this.database.inTenant(tenantId, (em) => this.lookUnlessHeld(em, fact), FEW_ROWS);
    if (outbox === null) return;
    const connection = this.registry.open(tenantId, connectionId);
    const nowMs = this.settings.clock.now().getTime();
    const { sliceMs = SLICE_MS } = this.settings;
    const untilMs = nowMs + sliceMs;
    if (outbox.sending.length > 0 || outbox.hasUnknown || outbox.kinds.length > 0)
      await this.database.withSession(async (session) => {
        const { kinds } = await this.recover(connection, session, { outbox, untilMs: nowMs + sliceMs / 2 });
        for (const write of connection.declaration.writes)
          if (kinds.includes(write.kind)) await this.sendKind(connection, session, { write, untilMs });
      });
    await this.postponeRest(fact);
  }

  /** Null for a frozen tenant and for a connection that a person took out of use: it is sent nothing; its operations wait and are looked at again. */
  private async lookUnlessHeld(em: EntityManager, fact: OperationsDue): Promise<OutboxLook | null> {
    const { tenantId, connectionId } = fact;
    const isFrozen = (await this.freeze.find(em, tenantId)) !== null;
    if (!isFrozen && (await findHeldConnection(em, fact)) === null) return lookAtOutbox(em, tenantId, connectionId);
    const runAt = new Date(this.settings.clock.now().getTime() + HELD_AGAIN_MS);
    await this.jobs.post(em, fact, { ...dueKey(tenantId, connectionId), runAt });
    return null;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Until nothing is due or its time is over: the rest follows in another job, behind those that waited meanwhile. */
  private async sendKind(
    connection: Connection,
    session: DatabaseSession,
    { write, untilMs }: { readonly write: WriteDeclaration; readonly untilMs: number },
  ): Promise<void> {
    while (!this.stopping.signal.aborted && this.settings.clock.now().getTime() < untilMs) {
      const sent = await this.sendBatch(connection, session, write);
      // What is planned from now on comes with a job of its own.
      if (sent < write.batch) return;
    }
  }

  private async sendBatch(connection: Connection, session: DatabaseSession, write: WriteDeclaration): Promise<number> {
    const { tenantId, connectionId } = connection;
    const dispatchId = randomUUID();
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [dispatchId]);
    try {
      const { claimed, sendable } = await this.claim(connection, write, dispatchId);
      if (sendable.length === 0) return claimed.length;
      // On the session that holds the lock: when that session is gone so is the lock, this throws, and nothing is sent.
      await session.query('SELECT 1');
      const outcomes = await sendSplitting(connection, write, sendable);
      const settlements = sendable.map((operation, index) =>
        settlementOf(operation, outcomes[index] ?? lost(operation), write.class),
      );
      await this.database.inTenant(
        tenantId,
        (em) => this.settle(em, { tenantId, connectionId, kind: write.kind }, settlements),
        FEW_ROWS,
      );
      this.report(connection, write, settlements);
      return claimed.length;
    } finally {
      await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [dispatchId]);
    }
  }

  /** Commits `sending`; what the target may have got under a key that it has forgotten by now goes to a person in the same step. */
  private async claim(
    { tenantId, connectionId }: Connection,
    write: WriteDeclaration,
    dispatchId: string,
  ): Promise<{ readonly claimed: readonly ClaimedOperation[]; readonly sendable: readonly ClaimedOperation[] }> {
    return this.database.inTenant(
      tenantId,
      async (em) => {
        const request = { tenantId, connectionId, kind: write.kind, dispatchId, limit: write.batch };
        const claimed = await claimOperations(em, request);
        const forgotten = claimed.filter((operation) => mayBeForgotten(operation, write.class));
        if (forgotten.length > 0)
          await this.settle(em, { tenantId, connectionId, kind: write.kind }, forgotten.map(keyExpired));
        return { claimed, sendable: claimed.filter((operation) => !forgotten.includes(operation)) };
      },
      FEW_ROWS,
    );
  }

  /**
   * Step 4 of the protocol: a free lock means its sender is gone; then, by write class, resend, ask or show to a person.
   * Asks for half of the slice at most, so that a target with much to be asked about is sent something too; what is left is the
   * next slice's. Returns what is to do afterwards.
   */
  private async recover(
    connection: Connection,
    session: DatabaseSession,
    { outbox, untilMs }: { readonly outbox: OutboxLook; readonly untilMs: number },
  ): Promise<OutboxLook> {
    const { tenantId, connectionId } = connection;
    if (outbox.sending.length === 0 && !outbox.hasUnknown) return outbox;
    for (const dispatchId of outbox.sending) await this.takeOverIfAbandoned(tenantId, dispatchId, session);
    const unknown = await this.database.inTenant(tenantId, (em) => listUnknown(em, tenantId, connectionId));
    const settlements: Settlement[] = [];
    for (const operation of unknown) {
      settlements.push(await this.settleUnknown(connection, operation));
      if (this.settings.clock.now().getTime() >= untilMs) break;
    }
    return this.database.inTenant(tenantId, async (em) => {
      if (settlements.length > 0) await this.settle(em, { tenantId, connectionId, kind: null }, settlements);
      return lookAtOutbox(em, tenantId, connectionId);
    });
  }

  /** The outcomes, and in the same transaction the word to the cases and the people among them. */
  private async settle(
    em: EntityManager,
    { tenantId, connectionId, kind }: Settled,
    settlements: readonly Settlement[],
  ): Promise<void> {
    await settleOperations(em, tenantId, settlements);
    if (kind === null || kind === 'back-payment')
      await tellCases(em, this.jobs, { tenantId, operationIds: settlements.map(({ operationId }) => operationId) });
    if (settlements.some(({ state }) => state === 'dead' || state === 'needs-human'))
      await tellStuck(em, this.jobs, { tenantId, connectionId, at: this.settings.clock.now() });
  }

  private async takeOverIfAbandoned(tenantId: string, dispatchId: string, session: DatabaseSession): Promise<void> {
    const [lock] = await session.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free', [dispatchId]);
    if (lock?.['free'] !== true) return;
    try {
      const count = await this.database.inTenant(tenantId, (em) => takeOver(em, tenantId, dispatchId));
      if (count > 0) this.settings.log.warn({ tenantId, dispatchId, count }, 'took over operations of a lost sender');
    } finally {
      await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [dispatchId]);
    }
  }

  private async settleUnknown(connection: Connection, operation: UnknownOperationRow): Promise<Settlement> {
    const write = connection.declaration.writes.find((candidate) => candidate.kind === operation.kind);
    const base = {
      operationId: operation.operationId,
      fence: operation.fence,
      message: null,
      remoteRef: null,
      waitSeconds: null,
    };
    if (!write) return { ...base, state: 'needs-human', code: 'write-not-declared' };
    const decision = decideResend({
      writeClass: write.class,
      movesMoney: operation.movesMoney,
      msSinceFirstSent: operation.msSinceFirstSent,
    });
    switch (decision.next) {
      case 'resend':
        return { ...base, state: 'retry-wait', code: 'outcome-unknown', waitSeconds: 0 };
      case 'ask-person':
        return { ...base, state: 'needs-human', code: decision.reason };
      case 'query': {
        const quietMs = decision.waitMs - operation.msUnknown;
        if (quietMs > 0) return { ...base, state: 'unknown', code: 'quiet-period', waitSeconds: quietMs / 1000 };
        const answer = await connection.query(operation.kind, writeItem(connection, operation), this.stopping.signal);
        return { ...base, ...afterQuery(answer, write) };
      }
    }
  }

  private async postponeRest(fact: OperationsDue): Promise<void> {
    const { tenantId, connectionId } = fact;
    await this.database.inTenant(
      tenantId,
      async (em) => {
        const seconds = await secondsToNextDue(em, tenantId, connectionId);
        if (seconds === null || this.stopping.signal.aborted) return;
        const runAt = new Date(this.settings.clock.now().getTime() + seconds * 1000);
        await this.jobs.post(em, fact, { ...dueKey(tenantId, connectionId), runAt });
      },
      FEW_ROWS,
    );
  }

  private report(connection: Connection, write: WriteDeclaration, settlements: readonly Settlement[]): void {
    const byState: Record<string, number> = {};
    for (const { state } of settlements) byState[state] = (byState[state] ?? 0) + 1;
    const fields = {
      tenantId: connection.tenantId,
      connectionId: connection.connectionId,
      kind: write.kind,
      count: settlements.length,
      ...byState,
    };
    this.settings.log.info(fields, 'operations sent');
  }
}

/** Where from; `kind` when all are of one. */
interface Settled {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly kind: WriteDeclaration['kind'] | null;
}

/** Stable over retries, different for every operation: what the target may deduplicate by. */
export function idempotencyKey(
  connection: Pick<Connection, 'tenantId' | 'connectionId'>,
  operation: ClaimedOperation,
): string {
  const text = [
    connection.tenantId,
    connection.connectionId,
    operation.kind,
    operation.ownerKey,
    operation.objectKey,
    operation.businessKey,
  ].join('\u001f');
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/**
 * One request; when the target refuses it whole, one bad item may have blocked the others, so each half is tried alone.
 * Only refusals are split: they prove that nothing was done.
 */
async function sendSplitting(
  connection: Connection,
  write: WriteDeclaration,
  operations: readonly ClaimedOperation[],
): Promise<readonly WriteOutcome[]> {
  const items = operations.map((operation) => writeItem(connection, operation));
  // Never aborted half-way: a graceful stop waits for the answer of what has left.
  const { tenantId: tenant, connectionId } = connection;
  const facts = { tenant, connection: connectionId, kind: write.kind, operations: items.length };
  const outcomes = await traced('push.operations', facts, () =>
    connection.write({ kind: write.kind, items, signal: NEVER }),
  );
  const isRefusedWhole = operations.length > 1 && outcomes.every((outcome) => outcome.outcome === 'rejected');
  if (!isRefusedWhole) return outcomes;
  const middle = Math.ceil(operations.length / 2);
  const first = await sendSplitting(connection, write, operations.slice(0, middle));
  return [...first, ...(await sendSplitting(connection, write, operations.slice(middle)))];
}

function writeItem(connection: Connection, operation: ClaimedOperation): WriteItem {
  return {
    operationId: operation.operationId,
    idempotencyKey: idempotencyKey(connection, operation),
    ownerKey: operation.ownerKey,
    values: operation.desired,
  };
}

function keyExpired({ operationId, fence }: ClaimedOperation): Settlement {
  const none = { message: null, remoteRef: null, waitSeconds: null };
  return { operationId, fence, state: 'needs-human', code: 'key-expired', ...none };
}

function lost(operation: ClaimedOperation): WriteOutcome {
  return { operationId: operation.operationId, outcome: 'unknown', code: 'no-outcome' };
}

function afterQuery(answer: QueryOutcome, write: WriteDeclaration): Pick<Settlement, 'state' | 'code' | 'waitSeconds'> {
  const conclusion = concludeQuery(answer, write.class.type === 'queryable' && write.class.consistent);
  switch (conclusion) {
    case 'acknowledged':
      return { state: 'acknowledged', code: 'found-by-query', waitSeconds: null };
    case 'resend':
      return { state: 'retry-wait', code: 'not-found-by-query', waitSeconds: 0 };
    case 'ask-again':
      return { state: 'unknown', code: 'query-undecided', waitSeconds: QUERY_AGAIN_SECONDS };
    case 'ask-person':
      return { state: 'needs-human', code: 'not-found-by-query', waitSeconds: null };
  }
}
