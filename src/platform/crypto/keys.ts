/** Which keys this hub seals and matches identity numbers with: those of hub.yaml, or in trial mode its own, made once. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HubError } from '../../domain/hub-error.js';
import { systemCode } from '../config/config-error.js';
import type { KeysConfig } from '../config/hub-config.js';
import { ONLY_INDEX_KEY } from '../config/hub-config.schema.js';
import type { Secret } from '../config/secrets.js';

export const KEY_BYTES = 32;

/** Every key is 32 bytes. */
export interface KeyRing {
  /** Id of the key that seals from now on; it is one of `identity`. */
  readonly current: string;
  /** Keys by id; all of them open. */
  readonly identity: ReadonlyMap<string, Buffer>;
  readonly blindIndex: {
    /** Id of the key that persons are indexed with once `buduan keys rotate` has moved to it. */
    readonly current: string;
    /** Keys by id; all of them find. */
    readonly keys: ReadonlyMap<string, Buffer>;
  };
}

/** The keys of the configuration, already checked when it was loaded. */
export function keyRingOf(config: KeysConfig): KeyRing {
  const { current, identity, blindIndex } = config;
  const revealed = (keys: Readonly<Record<string, Secret>>): Record<string, string> =>
    Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, key.reveal()]));
  return {
    current,
    identity: buffersOf(revealed(identity)),
    blindIndex: { current: blindIndex.current, keys: buffersOf(revealed(blindIndex.keys)) },
  };
}

function buffersOf(keys: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> {
  return new Map(Object.entries(keys).map(([id, text64]) => [id, Buffer.from(text64, 'base64')] as const));
}

/** The configured keys, or (null, trial mode) those of `<dataDir>/keys.json`, made on first use. */
export function openKeyRing(options: { readonly keys: KeysConfig | null; readonly dataDir: string }): KeyRing {
  return options.keys === null ? trialKeyRing(options.dataDir) : keyRingOf(options.keys);
}

const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const several = z
  .strictObject({ current: z.string(), keys: z.record(z.string(), key) })
  .refine(({ current, keys }) => Object.hasOwn(keys, current));
const keyFileSchema = z
  .strictObject({ current: z.string(), identity: z.record(z.string(), key), blindIndex: z.union([key, several]) })
  .refine((ring) => Object.hasOwn(ring.identity, ring.current));

/**
 * Reads `<dataDir>/keys.json` (mode 0600), making it when it is missing; of several processes one makes it and all read it.
 * Throws `keys-unusable` when the file is broken or others may read it.
 */
export function trialKeyRing(dataDir: string): KeyRing {
  const file = join(dataDir, 'keys.json');
  const found = readKeyFile(file);
  if (found !== null) return found;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  createOnce(file);
  const made = readKeyFile(file);
  if (made === null) throw unusable(file, 'vanished after it was made');
  return made;
}

function readKeyFile(file: string): KeyRing | null {
  const text = readPrivate(file);
  if (text === null) return null;
  const result = keyFileSchema.safeParse(jsonOrNull(text));
  if (!result.success)
    throw unusable(
      file,
      'does not hold { current, identity, blindIndex } with keys of 32 bytes in base64; restore it from a backup',
    );
  const { current, identity, blindIndex: written } = result.data;
  const blindIndex =
    typeof written === 'string' ? { current: ONLY_INDEX_KEY, keys: { [ONLY_INDEX_KEY]: written } } : written;
  return {
    current,
    identity: buffersOf(identity),
    blindIndex: { current: blindIndex.current, keys: buffersOf(blindIndex.keys) },
  };
}

function readPrivate(file: string): string | null {
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw unusable(file, 'can be read by others; chmod 600 it');
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof HubError) throw error;
    if (systemCode(error) === 'ENOENT') return null;
    throw unusable(file, `cannot be read (${systemCode(error)})`);
  }
}

/** Written whole under another name and then linked: nobody ever sees half a file, and an existing one is never replaced. */
function createOnce(file: string): void {
  const draft = `${file}.${randomUUID()}`;
  const fresh = (): string => randomBytes(KEY_BYTES).toString('base64');
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(
      handle,
      `${JSON.stringify({ current: 'k1', identity: { k1: fresh() }, blindIndex: fresh() }, null, 2)}\n`,
    );
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unusable(file, `cannot be made (${systemCode(error)})`);
  } finally {
    rmSync(draft);
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unusable(file: string, why: string): HubError {
  return new HubError({
    code: 'keys-unusable',
    next: 'fix-config',
    message: `The key file ${file} ${why}. Without its keys stored identity numbers cannot be read.`,
    detail: { file },
  });
}
