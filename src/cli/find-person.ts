/** Whom a command means by --person: an id, `connection:key`, or an identity number. */
import { parseIdentityNumber } from '../domain/identity-number.js';
import { HubError } from '../domain/hub-error.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { findPersonByIdentity, findPersonByOwner, readPersons, type PersonView } from '../sync/persons.reader.js';
import type { OpenHub } from './open-hub.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Throws `unknown-person`; the message repeats nothing that may be an identity number. */
export async function findPerson(hub: OpenHub, tenantId: string, asked: string): Promise<PersonView> {
  const found = await hub.database.inTenant(tenantId, async (em) => {
    if (UUID.test(asked)) return (await readPersons(em, tenantId, [asked])).get(asked) ?? null;
    const [connectionId = '', ownerKey] = asked.split(':', 2);
    if (ownerKey !== undefined) return findPersonByOwner(em, { tenantId, connectionId, ownerKey });
    const parsed = parseIdentityNumber(asked);
    return parsed.ok
      ? findPersonByIdentity(em, hub.app.get(IdentityVault), { tenantId, identity: parsed.identity })
      : null;
  });
  if (found !== null) return found;
  throw new HubError({
    code: 'unknown-person',
    next: 'fix-config',
    message:
      'No such person. Expected a person id, connection:key (for example payroll:E000001) or an identity number that a read has brought.',
  });
}
