/** How what guards and people know about a connection reaches the table that all nodes look at. */
import type { EntityManager } from 'typeorm';
import type { ConnectionMoved } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import type { Database } from '../platform/database/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import {
  claimProbe,
  noteHealth,
  setByPerson,
  setForWindow,
  type ConnectionKey,
  type HeldByPerson,
  type HeldForWindow,
} from './connection-health.store.js';
import type { GuardHealth } from './guard.js';

/** A system that was found down is left alone for this long before it is asked again. */
const PROBE_AFTER_SECONDS = 15;

export class ConnectionHealth {
  /** Of one connection one note after another: the last word of its guard is the last that is written. */
  private readonly writing = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly log: Log,
    private readonly jobs: Pick<Jobs, 'post'>,
  ) {}

  /** Never rejects: that a note was lost is told, and the next probe makes up for it. */
  note(key: ConnectionKey, health: GuardHealth, reason: string | null = null): Promise<void> {
    const id = `${key.tenantId}/${key.connectionId}`;
    const written = (this.writing.get(id) ?? Promise.resolve())
      .then(() => this.write(key, health, reason))
      .catch((error: unknown) =>
        this.log.warn({ ...key, health, err: error }, 'The health of a connection was not written down.'),
      );
    this.writing.set(id, written);
    return written;
  }

  private async write(key: ConnectionKey, health: GuardHealth, reason: string | null): Promise<void> {
    await this.database.inTenant(key.tenantId, async (em) => {
      const isNews = await noteHealth(em, key, { health, reason });
      if (isNews && health !== 'half-open') await this.tell(em, key, { health, reason });
    });
  }

  /** One after another: what is told last is what holds. */
  private async tell(
    em: EntityManager,
    { tenantId, connectionId }: ConnectionKey,
    moved: Pick<ConnectionMoved, 'health' | 'reason'>,
  ): Promise<void> {
    const queue = `health:${tenantId}:${connectionId}`;
    await this.jobs.post(em, { fact: 'ConnectionMoved', tenantId, connectionId, ...moved }, { queue });
  }

  /** Resolves when everything noted so far is written. */
  async written(): Promise<void> {
    await Promise.all(this.writing.values());
  }

  /** The next connection of a tenant to be probed, now half-open; null when none is due. */
  claimProbe(tenantId: string): Promise<string | null> {
    return this.database.inTenant(tenantId, (em) => claimProbe(em, tenantId, PROBE_AFTER_SECONDS));
  }

  /** Takes a connection out of use until a window of the configuration ends; what a person decided since it began counts more. */
  holdForWindow(em: EntityManager, key: ConnectionKey, window: HeldForWindow): Promise<void> {
    return setForWindow(em, key, window);
  }

  /** Takes a connection out of use or back into it, in somebody's name. Throws `unknown-connection`. */
  async decide(key: ConnectionKey, held: HeldByPerson): Promise<void> {
    await this.database.inTenant(key.tenantId, async (em) => {
      if (!(await setByPerson(em, key, held))) throw unknownConnection(key);
      if (held.health === 'up') await this.tell(em, key, { health: 'up', reason: null });
      await appendAuditEvent(em, {
        tenantId: key.tenantId,
        actor: held.by,
        action: `connection.${held.health}`,
        object: `connection:${key.connectionId}`,
        detail: { reason: held.reason, until: held.until?.toISOString() ?? null },
      });
    });
  }
}

function unknownConnection({ tenantId, connectionId }: ConnectionKey): HubError {
  return new HubError({
    code: 'unknown-connection',
    next: 'fix-config',
    message: `Tenant ${tenantId} has no connection ${connectionId} that was ever used; "buduan connection list" shows those there are.`,
    detail: { tenantId, connectionId },
  });
}
