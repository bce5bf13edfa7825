/** How one page of a read is fetched: position and variables into the request, the reply into rows. */
import { ConnectorError } from '../connector-error.js';
import type { CompiledRead, Listing } from './compiled-read.js';
import type { BuiltRequest } from './compile-request.js';
import type { Exchange } from './exchange.js';
import { fingerprint } from './paging/fingerprint.js';
import type { WalkedPage } from './paging/page-walk.js';
import type { Position } from './paging/pager.js';
import type { TemplateValues } from './template.js';

export interface FetchedPage extends WalkedPage {
  readonly rows: readonly unknown[];
  /** The path where rows were expected and none were found; null = all is well. */
  readonly missingPath: string | null;
}

export interface PageOrder {
  readonly read: CompiledRead;
  readonly listing: Listing;
  readonly position: Position;
  readonly values: TemplateValues;
  /** True where "not found" means that this one person is not there. */
  readonly mayBeAbsent: boolean;
  readonly signal: AbortSignal;
}

/** Throws ConnectorError. */
export async function fetchPage(exchange: Exchange, order: PageOrder): Promise<FetchedPage> {
  const { read, signal } = order;
  try {
    const reply = await exchange.send({ ...requestAt(order), name: read.name, idempotent: true }, signal);
    const found = read.mapper.findRows(reply.body);
    const rows = found.found ? found.rows : [];
    return {
      body: reply.body,
      headers: reply.headers,
      url: reply.url,
      rows,
      rowCount: rows.length,
      print: fingerprint(rows, (row) => read.mapper.ownerOf(row)),
      missingPath: found.found ? null : found.path,
    };
  } catch (error) {
    if (order.mayBeAbsent && error instanceof ConnectorError && error.category === 'NOT_FOUND') return NOBODY;
    throw error;
  }
}

const NOBODY: FetchedPage = { body: null, headers: {}, url: '', rows: [], rowCount: 0, print: '', missingPath: null };

function requestAt({ listing, position, values }: PageOrder): BuiltRequest {
  const { pager, request, nextRequest } = listing;
  const all = { ...values, ...pager.variables(position) };
  if (position === null) return request.build(all);
  if (nextRequest !== null) return nextRequest.build(all);
  const built = request.build(all);
  return pager.type === 'next-link' ? { ...built, path: String(position), query: {} } : built;
}
