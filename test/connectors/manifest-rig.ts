/** A small invented system and a connection to it, for tests of the manifest language over real HTTP. */
import { afterEach } from '@jest/globals';
import { month, day } from '../../src/domain/month.js';
import { createEgress } from '../../src/connectors/http/egress.js';
import type { HttpConnection } from '../../src/connectors/http/http-connection.js';
import { readManifest } from '../../src/connectors/http/load-manifest.js';
import { openHttpConnection } from '../../src/connectors/http/open-http-connection.js';
import type { Json, ReadEnd, ReadPage, ReadRequest, RejectedRow, StreamRecord } from '../../src/connectors/port.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { silentLog } from '../../src/platform/log/log.js';
import { serveHttp, type Answer, type WireServer } from './wire-server.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that is closed after the test. */
export async function system(answer: Answer): Promise<WireServer> {
  const server = await serveHttp(answer);
  closers.push(() => server.close());
  return server;
}

export interface ManifestParts {
  /** YAML of the `reads` section, indented by two. */
  readonly reads?: string;
  readonly writes?: string;
  readonly replies?: string;
  readonly codes?: string;
  readonly check?: string;
  readonly limits?: string;
}

export const PERSONS_EMIT = `
    owner: id
    emit: { persons: { fields: { name: name } } }`;

const ONE_READ = `  persons:
    request: { get: /persons }
    rows: rows
    paging: { type: none }${PERSONS_EMIT}`;

/** The smallest manifest around the parts of a test. */
export function manifestText(parts: ManifestParts): string {
  return `manifest: 1
id: invented
version: 1.0.0
title: { zh: 虚构, en: Invented }
role: payroll
config: { baseUrl: { type: url, about: Where it answers } }
baseUrl: \${config.baseUrl}
auth: { type: none }
limits: ${parts.limits ?? '{ timeoutMs: 2000, retries: 0 }'}
replies: ${parts.replies ?? '[]'}
codes: ${parts.codes ?? '{}'}
${parts.check === undefined ? '' : `check: ${parts.check}\n`}reads:
${parts.reads ?? ONE_READ}
${parts.writes === undefined ? '' : `writes:\n${parts.writes}\n`}`;
}

export function connectTo(server: { readonly baseUrl: string }, parts: ManifestParts): HttpConnection {
  const log = silentLog();
  const egress = createEgress({ allow: [{ host: '127.0.0.1', http: true, addresses: ['127.0.0.0/8'] }] }, log);
  closers.push(() => egress.close());
  const manifest = readManifest(manifestText(parts), 'invented.yaml');
  return openHttpConnection({
    tenantId: 'company-a',
    connectionId: 'invented',
    manifest,
    config: { baseUrl: server.baseUrl },
    secrets: {},
    egress,
    log,
    clock: fixedClock('2023-03-20T09:00:00+08:00'),
  });
}

export interface Taken {
  readonly pages: readonly ReadPage[];
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
  readonly names: readonly unknown[];
  readonly end: ReadEnd | null;
}

export function readRequest(changes: Partial<ReadRequest> = {}): ReadRequest {
  return {
    read: 'persons',
    window: { from: month('2022-09'), until: month('2023-03') },
    asOf: day('2023-03-20'),
    cursor: null,
    owners: null,
    listOwners: () => Promise.resolve([]),
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Reads to the end. */
export async function take(connection: HttpConnection, changes: Partial<ReadRequest> = {}): Promise<Taken> {
  const pages: ReadPage[] = [];
  for await (const page of connection.read(readRequest(changes))) pages.push(page);
  const records = pages.flatMap((page) => page.records);
  return {
    pages,
    records,
    rejected: pages.flatMap((page) => page.rejected),
    names: records.map((record) => (record.item as { name?: unknown }).name),
    end: pages.at(-1)?.end ?? null,
  };
}

/** Lists owners as the hub does: sorted, `after` excluded. */
export function ownersOf(ids: readonly string[]): ReadRequest['listOwners'] {
  return (after, limit) =>
    Promise.resolve(
      [...ids]
        .sort()
        .filter((id) => after === null || id > after)
        .slice(0, limit),
    );
}

export const person = (id: number): Json => ({ id: `E${String(id).padStart(3, '0')}`, name: `n${id}` });
export const persons = (from: number, until: number): Json[] =>
  Array.from({ length: until - from }, (_, offset) => person(from + offset));
