/** The one way to see an identity number unmasked: with a reason, and never without a trace. */
import { HubError } from '../domain/hub-error.js';
import type { IdType } from '../domain/identity-number.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { selectSealedIdentity } from './person.store.js';
import type { SyncTools } from './sync-tools.js';

export interface RevealRequest {
  readonly tenantId: string;
  readonly personId: string;
  /** Who looks. */
  readonly actor: string;
  /** Why, for the auditor. */
  readonly reason: string;
}

export interface RevealedIdentity {
  readonly personId: string;
  readonly idType: IdType;
  readonly idNumber: string;
}

/** Nothing is shown unless its audit event is committed. Throws `unknown-person`. */
export async function revealIdentity(
  { database, vault }: Pick<SyncTools, 'database' | 'vault'>,
  { tenantId, personId, actor, reason }: RevealRequest,
): Promise<RevealedIdentity> {
  return database.inTenant(tenantId, async (em) => {
    const person = await selectSealedIdentity(em, { tenantId, personId });
    if (person === null)
      throw new HubError({
        code: 'unknown-person',
        next: 'fix-config',
        message: `There is no person ${personId}.`,
        detail: { personId },
      });
    const idNumber = vault.open(tenantId, 'person', 'id_number_enc', personId, person.sealed);
    const object = `person/${personId}`;
    await appendAuditEvent(em, { tenantId, actor, action: 'person.reveal-identity', object, detail: { reason } });
    return { personId, idType: person.idType, idNumber };
  });
}
