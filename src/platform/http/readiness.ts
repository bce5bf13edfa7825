/** Whether this node can do its work now: its database answers, the schema is current, its jobs run; and what goes badly although it can. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../database/database.js';
import type { Jobs } from '../jobs/jobs.js';

export type ReadinessFault = 'stopping' | 'database' | 'migrations' | 'jobs';

/** `unseen`: how things stand could not be found out in time. */
export type DegradationReason =
  'schema-ahead' | 'connections-down' | 'reads-stale' | 'plans-held' | 'dead-letters' | 'clock-skew' | 'unseen';

/** What goes badly; without names, because whoever asks shows no key. */
export interface Degradation {
  readonly reason: DegradationReason;
  /** How many; of `clock-skew` whole seconds. */
  readonly count: number;
}

export interface ReadinessOptions {
  readonly database: Database;
  readonly jobs: Pick<Jobs, 'isRunning'>;
  /** Whether this node is one that runs jobs. */
  readonly isWorker: boolean;
}

/** Below the patience of the usual probes. */
const ANSWER_WITHIN_MS = 2_000;
/** Probes come every few seconds from several places; what they ask for beside the node itself takes a statement per tenant. */
const LOOK_AGAIN_MS = 5_000;
const UNSEEN: readonly Degradation[] = [{ reason: 'unseen', count: 1 }];

export class Readiness {
  private stopping = false;

  private lookAround: () => Promise<readonly Degradation[]> = () => Promise.resolve([]);
  private seen: { readonly untilMs: number; readonly found: Promise<readonly Degradation[]> } | null = null;

  constructor(private readonly options: ReadinessOptions) {}

  /** Whom to ask how things stand beside this node itself. */
  watch(lookAround: () => Promise<readonly Degradation[]>): void {
    this.lookAround = lookAround;
  }

  /** What goes badly although the node can work; none = all is well. Never rejects, and answers within two seconds. */
  async degradations(): Promise<readonly Degradation[]> {
    const nowMs = performance.now();
    if (this.seen === null || this.seen.untilMs <= nowMs) {
      const found = this.unknownMigrations().then(async (ahead) => [...ahead, ...(await this.lookAround())]);
      this.seen = { untilMs: nowMs + LOOK_AGAIN_MS, found: found.catch(() => UNSEEN) };
    }
    return within(this.seen.found, UNSEEN);
  }

  private async unknownMigrations(): Promise<readonly Degradation[]> {
    const { unknown } = await this.options.database.schemaState();
    return unknown.length === 0 ? [] : [{ reason: 'schema-ahead', count: unknown.length }];
  }

  /** From now on the node is not ready, so that callers are led elsewhere while it ends its work. */
  stop(): void {
    this.stopping = true;
  }

  /** What keeps the node from being ready; none = ready. Never rejects, and answers within two seconds. */
  async faults(): Promise<readonly ReadinessFault[]> {
    if (this.stopping) return ['stopping'];
    const { jobs, isWorker } = this.options;
    const fault = await this.databaseFault();
    return [...(fault === null ? [] : [fault]), ...(isWorker && !jobs.isRunning ? (['jobs'] as const) : [])];
  }

  private async databaseFault(): Promise<'database' | 'migrations' | null> {
    const state = await within(
      this.options.database.schemaState().catch(() => null),
      null,
    );
    if (state === null) return 'database';
    return state.missing.length === 0 ? null : 'migrations';
  }
}

async function within<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  const over = new AbortController();
  const late = wait(ANSWER_WITHIN_MS, otherwise, { signal: over.signal }).catch(() => otherwise);
  const first = await Promise.race([answer, late]);
  over.abort();
  return first;
}
