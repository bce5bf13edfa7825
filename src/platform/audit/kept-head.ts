/** How the head of an audit trail is written down to be kept elsewhere, and read again. */
import { z } from 'zod';
import { HubError } from '../../domain/hub-error.js';
import type { AuditHead } from './append-audit-event.js';

const HASH_BYTES = 32;

export const keptHeadSchema = z.strictObject({
  tenant: z.string(),
  /** 0 = nothing had happened yet. */
  eventNo: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  takenAt: z.iso.datetime(),
});
export type KeptHead = z.output<typeof keptHeadSchema>;

export function writeHead(head: AuditHead | null, place: { readonly tenant: string; readonly at: Date }): KeptHead {
  const { eventNo, hash } = head ?? { eventNo: 0, hash: Buffer.alloc(HASH_BYTES) };
  return { tenant: place.tenant, eventNo, hash: hash.toString('hex'), takenAt: place.at.toISOString() };
}

/** Throws `bad-head` for a text that is no head, or the head of another tenant. */
export function readHead(text: string, tenant: string): AuditHead {
  const parsed = keptHeadSchema.safeParse(jsonOrNull(text));
  if (!parsed.success) throw badHead('is not what "buduan audit head" printed');
  if (parsed.data.tenant !== tenant) throw badHead(`is the head of ${parsed.data.tenant}, not of ${tenant}`);
  return { eventNo: parsed.data.eventNo, hash: Buffer.from(parsed.data.hash, 'hex') };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function badHead(why: string): HubError {
  return new HubError({ code: 'bad-head', next: 'fix-config', message: `The kept head ${why}.` });
}
