/** What a stolen, changed or misplaced row of sealed identity numbers is worth. */
import fc from 'fast-check';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../config/secrets.js';
import { canonicalJson, hashOf } from './canonical-hash.js';
import { IdentityVault } from './identity-vault.js';
import { type KeyRing, keyRingOf, openKeyRing, trialKeyRing } from './keys.js';

const ring = (current: string, ids: Readonly<Record<string, number>>): KeyRing => ({
  current,
  identity: new Map(Object.entries(ids).map(([id, fill]) => [id, Buffer.alloc(32, fill)])),
  blindIndex: { current: 'b1', keys: new Map([['b1', Buffer.alloc(32, 9)]]) },
});
const PLACE = ['company-a', 'person', 'id_number_enc', 'row-1'] as const;
const NUMBER = '34052419800101001X';

describe('the identity vault', () => {
  const vault = new IdentityVault(ring('k1', { k1: 1 }));

  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => vault.open(...PLACE, vault.seal(...PLACE, text)) === text),
    );
  });

  it('never seals one text into the same bytes twice, and shows none of it', () => {
    const [first, second] = [vault.seal(...PLACE, NUMBER), vault.seal(...PLACE, NUMBER)];
    expect(first.equals(second)).toBe(false);
    expect(first.includes(NUMBER)).toBe(false);
  });

  it('uses no nonce twice, also beyond the ones drawn at once', () => {
    const nonces = Array.from({ length: 5000 }, () =>
      vault
        .seal(...PLACE, NUMBER)
        .subarray(4, 16)
        .toString('hex'),
    );
    expect(new Set(nonces).size).toBe(5000);
  });

  it('refuses an envelope with any single bit changed', () => {
    const envelope = vault.seal(...PLACE, NUMBER);
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const changed = Buffer.from(envelope);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => vault.open(...PLACE, changed)).toThrow(expect.objectContaining({ code: 'seal-broken' }));
    }
  });

  it('refuses an envelope cut at any byte', () => {
    const envelope = vault.seal(...PLACE, NUMBER);
    for (let length = 0; length < envelope.length; length += 1) {
      expect(() => vault.open(...PLACE, envelope.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'seal-broken' }),
      );
    }
  });

  it.each<[string, readonly [string, string, string, string]]>([
    ['tenant', ['company-b', 'person', 'id_number_enc', 'row-1']],
    ['table', ['company-a', 'quarantined_row', 'id_number_enc', 'row-1']],
    ['column', ['company-a', 'person', 'id_masked', 'row-1']],
    ['row', ['company-a', 'person', 'id_number_enc', 'row-2']],
    ['boundary between coordinates', ['company-a', 'person","id_number_enc', '', 'row-1']],
  ])('refuses an envelope moved to another %s', (_what, elsewhere) => {
    expect(() => vault.open(...elsewhere, vault.seal(...PLACE, NUMBER))).toThrow(
      expect.objectContaining({ code: 'seal-broken' }),
    );
  });

  it('opens old envelopes after a rotation and seals new ones under the new key', () => {
    const rotated = new IdentityVault(ring('k2', { k1: 1, k2: 2 }));
    const old = vault.seal(...PLACE, NUMBER);
    expect(rotated.open(...PLACE, old)).toBe(NUMBER);
    expect(rotated.needsRotation(old)).toBe(true);
    const fresh = rotated.seal(...PLACE, NUMBER);
    expect(rotated.needsRotation(fresh)).toBe(false);
    expect(() => vault.open(...PLACE, fresh)).toThrow('keys.identity does not hold');
  });

  it('refuses the right key id with another key behind it', () => {
    const impostor = new IdentityVault(ring('k1', { k1: 3 }));
    expect(() => impostor.open(...PLACE, vault.seal(...PLACE, NUMBER))).toThrow(
      expect.objectContaining({ code: 'seal-broken' }),
    );
  });

  it('names the row but neither the text nor a key when it refuses', () => {
    const refuse = (): string =>
      vault.open('company-b', 'person', 'id_number_enc', 'row-1', vault.seal(...PLACE, NUMBER));
    expect(refuse).toThrow(/person\.id_number_enc, row row-1/);
    expect(refuse).not.toThrow(NUMBER);
  });

  it('refuses to start without its current key', () => {
    expect(() => new IdentityVault(ring('k9', { k1: 1 }))).toThrow('keys.current names k9');
  });
});

describe('the blind index', () => {
  const vault = new IdentityVault(ring('k1', { k1: 1 }));
  const index = (tenantId: string, number: string, type: 'resident-id' | 'passport' = 'resident-id'): string =>
    vault.blindIndex(tenantId, { type, number }).toString('hex');

  it('is 16 bytes, equal for one identity of one tenant and different for any other', () => {
    expect(index('company-a', NUMBER)).toBe(index('company-a', NUMBER));
    expect(index('company-a', NUMBER)).toHaveLength(32);
    const others = [
      index('company-b', NUMBER),
      index('company-a', '440300199001010013'),
      index('company-a', NUMBER, 'passport'),
    ];
    expect(new Set([index('company-a', NUMBER), ...others]).size).toBe(4);
  });

  it('does not change when the sealing key is rotated, and changes with its own key', () => {
    const identity = { type: 'resident-id', number: NUMBER } as const;
    const rotated = new IdentityVault(ring('k2', { k1: 1, k2: 2 }));
    expect(rotated.blindIndex('company-a', identity).toString('hex')).toBe(index('company-a', NUMBER));
    const keys = new Map([
      ['b1', Buffer.alloc(32, 9)],
      ['b2', Buffer.alloc(32, 8)],
    ]);
    const other = new IdentityVault({ ...ring('k1', { k1: 1 }), blindIndex: { current: 'b2', keys } });
    expect(other.blindIndex('company-a', identity).toString('hex')).not.toBe(index('company-a', NUMBER));
    expect(other.blindIndex('company-a', identity, 'b1').toString('hex')).toBe(index('company-a', NUMBER));
    expect(other.indexKeyIds).toEqual(['b2', 'b1']);
    expect(() => other.blindIndex('company-a', identity, 'b3')).toThrow('keys.blindIndex does not hold');
  });

  it('is told from another key of the same id by a value that shows neither', () => {
    const checks = vault.checkValues();
    expect(checks.map(({ kind, keyId }) => [kind, keyId])).toEqual([
      ['identity', 'k1'],
      ['blind-index', 'b1'],
    ]);
    const impostor = new IdentityVault(ring('k1', { k1: 3 })).checkValues();
    expect(impostor[0]?.check.equals(checks[0]?.check ?? Buffer.alloc(0))).toBe(false);
    expect(impostor[1]?.check.equals(checks[1]?.check ?? Buffer.alloc(0))).toBe(true);
    expect(checks.some(({ check }) => check.includes(Buffer.alloc(16, 9)))).toBe(false);
  });
});

describe('the keys of trial mode', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'keys-')), 'data');
  });
  afterEach(() => rmSync(join(dataDir, '..'), { recursive: true }));

  it('are made once, private, and are the same afterwards', () => {
    const first = trialKeyRing(dataDir);
    expect(statSync(join(dataDir, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(openKeyRing({ keys: null, dataDir })).toEqual(first);
    expect(first.identity.get('k1')).toHaveLength(32);
    expect(readdirSync(dataDir)).toEqual(['keys.json']);
  });

  it('are refused when others may read them, and when the file is broken', () => {
    trialKeyRing(dataDir);
    chmodSync(join(dataDir, 'keys.json'), 0o640);
    expect(() => trialKeyRing(dataDir)).toThrow('chmod 600');
    chmodSync(join(dataDir, 'keys.json'), 0o600);
    const whole = readFileSync(join(dataDir, 'keys.json'), 'utf8');
    for (const text of ['', '{}', whole.slice(0, 40), whole.replace('"current": "k1"', '"current": "k2"')]) {
      writeFileSync(join(dataDir, 'keys.json'), text);
      expect(() => trialKeyRing(dataDir)).toThrow(expect.objectContaining({ code: 'keys-unusable' }));
    }
  });

  it('give way to configured keys', () => {
    const key = new Secret(Buffer.alloc(32, 4).toString('base64'));
    const configured = { current: 'k1', identity: { k1: key }, blindIndex: { current: 'b1', keys: { b1: key } } };
    expect(openKeyRing({ keys: configured, dataDir })).toEqual(keyRingOf(configured));
    expect(keyRingOf(configured).identity.get('k1')).toEqual(Buffer.alloc(32, 4));
  });
});

describe('the canonical hash', () => {
  it('is the same for equal values in any order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'é' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"é","d":null}]}',
    );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const shuffled: unknown = JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
          typeof part === 'object' && part !== null && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        );
        return hashOf(shuffled).equals(hashOf(value));
      }),
    );
  });

  it('is SHA-256 over the canonical JSON', () => {
    expect(hashOf({}).toString('hex')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it.each([[Number.NaN], [[undefined]], [1n], [new Date(0)], [new Map()], [{ at: new Set() }], [undefined]])(
    'refuses what JSON would lose: %p',
    (value) => {
      expect(() => hashOf(value)).toThrow(expect.objectContaining({ code: 'not-canonical' }));
    },
  );
});
