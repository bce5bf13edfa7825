/** Whether the reads of a manifest can be walked: order, batches, windows, pages and an end that can be proved. */
import { STREAMS } from '../../../domain/records.js';
import type { DocumentPath } from '../../../platform/config/yaml-document.js';
import { mentionsVariable } from '../compile-request.js';
import { IDENTITIES_VARIABLE, readVariables } from '../compiled-read.js';
import type { Manifest } from '../manifest.schema.js';
import { POSITION_VARIABLE } from '../paging/pager.js';
import type { Paging, Read, RequestSpec } from '../read.schema.js';
import type { TemplateScope } from '../template.js';
import { checkEmit, checkPath } from './check-emit.js';
import { checkRequest } from './check-request.js';
import { expectedWords, type ManifestReport } from './report.js';

interface ReadPlace {
  readonly report: ManifestReport;
  readonly path: DocumentPath;
  readonly manifest: Manifest;
  readonly scope: TemplateScope;
}

export function checkReads(manifest: Manifest, report: ManifestReport): void {
  const scope: TemplateScope = { variables: readVariables(Object.keys(manifest.config)), codes: manifest.codes };
  for (const [name, read] of Object.entries(manifest.reads))
    checkRead(read, { report, manifest, scope, path: ['reads', name] });
  checkOrder(manifest.reads, report);
}

function checkRead(read: Read, place: ReadPlace): void {
  const { report, path, manifest, scope } = place;
  checkRequest(read.request, { report, scope, path: [...path, 'request'], methods: ['get', 'post'] });
  checkPaging(read.paging, { ...place, path: [...path, 'paging'] });
  checkPosition(read.request, read.paging, { report, path: [...path, 'request'] });
  if (read.owners !== undefined) checkOwners(read.request, { report, path: [...path, 'request'] }, read.owners.batch);
  checkTargeted(read, place);
  checkFind(read, place);
  checkWindow(read, place);
  checkRows(read, place);
  checkPath(read.owner, { report, path: [...path, 'owner'] });
  const emitted = STREAMS.filter((stream) => read.emit[stream] !== undefined);
  if (emitted.length === 0) report.wrongKey([...path, 'emit'], `emits nothing; expected one of: ${STREAMS.join(', ')}`);
  for (const stream of emitted) {
    const emit = read.emit[stream];
    if (emit !== undefined) checkEmit(emit, { report, manifest, stream, path: [...path, 'emit', stream] });
  }
}

function checkTargeted(read: Read, { report, path, scope, manifest }: ReadPlace): void {
  const { targeted } = read;
  if (targeted === undefined) return;
  const at = [...path, 'targeted'];
  if (targeted.request !== undefined)
    checkRequest(targeted.request, { report, scope, path: [...at, 'request'], methods: ['get', 'post'] });
  if (targeted.paging !== undefined) {
    checkPaging(targeted.paging, { report, manifest, scope, path: [...at, 'paging'] });
    checkPosition(targeted.request ?? read.request, targeted.paging, { report, path: [...at, 'paging'] });
  }
  checkOwners(targeted.request ?? read.request, { report, path: at }, targeted.batch);
}

/** Identity numbers travel in the body: addresses are logged on the way. */
function checkFind(read: Read, { report, path, scope, manifest }: ReadPlace): void {
  const { find } = read;
  const inAddresses = [read.request, read.targeted?.request, find?.request].map((request) =>
    request === undefined ? '' : JSON.stringify({ ...request, json: undefined, form: undefined }),
  );
  if (inAddresses.some((source) => mentionsVariable(source, IDENTITIES_VARIABLE)))
    report.wrongKey(path, 'puts identity numbers into an address or header; send ${identities} as json or form');
  if (find === undefined) return;
  const at = [...path, 'find'];
  checkRequest(find.request, { report, scope, path: [...at, 'request'], methods: ['post'] });
  if (find.paging !== undefined) {
    checkPaging(find.paging, { report, manifest, scope, path: [...at, 'paging'] });
    checkPosition(find.request, find.paging, { report, path: [...at, 'paging'] });
  }
  if (!mentionsVariable(JSON.stringify(find.request), IDENTITIES_VARIABLE))
    report.wrongKey(at, 'does not say whom it looks for; use ${identities} in the body of the request');
  if (read.emit.persons?.fields['identity'] === undefined)
    report.wrongKey(at, 'needs a read that emits persons with their identity: only so is it known who was found');
}

type Place = Pick<ReadPlace, 'report' | 'path'>;

function checkOwners(request: RequestSpec, { report, path }: Place, batch: number): void {
  const source = JSON.stringify(request);
  if (mentionsVariable(source, 'owners') || (batch === 1 && mentionsVariable(source, 'owner'))) return;
  report.wrongKey(
    path,
    `does not say whom it asks for; use \${owners}${batch === 1 ? ' or ${owner}' : ''} in the request`,
  );
}

function checkPosition(request: RequestSpec, paging: Paging, { report, path }: Place): void {
  const variable = POSITION_VARIABLE[paging.type];
  if (variable === null || paging.type === 'scroll' || mentionsVariable(JSON.stringify(request), variable)) return;
  report.wrongKey(path, `never says where a page begins; use \${${variable}} for paging of type ${paging.type}`);
}

function checkPaging(paging: Paging, { report, path, scope }: ReadPlace): void {
  if (paging.type === 'next-link' && (paging.path === undefined) === (paging.header === undefined))
    report.wrongKey(path, 'needs path (link in the body) or header: true (Link header), not both');
  if (paging.type === 'scroll') {
    checkRequest(paging.next, { report, scope, path: [...path, 'next'], methods: ['get', 'post'] });
    if (!mentionsVariable(JSON.stringify(paging.next), 'scroll'))
      report.wrongKey([...path, 'next'], 'never names the scroll; use ${scroll}');
  }
  if (paging.type === 'page' || paging.type === 'offset') {
    const hasSign = [
      paging.total,
      paging.more,
      paging.lastPage,
      paging.type === 'page' ? paging.pages : undefined,
    ].some((sign) => sign !== undefined);
    if (!hasSign)
      report.wrongKey(
        path,
        `nothing proves the end; declare ${paging.type === 'page' ? 'pages, ' : ''}total, more or lastPage`,
      );
  }
  if ((paging.type === 'page' || paging.type === 'cursor') && paging.lastPage === 'short' && paging.size === undefined)
    report.wrongKey(path, 'lastPage: short needs size, the rows of a full page');
  for (const part of ['total', 'more', 'pages', 'next', 'path', 'id'] as const) {
    const written = (paging as Readonly<Record<string, unknown>>)[part];
    if (typeof written === 'string') checkPath(written, { report, path: [...path, part] });
  }
}

function checkWindow({ window, emit }: Read, { report, path }: ReadPlace): void {
  if (window === undefined) return;
  const at = [...path, 'window'];
  if (emit[window.stream] === undefined)
    report.wrong(
      [...at, 'stream'],
      `the read does not emit ${window.stream}; ${expectedWords(window.stream, Object.keys(emit))}`,
    );
  if (window.months !== undefined && window.unit !== 'month')
    report.wrongKey([...at, 'months'], 'belongs to unit: month');
  if (window.unit === 'day' && window.days === undefined)
    report.wrongKey(at, 'unit: day needs days, the most days one request may ask for');
  if (window.days !== undefined && window.unit !== 'day') report.wrongKey([...at, 'days'], 'belongs to unit: day');
}

function checkRows({ rows, json, filterRow, deleted }: Read, { report, path }: ReadPlace): void {
  const at = [...path, 'rows'];
  if (typeof rows === 'string') checkPath(rows, { report, path: at });
  else {
    const isTable = rows.header !== undefined || rows.values !== undefined;
    if (isTable && (rows.header === undefined || rows.values === undefined))
      report.wrongKey(at, 'a table needs both header and values');
    if (isTable === (rows.path !== undefined)) report.wrongKey(at, 'needs a path, or header and values');
    if (isTable && rows.pivot !== undefined) report.wrongKey([...at, 'pivot'], 'needs rows found by path');
    for (const part of ['path', 'header', 'values'] as const) {
      const written = rows[part];
      if (written !== undefined) checkPath(written, { report, path: [...at, part] });
    }
  }
  for (const [index, written] of (json ?? []).entries()) checkPath(written, { report, path: [...path, 'json', index] });
  if (filterRow !== undefined) checkPath(filterRow.path, { report, path: [...path, 'filterRow', 'path'] });
  if (deleted !== undefined) checkPath(deleted.path, { report, path: [...path, 'deleted', 'path'] });
}

/** `after` and `owners.from` must name other reads and never lead back. */
export function checkOrder(
  reads: Readonly<Record<string, Pick<Read, 'after' | 'owners'>>>,
  report: ManifestReport,
): void {
  const names = Object.keys(reads);
  const before = new Map<string, readonly string[]>();
  for (const [name, read] of Object.entries(reads)) {
    for (const [index, other] of read.after.entries())
      checkName(other, names, { report, path: ['reads', name, 'after', index] });
    if (read.owners !== undefined)
      checkName(read.owners.from, names, { report, path: ['reads', name, 'owners', 'from'] });
    before.set(name, [...read.after, ...(read.owners === undefined ? [] : [read.owners.from])]);
  }
  for (const name of names) {
    const circle = circleFrom(name, before);
    if (circle !== null)
      report.wrongKey(
        ['reads', name],
        `waits for itself (${circle.join(' → ')}); remove one of these from after or owners.from`,
      );
  }
}

function checkName(name: string, names: readonly string[], { report, path }: Place): void {
  if (!names.includes(name)) report.wrong(path, `there is no read "${name}"; ${expectedWords(name, names)}`);
}

function circleFrom(start: string, before: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const seen = new Set<string>();
  const walk = (name: string, trail: readonly string[]): readonly string[] | null => {
    for (const next of before.get(name) ?? []) {
      if (next === start) return [...trail, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = walk(next, [...trail, next]);
      if (circle !== null) return circle;
    }
    return null;
  };
  return walk(start, [start]);
}
