/** What a policy pack looks like on the wire: one signed line, then the policy's files as compressed JSON. */
import { createHash, sign, verify } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { HubError } from '../../domain/hub-error.js';
import type { PolicyFileSet } from '../load-files.js';
import { filesInMemory } from '../load-files.js';
import { keyIdOf, readPrivateKey, readPublicKey } from './pack-keys.js';

/** Compressed; all of China's regions take well under a twentieth of it. */
export const MAX_PACK_BYTES = 8 * 1024 * 1024;
/** After inflation, which is broken off there. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 5_000;
const MAX_FILE_BYTES = 1024 * 1024;

const FORMAT = 'buduan-policy-pack/1';
const FIRST_LINE = /^buduan-policy-pack\/1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)$/;
const LONGEST_FIRST_LINE = 200;
/** Names are keys and are never opened as paths; even so they can only lie where policy files lie. */
const FILE_NAME = /^(?:[a-z][a-z0-9-]{0,40}\/)?[A-Za-z0-9][A-Za-z0-9-]{0,60}\.(?:yaml|json)$/;

const contentSchema = z.strictObject({
  files: z
    .record(
      z.string().regex(FILE_NAME, 'is no name of a policy file'),
      z.string().refine((text) => Buffer.byteLength(text) <= MAX_FILE_BYTES, 'is longer than a policy file may be'),
    )
    .refine((files) => Object.keys(files).length <= MAX_FILES, `holds more than ${MAX_FILES} files`),
});

export interface OpenedPack {
  readonly files: PolicyFileSet;
  readonly keyId: string;
}

/** The same files give the same content, in whatever order they come. Throws `pack-key` and `pack-unreadable`. */
export function sealPack(files: ReadonlyMap<string, string>, privatePem: string): Buffer {
  const { key, keyId } = readPrivateKey(privatePem);
  const sorted = Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  readContent({ files: sorted });
  const body = gzipSync(JSON.stringify({ files: sorted }), { level: 9 });
  // The system's mark in the header of gzip differs between systems; a pack should not.
  body[9] = 0xff;
  if (body.length > MAX_PACK_BYTES) throw unreadable(`it would be larger than ${MAX_PACK_BYTES} bytes`);
  const signature = sign(null, signedBytes(body), key).toString('base64');
  return Buffer.concat([Buffer.from(`${FORMAT} ${keyId} ${signature}\n`), body]);
}

/**
 * Checks size and signature before a byte is inflated. Throws `pack-unsigned`, `pack-unknown-key`, `pack-tampered` and
 * `pack-unreadable`; `trustedKeys` as in hub.yaml.
 */
export function openPack(archive: Buffer, trustedKeys: readonly string[]): OpenedPack {
  const { keyId, signature, body } = splitPack(archive);
  const trusted = trustedKeys.find((text) => keyIdOf(text) === keyId);
  if (trusted === undefined) {
    throw refusal('pack-unknown-key', `it is signed with the key ${keyId}, which policy.trustedKeys does not name`);
  }
  if (!verify(null, signedBytes(body), readPublicKey(trusted), Buffer.from(signature, 'base64'))) {
    throw refusal('pack-tampered', `its content is not what the key ${keyId} signed`);
  }
  return { files: inflate(body), keyId };
}

/** A pack that was checked when it was stored. */
export function reopenPack(archive: Buffer): PolicyFileSet {
  return inflate(splitPack(archive).body);
}

export function packHash(archive: Buffer): Buffer {
  return createHash('sha256').update(splitPack(archive).body).digest();
}

function splitPack(archive: Buffer): { readonly keyId: string; readonly signature: string; readonly body: Buffer } {
  if (archive.length > MAX_PACK_BYTES + LONGEST_FIRST_LINE)
    throw unreadable(`it is larger than ${MAX_PACK_BYTES} bytes`);
  const end = archive.subarray(0, LONGEST_FIRST_LINE).indexOf('\n');
  const line = archive.subarray(0, Math.max(end, 0)).toString('latin1');
  const [, keyId, signature] = FIRST_LINE.exec(line) ?? [];
  if (keyId !== undefined && signature !== undefined) return { keyId, signature, body: archive.subarray(end + 1) };
  if (line.startsWith(FORMAT)) throw refusal('pack-unsigned', 'its first line carries no signature');
  throw unreadable('it does not begin as a policy pack does');
}

/** The format stands before the content, so that a signature for something else is none for a pack. */
function signedBytes(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${FORMAT}\n`), body]);
}

function inflate(body: Buffer): PolicyFileSet {
  let content: unknown;
  try {
    content = JSON.parse(gunzipSync(body, { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8'));
  } catch {
    throw unreadable(`its content is not JSON compressed with gzip, or more than ${MAX_INFLATED_BYTES} bytes`);
  }
  return filesInMemory('pack', new Map(Object.entries(readContent(content).files)));
}

function readContent(content: unknown): z.output<typeof contentSchema> {
  const result = contentSchema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadable(`${(issue?.path ?? []).join('.').slice(0, 100)} ${issue?.message ?? 'does not fit'}`);
}

function unreadable(why: string): HubError {
  return refusal('pack-unreadable', why);
}

function refusal(code: string, why: string): HubError {
  return new HubError({
    code,
    next: 'ask-person',
    message: `The policy pack is refused: ${why}. Nothing was stored; ask whoever publishes it.`,
  });
}
