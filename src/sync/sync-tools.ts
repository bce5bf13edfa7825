/** What the verbs of this room work with: the platform's services and the settings of each tenant. */
import type { Database } from '../platform/database/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import type { Log } from '../platform/log/log.js';
import type { Connection } from '../connectors/port.js';

/** What a tenant's configuration says to this room. */
export interface TenantSyncSettings {
  readonly name: string;
  /** Closed months to look back on, ≥ 1. */
  readonly lookBackMonths: number;
  /** A read that meets fewer than (100 − this) % of the owners known so far is not complete; 0–100, 100 switches the check off. */
  readonly countDropPercent: number;
}

/** Everything a verb of this room needs. Made once per process; holds no state of its own. */
export class SyncTools {
  constructor(
    readonly database: Database,
    readonly jobs: Pick<Jobs, 'post'>,
    readonly vault: IdentityVault,
    readonly log: Log,
    /** Open connections of a tenant, in the order of its configuration. */
    readonly connectionsOf: (tenantId: string) => readonly Connection[],
    /** Throws HubError for a tenant the configuration does not have. */
    readonly settingsOf: (tenantId: string) => TenantSyncSettings,
  ) {}
}
