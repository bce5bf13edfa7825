/** How identity numbers rest in the database: sealed with AES-256-GCM, found again through a keyed blind index. */
import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomFillSync,
} from 'node:crypto';
import { HubError } from '../../domain/hub-error.js';
import type { IdentityNumber } from '../../domain/identity-number.js';
import type { KeyRing } from './keys.js';

/*
 * Envelope: version (1 byte) · length of the key id (1) · key id · nonce (12) · tag (16) · ciphertext.
 * Everything before the nonce and the place of the cell (tenant, table, column, row) are additional data: an envelope copied
 * to another cell, or with any bit changed, does not open.
 */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLIND_INDEX_BYTES = 16;
const CHECK_BYTES = 16;

/** Where a sealed value stands; part of the seal. */
export interface SealedPlace {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

export type KeyKind = 'identity' | 'blind-index';

export interface KeyCheck {
  readonly kind: KeyKind;
  readonly keyId: string;
  readonly check: Buffer;
}

/** Seals, opens and indexes. Keys stay inside. */
export class IdentityVault {
  /** The key that seals. */
  readonly currentKeyId: string;
  /** The key of the blind index and of names unless another is named. */
  readonly currentIndexKeyId: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #current: KeyObject;
  readonly #indexRing: KeyRing['blindIndex'];
  readonly #header: Buffer;
  /** One derived key per tenant and key of the ring; as many entries as that. */
  readonly #indexKeys = new Map<string, KeyObject>();

  constructor(ring: KeyRing) {
    this.#keys = new Map([...ring.identity].map(([id, key]) => [id, createSecretKey(key)]));
    this.#indexRing = ring.blindIndex;
    this.#header = envelopeHeader(ring.current);
    this.#current = currentKey(this.#keys, ring.current);
    this.currentKeyId = ring.current;
    this.currentIndexKeyId = ring.blindIndex.current;
    this.#indexKey(this.currentIndexKeyId);
  }

  /** Ids of the keys that find and verify, the current one first. */
  get indexKeyIds(): readonly string[] {
    const { current, keys } = this.#indexRing;
    return [current, ...[...keys.keys()].filter((id) => id !== current)];
  }

  /** What tells two keys of one id apart, and nothing about the key: 16 bytes for each key of the ring. */
  checkValues(): readonly KeyCheck[] {
    const check = (kind: KeyKind, keyId: string, key: Buffer): KeyCheck => ({
      ...{ kind, keyId },
      check: Buffer.from(hkdfSync('sha256', key, '', `buduan:key-check:${kind}`, CHECK_BYTES)),
    });
    return [
      ...[...this.#keys].map(([keyId, key]) => check('identity', keyId, key.export())),
      ...[...this.#indexRing.keys].map(([keyId, key]) => check('blind-index', keyId, key)),
    ];
  }

  /** An envelope under the current key; the same text never gives the same envelope twice. */
  // The four coordinates keep the order of the database key; callers write them as literals beside their column.
  // eslint-disable-next-line no-restricted-syntax
  seal(tenantId: string, table: string, column: string, rowId: string, plain: string): Buffer {
    const nonce = nextNonce();
    const cipher = createCipheriv('aes-256-gcm', this.#current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData(this.#header, { tenantId, table, column, rowId }));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([this.#header, nonce, cipher.getAuthTag(), sealed]);
  }

  /** The sealed text. Throws `seal-broken` when the envelope was changed, moved or made with a key that is not in the ring. */
  // eslint-disable-next-line no-restricted-syntax
  open(tenantId: string, table: string, column: string, rowId: string, envelope: Buffer): string {
    const place: SealedPlace = { tenantId, table, column, rowId };
    const headerBytes = 2 + (envelope[1] ?? 0);
    if (envelope[0] !== VERSION || envelope.length < headerBytes + NONCE_BYTES + TAG_BYTES)
      throw broken(place, 'is not an envelope');
    const header = envelope.subarray(0, headerBytes);
    const key = this.#keys.get(header.subarray(2).toString());
    if (key === undefined) throw broken(place, 'was sealed with a key that keys.identity does not hold');
    const tagAt = headerBytes + NONCE_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, envelope.subarray(headerBytes, tagAt), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(additionalData(header, place));
    decipher.setAuthTag(envelope.subarray(tagAt, tagAt + TAG_BYTES));
    try {
      return decipher.update(envelope.subarray(tagAt + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw broken(place, 'was changed or belongs to another row', error);
    }
  }

  /** Whether an envelope should be sealed again because its key is no longer the current one. */
  needsRotation(envelope: Buffer): boolean {
    return !envelope.subarray(0, this.#header.length).equals(this.#header);
  }

  /** 16 bytes that are equal for equal identities of one tenant and key, and tell nothing without the key. */
  blindIndex(tenantId: string, identity: IdentityNumber, keyId: string = this.currentIndexKeyId): Buffer {
    return createHmac('sha256', this.#indexKeyOf(tenantId, keyId))
      .update(`${identity.type}\0${identity.number}`)
      .digest()
      .subarray(0, BLIND_INDEX_BYTES);
  }

  /** Hex; equal for equal texts of one purpose and key, and tells nothing about the text without the key. */
  nameOf(purpose: string, text: string, keyId: string = this.currentIndexKeyId): string {
    const key = hkdfSync('sha256', this.#indexKey(keyId), '', `buduan:name:${purpose}`, 32);
    return createHmac('sha256', Buffer.from(key)).update(text).digest('hex').slice(0, 32);
  }

  #indexKeyOf(tenantId: string, keyId: string): KeyObject {
    const place = `${keyId} ${tenantId}`;
    const known = this.#indexKeys.get(place);
    if (known !== undefined) return known;
    const derived = createSecretKey(
      Buffer.from(hkdfSync('sha256', this.#indexKey(keyId), '', `buduan:blind-index:${tenantId}`, 32)),
    );
    this.#indexKeys.set(place, derived);
    return derived;
  }

  /** Throws `keys-unusable` for one that is not in the ring. */
  #indexKey(keyId: string): Buffer {
    const key = this.#indexRing.keys.get(keyId);
    if (key !== undefined) return key;
    throw new HubError({
      code: 'keys-unusable',
      next: 'fix-config',
      message: `The blind index is kept with key ${keyId}, which keys.blindIndex does not hold. Add it to keys.blindIndex.keys and restart.`,
      detail: { keyId },
    });
  }
}

/** How every envelope of a key begins. */
export function envelopeHeader(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

/** Asking the system for 12 bytes costs a third of a seal; it is asked for many at once (14 µs → 7 µs with key objects). */
const nonces = Buffer.alloc(NONCE_BYTES * 1024);
let noncesUsed = nonces.length;

/** Fresh random bytes, each handed out once; valid until the next call. */
function nextNonce(): Buffer {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces);
    noncesUsed = 0;
  }
  const nonce = nonces.subarray(noncesUsed, noncesUsed + NONCE_BYTES);
  noncesUsed += NONCE_BYTES;
  return nonce;
}

function currentKey(keys: ReadonlyMap<string, KeyObject>, keyId: string): KeyObject {
  const key = keys.get(keyId);
  if (key !== undefined) return key;
  throw new HubError({
    code: 'keys-unusable',
    next: 'fix-config',
    message: `keys.current names ${keyId}, which keys.identity does not hold.`,
    detail: { keyId },
  });
}

function additionalData(header: Buffer, { tenantId, table, column, rowId }: SealedPlace): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([tenantId, table, column, rowId]))]);
}

function broken(place: SealedPlace, why: string, cause?: unknown): HubError {
  const { tenantId, table, column, rowId } = place;
  return new HubError({
    code: 'seal-broken',
    next: 'ask-person',
    message: `The sealed value in ${table}.${column}, row ${rowId}, ${why}. Expected an envelope of this row under a known key; restore the key or the row.`,
    detail: { tenantId, table, column, rowId },
    cause,
  });
}
