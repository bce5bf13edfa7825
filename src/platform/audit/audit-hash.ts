/** What the hash of an audit event covers: every field of its row and the hash of the event before. */
import { hashOf } from '../crypto/canonical-hash.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface HashedEvent {
  readonly tenantId: string;
  readonly eventNo: number;
  /** UTC with milliseconds: `2026-11-23T01:02:03.004Z`. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Json;
  readonly prevHash: Buffer;
}

/** What the first event of a tenant carries as the hash before it. */
export const GENESIS_HASH = Buffer.alloc(32);

export function auditHash(event: HashedEvent): Buffer {
  return hashOf({ ...event, prevHash: event.prevHash.toString('hex') });
}
