/** Whether the writes of a manifest keep what their class promises and can match every result to its item. */
import { WRITE_KINDS, type WriteKind } from '../../port.js';
import { mentionsVariable } from '../compile-request.js';
import { writeVariables } from '../compiled-write.js';
import type { Manifest } from '../manifest.schema.js';
import type { Write } from '../write.schema.js';
import { checkPath } from './check-emit.js';
import { checkRequest, checkTemplate } from './check-request.js';
import { expectedWords, type ManifestReport } from './report.js';

export function checkWrites(manifest: Manifest, report: ManifestReport): void {
  for (const kind of WRITE_KINDS) {
    const write = manifest.writes[kind];
    if (write !== undefined) checkWrite(kind, write, { manifest, report });
  }
}

interface WritePlace {
  readonly manifest: Manifest;
  readonly report: ManifestReport;
}

function checkWrite(kind: WriteKind, write: Write, { manifest, report }: WritePlace): void {
  const path = ['writes', kind];
  const { codes } = manifest;
  const variables = writeVariables(kind, Object.keys(manifest.config));
  const itemScope = { variables: variables.item, codes };
  const source = JSON.stringify(write.request);
  if (write.item !== undefined) checkTemplate(write.item, itemScope, { report, path: [...path, 'item'] });
  checkRequest(write.request, {
    report,
    path: [...path, 'request'],
    scope: { variables: variables.request(write.batch), codes },
    methods: ['post', 'put', 'patch', 'delete', 'get'],
  });
  if (write.item !== undefined && !mentionsVariable(source, 'items'))
    report.wrongKey([...path, 'request'], 'never sends the items; put ${items} where the list belongs');
  if (write.item === undefined && write.batch > 1)
    report.wrongKey(path, 'has no item; a write of several items needs the template of one');
  if (write.batch > 1 && write.results === undefined && write.class.type !== 'overwrite')
    report.wrongKey(path, 'has no results; without them a partly accepted request cannot be told from an accepted one');
  checkResults(write, { report, path, names: variables.item });
  checkClass(write, { report, path });
  checkQuery(write, { report, path, scope: itemScope });
}

function checkResults(
  { results, ref }: Write,
  {
    report,
    path,
    names,
  }: { readonly report: ManifestReport; readonly path: readonly string[]; readonly names: readonly string[] },
): void {
  if (ref !== undefined) checkPath(ref, { report, path: [...path, 'ref'] });
  if (results === undefined) return;
  const at = [...path, 'results'];
  if (!isNamed(results.matches, names))
    report.wrong([...at, 'matches'], `no item has "${results.matches}"; ${expectedWords(results.matches, names)}`);
  for (const part of ['rows', 'key', 'code', 'message', 'ref'] as const) {
    const written = results[part];
    if (written !== undefined) checkPath(written, { report, path: [...at, part] });
  }
}

function isNamed(variable: string, names: readonly string[]): boolean {
  return names.some((name) => variable === name || variable.startsWith(`${name}.`));
}

function checkClass(
  write: Write,
  { report, path }: { readonly report: ManifestReport; readonly path: readonly string[] },
): void {
  const sendsKey =
    write.idempotencyKey !== undefined ||
    [write.request, write.item].some(
      (part) => part !== undefined && mentionsVariable(JSON.stringify(part), 'idempotencyKey'),
    );
  if (write.class.type === 'keyed' && !sendsKey)
    report.wrongKey(
      [...path, 'class'],
      'is keyed, but no key is sent; use ${idempotencyKey} in the item, or idempotencyKey: { header: … }',
    );
  if (write.class.type === 'queryable' && write.query === undefined)
    report.wrongKey([...path, 'class'], 'is queryable, but there is no query; add one, or declare the class blind');
  if (write.class.type !== 'queryable' && write.query !== undefined)
    report.wrongKey([...path, 'query'], 'belongs to class queryable');
}

function checkQuery(
  { query }: Write,
  {
    report,
    path,
    scope,
  }: {
    readonly report: ManifestReport;
    readonly path: readonly string[];
    readonly scope: Parameters<typeof checkTemplate>[1];
  },
): void {
  if (query === undefined) return;
  const at = [...path, 'query'];
  checkRequest(query.request, { report, scope, path: [...at, 'request'], methods: ['get', 'post'] });
  const rowParts = [query.rows, query.key, query.matches].filter((part) => part !== undefined).length;
  if (rowParts !== 0 && rowParts !== 3) report.wrongKey(at, 'needs rows, key and matches together');
  if (rowParts === 0 && query.found === undefined)
    report.wrongKey(at, 'never says what "found" looks like; declare rows, key and matches, or found and notFound');
  if (query.matches !== undefined && !isNamed(query.matches, scope.variables))
    report.wrong(
      [...at, 'matches'],
      `no item has "${query.matches}"; ${expectedWords(query.matches, scope.variables)}`,
    );
}
