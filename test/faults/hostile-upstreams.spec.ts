/** Facts about the corpus of hostile systems: each read of one ends in time, in little memory, and says what it was. */
import { ConnectorError } from '../../src/connectors/connector-error.js';
import { faultMeaning } from '../../src/connectors/error-table.js';
import { connectTo, take, type Taken } from '../connectors/manifest-rig.js';
import { serveHttp, serveTcp, type WireServer } from '../connectors/wire-server.js';
import { CORPUS, type Behaviour } from './hostile-upstreams.js';

const TIMEOUT_MS = 300;
const MARGIN_MS = 1000;
const MEMORY = 64 * 1024 * 1024;
const MANIFEST = {
  limits: `{ timeoutMs: ${TIMEOUT_MS}, retries: 0, maxReplyBytes: 1000000 }`,
  reads: `  persons:
    request: { get: /persons, query: { cursor: '\${cursor}' } }
    rows: rows
    paging: { type: cursor, next: next, total: total }
    owner: id
    emit: { persons: { fields: { name: name, bases.pension: { path: base, as: yuan, optional: true } } } }`,
};

interface Read {
  readonly taken: Taken | null;
  readonly error: unknown;
  readonly ms: number;
  readonly grownBytes: number;
}

let server: WireServer;

afterEach(() => server.close());

async function readOf(behaviour: Behaviour): Promise<Read> {
  server = await (behaviour.tcp ? serveTcp(behaviour.tcp) : serveHttp(behaviour.http ?? (() => undefined)));
  const connection = connectTo(server, MANIFEST);
  const before = memory();
  const startedMs = performance.now();
  let taken: Taken | null = null;
  let error: unknown = null;
  try {
    taken = await take(connection);
  } catch (thrown) {
    error = thrown;
  }
  return { taken, error, ms: performance.now() - startedMs, grownBytes: memory() - before };
}

/** What the process holds: the heap of the program and the buffers beside it. */
function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function endingOf({ taken, error }: Read): unknown {
  if (error instanceof ConnectorError) return { fault: error.code };
  if (error !== null) return { thrown: error instanceof Error ? error.message : 'not an error' };
  if (taken?.end?.complete === false) return { incomplete: taken.end.reason };
  const [rejected] = taken?.rejected ?? [];
  if (rejected !== undefined) return { rejected: rejected.reason, names: taken?.names.length };
  return { names: taken?.names };
}

it('holds at least forty different behaviours', () => {
  server = { baseUrl: '', seen: [], close: () => Promise.resolve() };
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40);
});

it.each(CORPUS.map((behaviour) => [behaviour.name, behaviour] as const))('%s', async (_, behaviour) => {
  const read = await readOf(behaviour);
  expect(endingOf(read)).toEqual(behaviour.ends);
  // One page is one call; a read of lying pages takes two or three.
  expect(read.ms).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
  expect(read.grownBytes).toBeLessThan(MEMORY);
  if (read.error instanceof ConnectorError && 'fault' in behaviour.ends)
    expect(read.error.category).toBe(faultMeaning(behaviour.ends.fault).category);
});
