/** Whether a tenant's operations may leave: frozen by a person, or because the ledger was restored and may have forgotten. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { lockTenant } from '../platform/database/lock-tenant.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { dueKey } from './plan-operations.js';
import { connectionsWithDue } from './plan-operations.store.js';
import { PUSH_SETTINGS, type PushSettings } from './push-settings.js';
import { readFreeze, type FreezeCause, type TenantFreeze } from './push-freeze.reader.js';
import {
  clearFreeze,
  hasPlannedSince,
  readStanding,
  setFreeze,
  setOrigin,
  showMoneyToPerson,
} from './push-freeze.store.js';

export interface FreezeRequest {
  readonly tenantId: string;
  readonly name: string;
  readonly cause: FreezeCause;
  readonly by: string;
  readonly reason: string | null;
}

export interface ThawRequest {
  readonly tenantId: string;
  readonly by: string;
  /** Connections of the configuration: each has to have been read whole. */
  readonly connectionIds: readonly string[];
}

@Injectable()
export class PushFreeze {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PUSH_SETTINGS) private readonly settings: PushSettings,
  ) {}

  /** Freezes a tenant whose ledger lives on another server, database or timeline than before; notes where it lives now. */
  async notice({ tenantId, name }: { readonly tenantId: string; readonly name: string }): Promise<void> {
    await this.database.inTenant(tenantId, async (em) => {
      const { origin, knownOrigin } = await readStanding(em, tenantId);
      if (knownOrigin === origin) return;
      await lockTenant(em, { tenantId, name });
      await this.adopt(em, tenantId);
    });
  }

  /** What keeps the tenant's operations from leaving now; null = nothing. Looks at where the ledger lives first. */
  async find(em: EntityManager, tenantId: string): Promise<TenantFreeze | null> {
    const { origin, knownOrigin, freeze } = await readStanding(em, tenantId);
    if (knownOrigin === origin) return freeze;
    await lockTenant(em, { tenantId, name: tenantId });
    await this.adopt(em, tenantId);
    return readFreeze(em, tenantId);
  }

  async freeze({ tenantId, name, cause, by, reason }: FreezeRequest): Promise<void> {
    refuseNobody(by);
    await this.database.inTenant(tenantId, async (em) => {
      await lockTenant(em, { tenantId, name });
      await setFreeze(em, tenantId, { cause, by, reason });
      await appendAuditEvent(em, {
        tenantId,
        actor: by,
        action: 'push.frozen',
        object: 'push',
        detail: { cause, reason },
      });
    });
  }

  /**
   * Lets operations leave again and returns how many that move money are shown to a person instead. After a restore throws
   * `reconcile-first` until every connection was read whole and a whole run was planned.
   */
  async thaw({ tenantId, by, connectionIds }: ThawRequest): Promise<number> {
    refuseNobody(by);
    return this.database.inTenant(tenantId, async (em) => {
      await lockTenant(em, { tenantId, name: tenantId });
      const freeze = await readFreeze(em, tenantId);
      if (freeze === null) throw refusal('not-frozen', `Nothing keeps the operations of ${tenantId} from leaving.`);
      const isRestored = freeze.cause === 'restored';
      if (isRestored) await refuseUnread(em, { tenantId, connectionIds, since: freeze.since });
      const doubtful = isRestored ? await showMoneyToPerson(em, tenantId) : 0;
      await clearFreeze(em, tenantId);
      for (const connectionId of await connectionsWithDue(em, tenantId))
        await this.jobs.post(em, { fact: 'OperationsDue', tenantId, connectionId }, dueKey(tenantId, connectionId));
      const detail = { cause: freeze.cause, since: freeze.since.toISOString(), shownToPerson: doubtful };
      await appendAuditEvent(em, { tenantId, actor: by, action: 'push.thawed', object: 'push', detail });
      return doubtful;
    });
  }

  /** The caller holds the tenant's row. */
  private async adopt(em: EntityManager, tenantId: string): Promise<void> {
    const { origin, knownOrigin: before } = await readStanding(em, tenantId);
    if (before === origin) return;
    await setOrigin(em, tenantId, origin);
    if (before === null) return;
    const reason = `the ledger was written at ${before} and lives at ${origin} now`;
    await setFreeze(em, tenantId, { cause: 'restored', by: null, reason });
    await appendAuditEvent(em, {
      ...{ tenantId, actor: 'hub', action: 'push.frozen', object: 'push' },
      detail: { cause: 'restored', before, now: origin },
    });
    this.settings.log.error(
      { tenantId, before, now: origin },
      'The database was restored or taken over: nothing is sent until a full run and "buduan thaw".',
    );
  }
}

interface Reread {
  readonly tenantId: string;
  readonly connectionIds: readonly string[];
  readonly since: Date;
}

async function refuseUnread(em: EntityManager, { tenantId, connectionIds, since }: Reread): Promise<void> {
  const reads = await readCompleteness(em, tenantId);
  const unread = connectionIds.filter((id) => {
    const own = reads.filter(({ connectionId }) => connectionId === id);
    return own.length === 0 || own.some(({ complete, startedAt }) => !complete || startedAt <= since);
  });
  if (unread.length === 0 && (await hasPlannedSince(em, tenantId, since))) return;
  const what = unread.length > 0 ? `not read whole since: ${unread.join(', ')}` : 'no whole run was planned since';
  throw refusal(
    'reconcile-first',
    `The ledger of ${tenantId} was restored (${since.toISOString()}), and ${what}. What left after the backup is known only by reading: run "buduan run", then thaw.`,
  );
}

function refuseNobody(by: string): void {
  if (by.trim() === '')
    throw refusal('who-decides', 'A decision needs the name of the person who takes it; name them with --by.');
}

function refusal(code: string, message: string): HubError {
  return new HubError({ code, next: 'ask-person', message });
}
