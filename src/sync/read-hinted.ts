/** What follows from a verified call: the person it names is read again, and again later when nothing had changed yet. */
import { ConnectorError } from '../connectors/connector-error.js';
import type { Connection } from '../connectors/port.js';
import type { ConnectionRegistry } from '../connectors/registry.js';
import type { WebhookReceived } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { Clock } from '../platform/clock/clock.js';
import { sealedRow } from './accept-webhook.js';
import { applyEvent } from './apply-event.js';
import { findPersonByOwner } from './persons.reader.js';
import { pullPersons } from './pull-persons.js';
import { readAtBureaus } from './read-at-bureaus.js';
import type { SyncSettings } from './sync-settings.js';
import type { SyncTools } from './sync-tools.js';
import { findReading, moveReading, type ReadingMove, type ReadingRow } from './webhook-inbox.store.js';
import { postReading } from './webhook-jobs.js';

export interface ReadHintedParts {
  readonly tools: SyncTools;
  readonly registry: Pick<ConnectionRegistry, 'receiver'>;
  readonly settings: SyncSettings;
  readonly clock: Clock;
}

const READ_WITHIN_MS = 120_000;
/** Waits after a failure; then the reading is dead, and the next full run brings what it would have. */
const FAULT_WAITS_SECONDS = [2, 10, 60, 300, 1_800, 7_200, 21_600];

type Step = Pick<ReadingMove, 'state' | 'reason'> & {
  /** Seconds until the person is read again; null = this is the end. */
  readonly againSeconds: number | null;
  readonly runId?: string;
};

interface Reading {
  readonly fact: WebhookReceived;
  readonly row: ReadingRow;
  readonly connection: Connection;
  readonly asOf: Day;
}

export class ReadHinted {
  constructor(private readonly parts: ReadHintedParts) {}

  /**
   * Safe to repeat: a step that was taken does nothing. What the source or the configuration does wrong becomes a state
   * and a later try; anything else is thrown, and the job is tried again.
   */
  async onWebhookReceived(fact: WebhookReceived): Promise<void> {
    const { tools } = this.parts;
    const row = await tools.database.inTenant(fact.tenantId, (em) => findReading(em, fact, fact.fence));
    if (row === null) return;
    const step = await this.take(fact, row);
    await this.settle(fact, row, step);
    const { tenantId, connectionId, ownerNo } = fact;
    const told = { component: 'webhooks', tenantId, connectionId, ownerNo, state: step.state, reason: step.reason };
    if (step.state === 'dead')
      tools.log.error(told, 'A webhook could not be followed; look at `buduan webhooks list --state dead`.');
    else tools.log.info({ ...told, runId: step.runId ?? null }, 'A webhook was followed.');
  }

  private async take(fact: WebhookReceived, row: ReadingRow): Promise<Step> {
    const connection = this.parts.tools
      .connectionsOf(fact.tenantId)
      .find(({ connectionId }) => connectionId === fact.connectionId);
    if (connection === undefined) return end('dead', 'unknown-connection');
    // What was never read whole cannot be judged: the first run of a connection is looked at by a person.
    if (row.asOf === null) return end('waiting', 'no-full-run-yet');
    const reading: Reading = { fact, row, connection, asOf: row.asOf };
    try {
      const canAsk = connection.declaration.reads.some((read) => read.targeted);
      return canAsk ? await this.readAgain(reading) : await this.apply(reading);
    } catch (error) {
      if (error instanceof HubError) return afterFault(error, row.faults);
      throw error;
    }
  }

  private async readAgain({ fact, row, asOf }: Reading): Promise<Step> {
    const { tools, settings, registry } = this.parts;
    const { tenantId, connectionId } = fact;
    const asked = {
      ...{ tenantId, asOf, trigger: 'webhook' as const, policyVersion: settings.policyVersionOf(tenantId) },
      signal: AbortSignal.timeout(READ_WITHIN_MS),
    };
    const { runId, personIds } = await pullPersons(tools, { ...asked, connectionId, ownerKeys: [row.ownerKey] });
    // After a failure nothing is new any more to the source, and the bureau may not have been read.
    const isRepeated = row.faults > 0;
    const hired = isRepeated ? await this.personOf(fact, row) : personIds;
    await readAtBureaus(tools, { ...asked, personIds: hired, runId: isRepeated ? null : runId });
    if (personIds.length > 0) return { ...end('read', null), runId };
    const again = registry.receiver(tenantId, connectionId)?.againSeconds[row.looks] ?? null;
    return { state: 'unchanged', reason: null, againSeconds: again, runId };
  }

  private async personOf({ tenantId, connectionId }: WebhookReceived, { ownerKey }: ReadingRow): Promise<string[]> {
    const of = { tenantId, connectionId, ownerKey };
    const person = await this.parts.tools.database.inTenant(tenantId, (em) => findPersonByOwner(em, of));
    return person === null ? [] : [person.personId];
  }

  private async apply({ fact, row, connection, asOf }: Reading): Promise<Step> {
    const { tools, settings, registry } = this.parts;
    const { tenantId, connectionId } = fact;
    const text = tools.vault.open(tenantId, 'webhook_delivery', 'body_enc', sealedRow(fact), row.bodySealed);
    const payload = registry.receiver(tenantId, connectionId)?.payloadOf(text) ?? null;
    if (payload === null) return end('waiting', 'not-readable');
    const policyVersion = settings.policyVersionOf(tenantId);
    const applied = await applyEvent(tools, {
      tenantId,
      connection,
      ownerKey: row.ownerKey,
      payload,
      asOf,
      policyVersion,
    });
    if (applied.outcome === 'older-version') return end('unchanged', 'older-version');
    return { ...end('applied', null), runId: applied.runId };
  }

  /** The new state and the job of the next try, in one transaction; nothing when another node took this step. */
  private async settle(fact: WebhookReceived, row: ReadingRow, step: Step): Promise<void> {
    const { tools, clock } = this.parts;
    const nextAt = step.againSeconds === null ? null : new Date(clock.now().getTime() + step.againSeconds * 1000);
    const move: ReadingMove = {
      state: step.state,
      reason: step.reason,
      looks: row.looks + (step.state === 'unchanged' ? 1 : 0),
      faults: step.state === 'failed' ? row.faults + 1 : 0,
      nextAt,
      runId: step.runId ?? null,
    };
    await tools.database.inTenant(fact.tenantId, async (em) => {
      const isOurs = await moveReading(em, fact, { ...move, fence: fact.fence });
      if (!isOurs || nextAt === null) return;
      await postReading(em, tools.jobs, { ...fact, ownerKey: row.ownerKey, fence: fact.fence + 1, runAt: nextAt });
    });
  }
}

function end(state: Step['state'], reason: string | null): Step {
  return { state, reason, againSeconds: null };
}

/** A wait that the source asks for is honoured when longer. */
function afterFault(error: HubError, faults: number): Step {
  const wait = FAULT_WAITS_SECONDS[faults];
  if (wait === undefined) return end('dead', error.code);
  const asked = error instanceof ConnectorError && error.waitMs !== null ? error.waitMs / 1000 : 0;
  return { state: 'failed', reason: error.code, againSeconds: Math.max(wait, asked) };
}
