/** How a policy pack is fetched: from a file, or from an address through the one door out. Here, because the policy may not know connectors. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { createEgress } from '../../connectors/http/egress.js';
import { HubError } from '../../domain/hub-error.js';
import { systemCode } from '../../platform/config/config-error.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import type { Log } from '../../platform/log/log.js';
import { MAX_PACK_BYTES } from '../../policy/packs/pack-archive.js';

export interface FetchedPack {
  readonly archive: Buffer;
  /** For people and the record: without credentials and query. */
  readonly source: string;
}

const FETCH_WITHIN_MS = 60_000;
/** The first line beside the body. */
const MAX_BYTES = MAX_PACK_BYTES + 1024;

/** Throws ConnectorError, `pack-not-served` (retry) and `pack-not-read` (fix-config). */
export async function fetchPack(
  from: string,
  { config, log }: { readonly config: Pick<HubConfig, 'egress'>; readonly log: Log },
): Promise<FetchedPack> {
  if (!/^https?:\/\//i.test(from)) return { archive: readPackFile(from), source: from };
  const egress = createEgress(config.egress, log);
  try {
    const { status, body } = await egress.send({
      method: 'GET',
      url: from,
      headers: { Accept: 'application/octet-stream' },
      body: undefined,
      timeoutMs: FETCH_WITHIN_MS,
      maxReplyBytes: MAX_BYTES,
      signal: new AbortController().signal,
    });
    if (status !== 200) throw notServed(status);
    const { origin, pathname } = new URL(from);
    return { archive: body, source: `${origin}${pathname}` };
  } finally {
    egress.close();
  }
}

export function readPackFile(path: string): Buffer {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    if (size > MAX_BYTES) throw notRead(path, `it is larger than ${MAX_BYTES} bytes`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw notRead(path, systemCode(error));
  } finally {
    if (file !== null) closeSync(file);
  }
}

function notServed(status: number): HubError {
  return new HubError({
    code: 'pack-not-served',
    next: 'retry',
    message: `The address answered HTTP ${status} instead of a policy pack; look at the address, or try again later.`,
    detail: { status },
  });
}

function notRead(path: string, why: string): HubError {
  return new HubError({
    code: 'pack-not-read',
    next: 'fix-config',
    message: `The policy pack ${path} cannot be read (${why}); name a file that "buduan policy pack" made, or an address.`,
  });
}
