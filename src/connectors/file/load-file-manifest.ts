/** What a manifest of files says, checked as a whole: every mistake at once, each with its line and what to do. */
import { STREAMS } from '../../domain/records.js';
import { schemaIssues } from '../../platform/config/check-schema.js';
import { ConfigError } from '../../platform/config/config-error.js';
import { formatIssues, type DocumentPath, type YamlDocument } from '../../platform/config/yaml-document.js';
import { mentionsVariable } from '../http/compile-request.js';
import { checkEmit, checkPath } from '../http/manifest-checks/check-emit.js';
import { checkOrder } from '../http/manifest-checks/check-read.js';
import { checkTemplate } from '../http/manifest-checks/check-request.js';
import { ManifestReport } from '../http/manifest-checks/report.js';
import { WRITE_KINDS } from '../port.js';
import {
  fileManifestSchema,
  isInside,
  type FileManifest,
  type FileRead,
  type FileWrite,
} from './file-manifest.schema.js';
import { writeScopes } from './filled-values.js';

/** Throws ConfigError with every problem as `file:line:column  path  what, what was expected, what to do`. */
export function readFileManifest(document: YamlDocument): FileManifest {
  const parsed = fileManifestSchema.safeParse(document.value);
  const report = new ManifestReport();
  if (parsed.success) checkMeaning(parsed.data, report);
  else report.issues.push(...schemaIssues(document, fileManifestSchema, parsed.error));
  if (!parsed.success || report.issues.length > 0)
    throw new ConfigError(document.file, [...new Set(formatIssues(document, report.issues))]);
  return parsed.data;
}

function checkMeaning(manifest: FileManifest, report: ManifestReport): void {
  const config = Object.keys(manifest.config).map((name) => `config.${name}`);
  checkTemplate(manifest.folder, { variables: config }, { report, path: ['folder'] });
  for (const [name, read] of Object.entries(manifest.reads))
    checkRead(read, { manifest, report, path: ['reads', name] });
  checkOrder(manifest.reads, report);
  for (const kind of WRITE_KINDS) {
    const write = manifest.writes[kind];
    if (write === undefined) continue;
    const scopes = writeScopes(kind, manifest);
    checkWrite(write, { report, path: ['writes', kind], scopes });
  }
}

interface ReadPlace {
  readonly manifest: FileManifest;
  readonly report: ManifestReport;
  readonly path: DocumentPath;
}

function checkRead(read: FileRead, { manifest, report, path }: ReadPlace): void {
  checkPath(read.owner, { report, path: [...path, 'owner'] });
  for (const condition of ['filterRow', 'deleted'] as const) {
    const match = read[condition];
    if (match !== undefined) checkPath(match.path, { report, path: [...path, condition, 'path'] });
  }
  if (read.columns !== undefined && read.firstRow === undefined)
    report.wrongKey([...path, 'columns'], 'needs firstRow, the row in which the rows begin');
  if (read.columns !== undefined && read.header !== undefined)
    report.wrongKey([...path, 'header'], 'stands beside columns; keep one of the two');
  if (read.columns === undefined && read.firstRow !== undefined && read.firstRow <= (read.header ?? 1))
    report.wrong([...path, 'firstRow'], `is not below the headings in row ${read.header ?? 1}`);
  const emitted = STREAMS.filter((stream) => read.emit[stream] !== undefined);
  if (emitted.length === 0) report.wrongKey([...path, 'emit'], `emits nothing; expected one of: ${STREAMS.join(', ')}`);
  for (const stream of emitted) {
    const emit = read.emit[stream];
    if (emit !== undefined) checkEmit(emit, { report, manifest, stream, path: [...path, 'emit', stream] });
  }
}

function checkWrite(
  write: FileWrite,
  place: {
    readonly report: ManifestReport;
    readonly path: DocumentPath;
    readonly scopes: ReturnType<typeof writeScopes>;
  },
): void {
  const { report, path, scopes } = place;
  if (Object.keys(write.columns).length === 0)
    report.wrongKey([...path, 'columns'], 'names no column; say what goes where, for example C: ${owner}');
  for (const [column, template] of Object.entries(write.columns))
    checkTemplate(template, scopes.item, { report, path: [...path, 'columns', column] });
  for (const [cell, template] of Object.entries(write.cells))
    checkTemplate(template, scopes.file, { report, path: [...path, 'cells', cell] });
  checkTemplate(write.file, scopes.file, { report, path: [...path, 'file'] });
  if (!mentionsVariable(JSON.stringify(write.file), 'batchId'))
    report.wrong([...path, 'file'], 'does not tell two files apart; use ${batchId} in the name');
  if (!isInside(write.file.replace(/\$\{[^}]*\}/g, 'x')) || !/\.xlsx$/i.test(write.file))
    report.wrong([...path, 'file'], 'is no path in the folder that ends in .xlsx');
}
