/** How identity numbers rest in the database: sealed with AES-256-GCM, found again through a keyed blind index. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
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

/** Where a sealed value stands; part of the seal. */
export interface SealedPlace {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** Seals, opens and indexes. Keys stay inside. */
export class IdentityVault {
  readonly #ring: KeyRing;
  readonly #header: Buffer;
  /** One derived key per tenant; as many entries as tenants. */
  readonly #indexKeys = new Map<string, Buffer>();

  constructor(ring: KeyRing) {
    this.#ring = ring;
    const keyId = Buffer.from(ring.current);
    this.#header = Buffer.concat([Buffer.from([VERSION, keyId.length]), keyId]);
    this.#keyOf(ring.current);
  }

  /** An envelope under the current key; the same text never gives the same envelope twice. */
  // The four coordinates keep the order of the database key; callers write them as literals beside their column.
  // eslint-disable-next-line no-restricted-syntax
  seal(tenantId: string, table: string, column: string, rowId: string, plain: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(this.#ring.current), nonce, { authTagLength: TAG_BYTES });
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
    const key = this.#ring.identity.get(header.subarray(2).toString());
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

  /** 16 bytes that are equal for equal identities of one tenant, and tell nothing without the key. */
  blindIndex(tenantId: string, identity: IdentityNumber): Buffer {
    return createHmac('sha256', this.#indexKeyOf(tenantId))
      .update(`${identity.type}\0${identity.number}`)
      .digest()
      .subarray(0, BLIND_INDEX_BYTES);
  }

  #keyOf(keyId: string): Buffer {
    const key = this.#ring.identity.get(keyId);
    if (key === undefined)
      throw new HubError({
        code: 'keys-unusable',
        next: 'fix-config',
        message: `keys.current names ${keyId}, which keys.identity does not hold.`,
        detail: { keyId },
      });
    return key;
  }

  #indexKeyOf(tenantId: string): Buffer {
    const known = this.#indexKeys.get(tenantId);
    if (known !== undefined) return known;
    const derived = Buffer.from(hkdfSync('sha256', this.#ring.blindIndex, '', `buduan:blind-index:${tenantId}`, 32));
    this.#indexKeys.set(tenantId, derived);
    return derived;
  }
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
