/** Whether the records a read emits are whole: known fields, nothing required left out, keys and revisions that exist. */
import type { Stream } from '../../../domain/records.js';
import type { DocumentPath } from '../../../platform/config/yaml-document.js';
import type { FieldWords } from '../manifest.schema.js';
import { pathProblem } from '../mapping/compile-path.js';
import { STREAM_FIELDS } from '../mapping/stream-fields.js';
import type { Emit, Expand } from '../read.schema.js';
import { checkField, checkFormat } from './check-field.js';
import { expectedWords, type ManifestReport } from './report.js';

export interface EmitPlace {
  readonly report: ManifestReport;
  readonly path: DocumentPath;
  readonly manifest: FieldWords;
  readonly stream: Stream;
}

export function checkEmit(emit: Emit, place: EmitPlace): void {
  const { report, path, stream } = place;
  const known = STREAM_FIELDS[stream];
  const helpers = new Set([...(emit.key ?? []), ...(emit.revisions?.by ?? [])]);
  for (const [name, field] of Object.entries(emit.fields)) {
    const target = Object.hasOwn(known, name) ? (known[name] ?? null) : null;
    const at = [...path, 'fields', name];
    if (target === null && !helpers.has(name))
      report.wrongKey(
        at,
        `the stream ${stream} has no such field; ${expectedWords(name, Object.keys(known))} (a field named in "key" may have any name)`,
      );
    else checkField(field, { report, path: at, manifest: place.manifest, target });
  }
  for (const [name, field] of Object.entries(known)) {
    if (field.required && !Object.hasOwn(emit.fields, name))
      report.wrongKey([...path, 'fields'], `the field ${name} is missing; the stream ${stream} cannot do without it`);
  }
  checkKeys(emit, place);
  if (emit.expand !== undefined) checkExpand(emit.expand, place);
  for (const condition of ['filterRow', 'deleted'] as const) {
    const match = emit[condition];
    if (match !== undefined) checkPath(match.path, { report, path: [...path, condition, 'path'] });
  }
}

export function checkPath(written: string, { report, path }: Pick<EmitPlace, 'report' | 'path'>): void {
  const problem = pathProblem(written);
  if (problem !== null) report.wrong(path, problem);
}

function checkKeys(emit: Emit, { report, path, stream }: EmitPlace): void {
  const fields = Object.keys(emit.fields);
  if (emit.key === undefined && stream !== 'persons') {
    report.wrongKey(
      path,
      `has no key; name the fields that tell two ${stream} of one person apart, for example key: [${fields[0] ?? 'month'}]`,
    );
  }
  if (emit.key !== undefined && stream === 'persons')
    report.wrongKey([...path, 'key'], 'a person has exactly one item per system; remove the key');
  const checkNames = (names: readonly string[], at: DocumentPath): void => {
    for (const [index, name] of names.entries()) {
      if (!fields.includes(name))
        report.wrong([...at, index], `there is no field "${name}" here; ${expectedWords(name, fields)}`);
    }
  };
  checkNames(emit.key ?? [], [...path, 'key']);
  const { revisions } = emit;
  if (revisions === undefined) return;
  checkNames(revisions.by, [...path, 'revisions', 'by']);
  const needsOrder = revisions.keep === 'highest' || revisions.keep === 'lowest';
  if (needsOrder && revisions.order === undefined)
    report.wrongKey([...path, 'revisions'], `has no order; say by which path the ${revisions.keep} is found`);
  if (revisions.order !== undefined) checkPath(revisions.order, { report, path: [...path, 'revisions', 'order'] });
}

function checkExpand(expand: Expand, { report, path, manifest }: EmitPlace): void {
  const at = [...path, 'expand'];
  switch (expand.type) {
    case 'items':
      return checkPath(expand.path, { report, path: [...at, 'path'] });
    case 'zip':
      if (!Array.isArray(expand.arrays)) {
        for (const [name, written] of Object.entries(expand.arrays))
          checkPath(written, { report, path: [...at, 'arrays', name] });
      }
      return undefined;
    case 'months':
      for (const part of ['from', 'last', 'until'] as const) {
        const field = expand[part];
        if (field === undefined) continue;
        checkFormat(field, { report, path: [...at, part] });
        checkField({ ...field, as: 'month' }, { report, manifest, target: null, path: [...at, part] });
      }
      return undefined;
  }
}
