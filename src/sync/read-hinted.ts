/** What follows from verified calls: the persons they name are read together, and again later where nothing had changed yet. */
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { findHeldConnection, type HeldConnection } from '../connectors/connection-health.reader.js';
import type { Connection } from '../connectors/port.js';
import type { ConnectionRegistry } from '../connectors/registry.js';
import type { WebhookReceived } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { Clock } from '../platform/clock/clock.js';
import { isDatabaseTrouble } from '../platform/database/database-error.js';
import { sealedRow } from './store-deliveries.js';
import { applyEvent } from './apply-event.js';
import { afterFault, afterReading, end, movesOf, ownersOf, isPerhapsOfOne, type Step } from './reading-steps.js';
import { gatherPersons, storeTargeted } from './pull-persons.js';
import { findersOf } from './find-at-bureaus.js';
import { bureausOfHired, hiredStrangers } from './new-hires.store.js';
import { findPersonByOwner } from './persons.reader.js';
import { readAtBureaus } from './read-at-bureaus.js';
import { insertRun } from './run.store.js';
import type { SyncSettings } from './sync-settings.js';
import type { SyncTools } from './sync-tools.js';
import { connectionHeld } from './targeted-run.js';
import {
  dayOfFullRun,
  findDueReadings,
  moveReadings,
  ownersChangedBy,
  type DueReading,
} from './webhook-inbox.store.js';
import { postFollowing } from './webhook-jobs.js';
import type { EntityManager } from 'typeorm';

export interface ReadHintedParts {
  readonly tools: SyncTools;
  readonly registry: Pick<ConnectionRegistry, 'receiver'>;
  readonly settings: SyncSettings;
  readonly clock: Clock;
}

/** One job reads at most so many persons; what is left is the next job's, so that other tenants come between. */
const FRESH_READINGS = 200;
/** With what else was called about the same persons: a system that tells of every change of a few would have each read again and again. */
const READINGS_AT_ONCE = 2_000;
/** Those that failed before are read beside the fresh ones, never with them: whoever makes a read fail delays nobody new. */
const FAILED_READINGS = 20;
const READ_WITHIN_MS = 120_000;
const FEW_ROWS = { flush: 'later', plans: 'kept' } as const;

/** What one job works with. */
interface Following {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly connection: Connection;
  readonly asOf: Day;
  readonly signal: AbortSignal;
}

interface Due {
  readonly held: HeldConnection | null;
  readonly asOf: Day | null;
  readonly fresh: readonly DueReading[];
  readonly failed: readonly DueReading[];
}

export class ReadHinted {
  constructor(private readonly parts: ReadHintedParts) {}

  /**
   * Safe to repeat: a step that was taken does nothing. What the source or the configuration does wrong becomes a state and
   * a later try; trouble of the database is thrown, and the job is tried again.
   */
  async onWebhookReceived({ tenantId, connectionId }: WebhookReceived): Promise<void> {
    const { tools } = this.parts;
    const of = { tenantId, connectionId };
    const connection = tools.connectionsOf(tenantId).find((candidate) => candidate.connectionId === connectionId);
    const canAsk = connection?.declaration.reads.some((read) => read.targeted) ?? false;
    const due = await tools.database.inTenant(tenantId, (em) => findDue(em, { ...of, withBodies: !canAsk }), FEW_ROWS);
    const all = [...due.fresh, ...due.failed];
    if (all.length === 0) return;
    if (due.fresh.length >= FRESH_READINGS || due.failed.length >= FAILED_READINGS)
      await tools.database.inTenant(tenantId, (em) => postFollowing(em, tools.jobs, of));
    if (connection === undefined) return this.settleAll(of, all, () => end('dead', 'unknown-connection'));
    // What was never read whole cannot be judged: the first run of a connection is looked at by a person.
    const { held, asOf } = due;
    if (asOf === null) return this.settleAll(of, all, () => end('waiting', 'no-full-run-yet'));
    if (held !== null) return this.settleAll(of, all, (reading) => afterFault(connectionHeld(of, held), reading));
    const following = { ...of, connection, asOf, signal: AbortSignal.timeout(READ_WITHIN_MS) };
    for (const readings of [due.fresh, due.failed])
      if (readings.length > 0) await (canAsk ? this.follow(following, readings) : this.apply(following, readings));
  }

  /** Reads the persons in one go. Where that fails, and it may be because of one of them, each half is tried alone. */
  private async follow(following: Following, readings: readonly DueReading[]): Promise<void> {
    try {
      await this.readAgain(following, readings);
    } catch (error) {
      if (isDatabaseTrouble(error)) throw error;
      const owners = ownersOf(readings);
      if (owners.length > 1 && !following.signal.aborted && isPerhapsOfOne(error, readings)) {
        const first = new Set(owners.slice(0, Math.ceil(owners.length / 2)));
        await this.follow(
          following,
          readings.filter(({ ownerKey }) => first.has(ownerKey)),
        );
        await this.follow(
          following,
          readings.filter(({ ownerKey }) => !first.has(ownerKey)),
        );
        return;
      }
      this.tellUnforeseen(following, error);
      await this.settleAll(following, readings, (reading) => afterFault(error, reading));
    }
  }

  /**
   * One transaction: the records, RecordsChanged, and the step of every reading that they answer. Where somebody was hired the
   * steps wait until the bureaus were read too; when that fails they are tried again.
   */
  private async readAgain(following: Following, readings: readonly DueReading[]): Promise<void> {
    const { tools, registry, settings } = this.parts;
    const { tenantId, connectionId, connection, asOf } = following;
    const ownerKeys = ownersOf(readings);
    const gathered = await gatherPersons(tools, connection, { ...following, ownerKeys });
    const of = { tenantId, connectionId, runId: uuidv7() };
    const again = registry.receiver(tenantId, connectionId)?.againSeconds ?? [];
    const policyVersion = settings.policyVersionOf(tenantId);
    const { hired, answered } = await tools.database.inTenant(
      tenantId,
      async (em) => {
        const run = { mode: 'targeted', trigger: 'webhook', asOf, dryRun: false, policyVersion } as const;
        await insertRun(em, { ...of, ...run, startedBy: 'webhook', claim: randomUUID() });
        const request = { tenantId, connectionId, ownerKeys, asOf };
        const personIds = await storeTargeted(em, tools, { request, runId: of.runId, gathered });
        const changed = personIds.length === 0 ? new Set<string>() : await ownersChangedBy(em, of, ownerKeys);
        const answered = steps(readings, (reading) => afterReading(reading, changed, again));
        const connectionIds = findersOf(tools, tenantId).map((finder) => finder.connection.connectionId);
        const hired = await hiredAmong(em, of, { readings, personIds, connectionIds });
        if (hired === null) await this.settle(em, of, answered);
        return { hired, answered };
      },
      FEW_ROWS,
    );
    if (hired === null) return;
    const { signal } = following;
    await readAtBureaus(tools, { tenantId, ...hired, asOf, trigger: 'webhook', policyVersion, signal });
    await tools.database.inTenant(tenantId, (em) => this.settle(em, of, answered));
  }

  /** What the events themselves say, one after another. */
  private async apply(following: Following, readings: readonly DueReading[]): Promise<void> {
    const taken: { reading: DueReading; step: Step }[] = [];
    for (const reading of readings) taken.push({ reading, step: await this.applyOne(following, reading) });
    await this.parts.tools.database.inTenant(following.tenantId, (em) =>
      this.settle(em, { ...following, runId: null }, taken),
    );
  }

  private async applyOne(following: Following, reading: DueReading): Promise<Step> {
    const { tools, settings, registry } = this.parts;
    const { tenantId, connectionId, connection, asOf } = following;
    const { ownerKey, bodySealed } = reading;
    try {
      const row = sealedRow({ tenantId, connectionId, deliveryId: reading.deliveryId });
      const text = bodySealed && tools.vault.open(tenantId, 'webhook_delivery', 'body_enc', row, bodySealed);
      const payload = text === null ? null : (registry.receiver(tenantId, connectionId)?.payloadOf(text) ?? null);
      if (payload === null) return end('waiting', 'not-readable');
      const policyVersion = settings.policyVersionOf(tenantId);
      const applied = await applyEvent(tools, { tenantId, connection, ownerKey, payload, asOf, policyVersion });
      return applied.outcome === 'applied' ? end('applied', null) : end('unchanged', 'older-version');
    } catch (error) {
      if (isDatabaseTrouble(error)) throw error;
      this.tellUnforeseen(following, error);
      return afterFault(error, reading);
    }
  }

  private async settleAll(
    of: Pick<Following, 'tenantId' | 'connectionId'>,
    readings: readonly DueReading[],
    stepOf: (reading: DueReading) => Step,
  ): Promise<void> {
    await this.parts.tools.database.inTenant(of.tenantId, (em) =>
      this.settle(em, { ...of, runId: null }, steps(readings, stepOf)),
    );
  }

  /** The new states and the jobs of the next tries, in the caller's transaction. */
  private async settle(
    em: EntityManager,
    of: { readonly tenantId: string; readonly connectionId: string; readonly runId: string | null },
    taken: readonly { readonly reading: DueReading; readonly step: Step }[],
  ): Promise<void> {
    const { tools, clock } = this.parts;
    const { tenantId, connectionId, runId } = of;
    const moves = movesOf(taken, clock.now());
    await moveReadings(em, of, moves);
    const times = new Map(moves.flatMap(({ nextAt }) => (nextAt === null ? [] : [[secondOf(nextAt), nextAt]])));
    for (const [, runAt] of [...times].sort(([a], [b]) => a - b))
      await postFollowing(em, tools.jobs, { tenantId, connectionId, runAt });
    const states: Record<string, number> = {};
    for (const { state } of moves) states[state] = (states[state] ?? 0) + 1;
    const told = { component: 'webhooks', tenantId, connectionId, runId, readings: moves.length, ...states };
    if (states['dead'] === undefined) tools.log.info(told, 'Webhooks were followed.');
    else tools.log.error(told, 'Webhooks could not be followed; look at `buduan webhooks list --state dead`.');
  }

  /** An error that is no HubError is a fault of the program: it becomes a state like others, and is told. */
  private tellUnforeseen({ tenantId, connectionId }: Following, error: unknown): void {
    if (error instanceof HubError) return;
    this.parts.tools.log.error(
      { component: 'webhooks', tenantId, connectionId, err: error },
      'What a source said of a person could not be stored; report it.',
    );
  }
}

async function findDue(
  em: EntityManager,
  of: { readonly tenantId: string; readonly connectionId: string; readonly withBodies: boolean },
): Promise<Due> {
  // Where the events themselves are taken in, each is a step of its own, with its body.
  const together = of.withBodies ? FRESH_READINGS : READINGS_AT_ONCE;
  return {
    fresh: await findDueReadings(em, { ...of, failed: false, limit: FRESH_READINGS, together }),
    failed: await findDueReadings(em, { ...of, failed: true, limit: FAILED_READINGS, together: FAILED_READINGS }),
    asOf: await dayOfFullRun(em, of.tenantId),
    held: await findHeldConnection(em, of),
  };
}

function steps(
  readings: readonly DueReading[],
  stepOf: (reading: DueReading) => Step,
): readonly { readonly reading: DueReading; readonly step: Step }[] {
  return readings.map((reading) => ({ reading, step: stepOf(reading) }));
}

function secondOf(at: Date): number {
  return Math.ceil(at.getTime() / 1000);
}

/**
 * Whose employments this read brought, where a bureau knows one of them or can be asked for him; else null. After a failure nothing
 * is new any more to the source, and the bureau may not have been read: then all of the persons are asked about.
 */
async function hiredAmong(
  em: EntityManager,
  {
    tenantId,
    connectionId,
    runId,
  }: { readonly tenantId: string; readonly connectionId: string; readonly runId: string },
  read: {
    readonly readings: readonly DueReading[];
    readonly personIds: readonly string[];
    /** Bureaus that can be asked for identity numbers. */
    readonly connectionIds: readonly string[];
  },
): Promise<{ readonly personIds: readonly string[]; readonly runId: string | null } | null> {
  const failed = read.readings.filter(({ faults }) => faults > 0);
  const personIds = new Set(read.personIds);
  for (const ownerKey of ownersOf(failed)) {
    const person = await findPersonByOwner(em, { tenantId, connectionId, ownerKey });
    if (person !== null) personIds.add(person.personId);
  }
  if (personIds.size === 0) return null;
  const asked = { personIds: [...personIds], runId: failed.length > 0 ? null : runId };
  const known = await bureausOfHired(em, { tenantId, ...asked });
  const isToBeRead =
    known.length > 0 ||
    (await hiredStrangers(em, { tenantId, ...asked, connectionIds: read.connectionIds })).length > 0;
  return isToBeRead ? asked : null;
}
