/** Whether keys can be changed under a working hub: nothing is lost, nobody becomes two persons, and the former key can go. */
import { randomUUID } from 'node:crypto';
import { type RotateOutcome, rotateKeys } from '../../src/cli/keys/rotate-keys.js';
import { SEALED_COLUMNS, readKeyFigures } from '../../src/cli/keys/key-figures.js';
import type { IdentityNumber } from '../../src/domain/identity-number.js';
import { admitKeys } from '../../src/platform/crypto/admit-keys.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { sealedPlaceName } from '../../src/platform/crypto/sealed-column.js';
import { verifyAuditChain } from '../../src/platform/audit/verify-audit-chain.js';
import { findOrCreatePersons } from '../../src/sync/person.store.js';
import { findPersonByIdentity } from '../../src/sync/persons.reader.js';
import { revealIdentity } from '../../src/sync/reveal-identity.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

const TENANTS = ['company-a', 'company-b'];
const TENANT = 'company-a';
const PERSONS = 40;
const BODY = '{"employee":"E1"}';

/** Keys by the last digit of their id; the first of each list is current. */
function vaultOf(identity: readonly string[], index: readonly string[]): IdentityVault {
  const keys = (ids: readonly string[], fill: number): ReadonlyMap<string, Buffer> =>
    new Map(ids.map((id) => [id, Buffer.alloc(32, fill + Number(id.slice(1)))]));
  return new IdentityVault({
    current: identity[0] ?? '',
    identity: keys(identity, 10),
    blindIndex: { current: index[0] ?? '', keys: keys(index, 20) },
  });
}

const FORMER = vaultOf(['k1'], ['b1']);
/** Knows the next keys and does not use them yet. */
const READY = vaultOf(['k1', 'k2'], ['b1', 'b2']);
const CURRENT = vaultOf(['k2', 'k1'], ['b2', 'b1']);
const NEXT = vaultOf(['k2'], ['b2']);

const identityOf = (no: number): IdentityNumber => ({ type: 'passport', number: `E${10_000_000 + no}` });

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
  for (const tenantId of TENANTS) {
    await test.database.inTenant(tenantId, async (em) => {
      await em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [tenantId]);
      await em.query(
        `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, 'hr', 'x', '1', 'payroll')`,
        [tenantId],
      );
    });
  }
  await admitKeys(test.database, FORMER);
  for (const tenantId of TENANTS) await meet(FORMER, { tenantId });
  await keepDelivery(FORMER, 'call-1');
  await keepQuarantined(FORMER);
});
afterEach(() => test.close());

it('moves the values of every column that holds sealed ones', async () => {
  const rows = await test.database.acrossTenants<{ place: string }[]>((em) =>
    em.query(
      `SELECT c.relname || '.' || a.attname AS place FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'buduan'::regnamespace AND c.relkind = 'r' AND a.attname LIKE '%\\_enc' ORDER BY 1`,
    ),
  );
  expect(SEALED_COLUMNS.map(sealedPlaceName).sort()).toEqual(rows.map(({ place }) => place));
});

interface Meeting {
  readonly tenantId?: string;
  readonly from?: number;
  readonly count?: number;
}

/** What a page that brings these persons does with their numbers. */
async function meet(vault: IdentityVault, { tenantId = TENANT, from = 0, count = PERSONS }: Meeting = {}) {
  const identities = new Map(
    Array.from({ length: count }, (_, at) => {
      const identity = identityOf(from + at);
      return [vault.blindIndex(tenantId, identity).toString('hex'), identity] as const;
    }),
  );
  return test.database.inTenant(tenantId, (em) => findOrCreatePersons(em, vault, { tenantId, identities }));
}

async function keepDelivery(vault: IdentityVault, deliveryId: string): Promise<void> {
  const place = [TENANT, 'webhook_delivery', 'body_enc', JSON.stringify(['hr', deliveryId])] as const;
  await test.database.inTenant(TENANT, (em) =>
    em.query(
      `INSERT INTO buduan.webhook_delivery (tenant_id, connection_id, delivery_id, body_enc, body_hash) VALUES ($1, 'hr', $2, $3, '\\x01')`,
      [TENANT, deliveryId, vault.seal(...place, BODY)],
    ),
  );
}

async function keepQuarantined(vault: IdentityVault, reason = 'x'): Promise<void> {
  const id = randomUUID();
  await test.database.inTenant(TENANT, (em) =>
    em.query(
      `INSERT INTO buduan.quarantined_row (tenant_id, quarantine_id, connection_id, read_name, stream, reason, field, raw_enc, raw_hash, first_run_id, last_run_id)
       VALUES ($1, $2::uuid, 'hr', 'persons', 'persons', $4, 'y', $3, '\\x01', $2::uuid, $2::uuid)`,
      [TENANT, id, vault.seal(TENANT, 'quarantined_row', 'raw_enc', id, BODY), reason],
    ),
  );
}

function rotate(vault: IdentityVault, tell: () => void = () => undefined, batchSize = 7): Promise<RotateOutcome> {
  return rotateKeys({ database: test.database, vault }, { by: 'op', batchSize, tell });
}

async function personCount(tenantId = TENANT): Promise<number> {
  const rows = await test.database.inTenant(tenantId, (em) =>
    em.query<{ count: number }[]>('SELECT count(*)::int AS count FROM buduan.person'),
  );
  return rows[0]?.count ?? -1;
}

/** Everything is found, opens, and is nobody new. */
async function expectWhole(vault: IdentityVault, known: ReadonlyMap<string, string>): Promise<void> {
  expect(new Set((await meet(vault)).values())).toEqual(new Set(known.values()));
  expect(await personCount()).toBe(PERSONS);
  for (const no of [0, PERSONS - 1]) {
    const identity = identityOf(no);
    const found = await test.database.inTenant(TENANT, (em) =>
      findPersonByIdentity(em, vault, { tenantId: TENANT, identity }),
    );
    const shown = await revealIdentity(
      { database: test.database, vault },
      { tenantId: TENANT, personId: found?.personId ?? randomUUID(), actor: 'a', reason: 'test' },
    );
    expect(shown.idNumber).toBe(identity.number);
  }
  const [delivery] = await test.database.inTenant(TENANT, (em) =>
    em.query<{ body: Buffer }[]>('SELECT d.body_enc AS body FROM buduan.webhook_delivery d'),
  );
  const row = JSON.stringify(['hr', 'call-1']);
  expect(vault.open(TENANT, 'webhook_delivery', 'body_enc', row, delivery?.body ?? Buffer.alloc(0))).toBe(BODY);
}

describe('a rotation of keys', () => {
  it('killed between any two batches is gone on with, and everything is found at every moment', async () => {
    const known = await meet(FORMER);
    let batches = 0;
    await expect(rotate(CURRENT, () => void (batches += 1))).resolves.toMatchObject({
      retired: ['b1', 'k1'],
      left: [],
    });
    expect(batches).toBeGreaterThan(20);
    await expectWhole(NEXT, known);
    // Back and forth until it went through: each call dies one batch later than the one before.
    const back = vaultOf(['k3', 'k2'], ['b3', 'b2']);
    for (let died = true, allowed = 0; died; allowed += 1) {
      let left = allowed;
      const outcome = await rotate(
        back,
        () => {
          if (left === 0) throw new Error('killed');
          left -= 1;
        },
        15,
      ).catch((error: unknown) => error as Error);
      died = outcome instanceof Error;
      if (outcome instanceof Error) expect(outcome.message).toBe('killed');
      if (allowed % 4 === 0) await expectWhole(back, known);
    }
    await expectWhole(vaultOf(['k3'], ['b3']), known);
  });

  it('changes nothing the second time, and leaves one line for each time in the audit trail of those it changed', async () => {
    await rotate(CURRENT);
    const envelopes = (): Promise<unknown> =>
      test.database.inTenant(TENANT, (em) => em.query('SELECT p.* FROM buduan.person p ORDER BY p.person_id'));
    const before = await envelopes();
    await expect(rotate(CURRENT)).resolves.toEqual({ moved: 0, retired: [], left: [] });
    expect(await envelopes()).toEqual(before);
    const events = await test.database.inTenant(TENANT, (em) =>
      em.query<unknown[]>(`SELECT e.actor, e.detail FROM buduan.audit_event e WHERE e.action = 'keys.rotate'`),
    );
    expect(events).toEqual([{ actor: 'op', detail: { identity: 'k2', blindIndex: 'b2' } }]);
    await expect(test.database.inTenant(TENANT, (em) => verifyAuditChain(em, TENANT))).resolves.toMatchObject({
      intact: true,
    });
  });

  it('makes nobody a second time while nodes with either key current bring the same persons and new ones', async () => {
    const strangers = 60;
    const meetAll = async (vault: IdentityVault, from: number): Promise<void> => {
      for (let at = 0; at < strangers; at += 6) {
        await meet(vault, { from: PERSONS + ((from + at) % strangers), count: 1 });
        await meet(vault, { from: at % PERSONS, count: 5 });
      }
    };
    const nodes = [READY, CURRENT, READY, CURRENT].map((vault, at) => meetAll(vault, at * 3));
    await Promise.all([rotate(CURRENT, undefined, 3), ...nodes.map((node) => node.catch(refusedOnly))]);
    await Promise.all(Array.from({ length: 4 }, () => meet(CURRENT, { count: PERSONS + strangers })));
    expect(await personCount()).toBe(PERSONS + strangers);
  });

  it('lets a node that does not know the next key make nobody, nor an older program that knows no ids of keys', async () => {
    await rotate(CURRENT);
    await expect(meet(FORMER, { from: 500, count: 1 })).rejects.toMatchObject({ code: 'keys-unusable' });
    const asOlderProgram = test.database.inTenant(TENANT, (em) =>
      em.query(
        `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked) VALUES ($1, $2, 'passport', '\\x00', '\\x01', '*')`,
        [TENANT, randomUUID()],
      ),
    );
    await expect(asOlderProgram).rejects.toThrow('was closed by "buduan keys rotate"');
    expect(await personCount()).toBe(PERSONS);
  });

  it('refuses what would be sealed with a key that was let go', async () => {
    await rotate(CURRENT);
    await expect(keepDelivery(FORMER, 'call-2')).rejects.toThrow('was closed by "buduan keys rotate"');
    await expect(keepQuarantined(READY, 'z')).rejects.toThrow('was closed by "buduan keys rotate"');
    await keepDelivery(CURRENT, 'call-2');
  });
});

/** A node whose key was closed under it may be refused; it may never make anybody twice. */
function refusedOnly(error: unknown): void {
  expect(String(error)).toContain('was closed by "buduan keys rotate"');
}

describe('a hub that opens', () => {
  const opens = (vault: IdentityVault): Promise<void> => admitKeys(test.database, vault);

  it('needs every key that something rests on, and no other', async () => {
    await expect(opens(NEXT)).rejects.toThrow('is missing, and stored values rest on it');
    await expect(opens(vaultOf(['k2', 'k1'], ['b2']))).rejects.toThrow('Key b1 of keys.blindIndex is missing');
    await opens(READY);
    await opens(CURRENT);
    await rotate(CURRENT);
    await opens(NEXT);
    await opens(CURRENT);
    await expect(opens(READY)).rejects.toThrow('was closed by "buduan keys rotate"');
  });

  it('refuses another key under the name of one that is in use', async () => {
    const impostor = new IdentityVault({
      current: 'k1',
      identity: new Map([['k1', Buffer.alloc(32, 99)]]),
      blindIndex: { current: 'b1', keys: new Map([['b1', Buffer.alloc(32, 21)]]) },
    });
    await expect(opens(impostor)).rejects.toThrow('Key k1 of keys.identity is another key');
  });
});

it('keeps a key of the blind index as long as a link that it signed may still open', async () => {
  const [personId] = (await meet(FORMER)).values();
  await test.database.inTenant(TENANT, (em) =>
    em.query(
      `INSERT INTO buduan.employee_link (tenant_id, link_id, person_id, created_by, created_at, expires_at)
       VALUES ($1, $2, $3, 'hr', now(), now() + interval '1 day')`,
      [TENANT, randomUUID(), personId],
    ),
  );
  const outcome = await rotate(CURRENT);
  expect(outcome).toMatchObject({ retired: ['k1'], left: [{ keyId: 'b1', state: 'closed', values: { links: 1 } }] });
  await expect(admitKeys(test.database, NEXT)).rejects.toThrow('Key b1 of keys.blindIndex is missing');
  await test.database.inTenant(TENANT, (em) =>
    em.query(`UPDATE buduan.employee_link SET revoked_at = now(), revoked_by = 'hr'`),
  );
  await expect(rotate(CURRENT)).resolves.toEqual({ moved: 0, retired: ['b1'], left: [] });
  const figures = await readKeyFigures(test.database, CURRENT);
  expect(figures.map(({ keyId, state, isCurrent }) => [keyId, state, isCurrent])).toEqual([
    ['b1', 'retired', false],
    ['k1', 'retired', false],
    ['b2', 'used', true],
    ['k2', 'used', true],
  ]);
});
