/** Whether this node can do its work now: its database answers, the schema is current, its jobs run. */
import { setTimeout as wait } from 'node:timers/promises';
import { MIGRATIONS } from '../database/migrations/all-migrations.js';
import type { Database } from '../database/database.js';
import type { Jobs } from '../jobs/jobs.js';

export type ReadinessFault = 'stopping' | 'database' | 'migrations' | 'jobs';

export interface ReadinessOptions {
  readonly database: Database;
  readonly jobs: Pick<Jobs, 'isRunning'>;
  /** Whether this node is one that runs jobs. */
  readonly isWorker: boolean;
}

/** Below the patience of the usual probes. */
const ANSWER_WITHIN_MS = 2_000;

export class Readiness {
  private stopping = false;

  constructor(private readonly options: ReadinessOptions) {}

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
    const over = new AbortController();
    const applied = this.appliedMigrations().catch(() => null);
    const names = await Promise.race([
      applied,
      wait(ANSWER_WITHIN_MS, null, { signal: over.signal }).catch(() => null),
    ]);
    over.abort();
    if (names === null) return 'database';
    return MIGRATIONS.every((migration) => names.has(migration.name)) ? null : 'migrations';
  }

  private async appliedMigrations(): Promise<ReadonlySet<string>> {
    const rows = await this.options.database.acrossTenants((em) =>
      em.query<{ name: string }[]>('SELECT buduan_migration.name FROM buduan_migration'),
    );
    return new Set(rows.map(({ name }) => name));
  }
}
