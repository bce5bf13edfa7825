/** Whether one field of a manifest has a source, a converter that fits its target, and tables, formats and paths that exist. */
import type { DocumentPath } from '../../../platform/config/yaml-document.js';
import { INSURANCES } from '../../../domain/insurance.js';
import { parseRegion } from '../../../domain/region.js';
import { ID_TYPES } from '../../../domain/identity-number.js';
import { fieldObject, type ConverterName, type Field, type FieldObject } from '../field.schema.js';
import type { FieldWords } from '../manifest.schema.js';
import { pathProblem } from '../mapping/compile-path.js';
import { dateFormatProblem } from '../mapping/date-format.js';
import type { StreamField, TargetKind } from '../mapping/stream-fields.js';
import { expectedWords, type ManifestReport } from './report.js';

/** Which converters give which kind of value; the first is the one usually meant. */
const CONVERTERS: Readonly<Record<TargetKind['type'], readonly ConverterName[]>> = {
  identity: ['id-number'],
  text: ['text', 'code', 'code-map', 'reference-pair'],
  words: ['text', 'code', 'code-map', 'reference-pair'],
  fen: ['yuan', 'fen'],
  ppm: ['ratio', 'percent'],
  integer: ['hundredths', 'integer'],
  month: ['month', 'month-of-year'],
  day: ['date'],
  region: ['code', 'code-map', 'text', 'reference-pair'],
  months: ['month-range', 'list'],
  insurances: ['list'],
  choice: ['code', 'code-map', 'text'],
};

export interface FieldPlace {
  readonly report: ManifestReport;
  readonly path: DocumentPath;
  readonly manifest: FieldWords;
  /** Null for a field that only serves as a key. */
  readonly target: StreamField | null;
}

export function checkField(written: Field, place: FieldPlace): void {
  const { report, path, target } = place;
  const field = fieldObject(written);
  const converter: ConverterName = field.as ?? 'text';
  const fitting = target === null ? null : CONVERTERS[target.kind.type];
  if (fitting !== null && !fitting.includes(converter)) {
    report.wrong(
      [...path, ...(typeof written === 'string' ? [] : ['as'])],
      `"${converter}" does not give what this field holds; expected as: ${fitting.join(' or ')}`,
    );
    return;
  }
  if (field.as === 'month-range') return checkRange(field, place);
  checkSource(field, place, typeof written === 'string');
  checkPresence(field, place);
  checkConverter(field, place);
}

interface Sourced {
  readonly path?: string | undefined;
  readonly const?: unknown;
  readonly config?: string | undefined;
}

function checkSource(source: Sourced, { report, path, manifest }: FieldPlace, isShort: boolean): void {
  const given = [source.path, source.const, source.config].filter((value) => value !== undefined).length;
  if (given !== 1)
    report.wrongKey(
      path,
      `${given === 0 ? 'has no source' : 'has several sources'}; expected exactly one of path, const, config`,
    );
  if (source.path !== undefined) {
    const problem = pathProblem(source.path);
    if (problem !== null) report.wrong(isShort ? path : [...path, 'path'], problem);
  }
  if (source.config !== undefined && manifest.config[source.config] === undefined) {
    report.wrong(
      [...path, 'config'],
      `there is no config value "${source.config}"; ${expectedWords(source.config, Object.keys(manifest.config))}`,
    );
  }
}

function checkPresence(field: Exclude<FieldObject, { as: 'month-range' }>, { report, path, target }: FieldPlace): void {
  if (target === null) return;
  if (field.empty !== undefined && !target.nullable && field.optional !== true && field.default === undefined) {
    report.wrong([...path, 'empty'], 'this field cannot be null; use default or optional instead');
  }
  if (field.optional === true && target.required && target.always && !target.nullable) {
    report.wrong(
      [...path, 'optional'],
      'this field is required in its stream; use default where the source may leave it out',
    );
  }
}

function checkConverter(field: Exclude<FieldObject, { as: 'month-range' }>, place: FieldPlace): void {
  const { report, path, manifest, target } = place;
  switch (field.as) {
    case 'date':
    case 'month':
      return checkFormat(field, place);
    case 'code':
      return checkTable(field, { ...place, words: wordsOf(target) });
    case 'code-map':
      return checkWords(field.map, { ...place, path: [...path, 'map'], words: wordsOf(target) });
    case 'month-of-year':
      return checkSource(field.year, { ...place, path: [...path, 'year'] }, false);
    case 'id-number': {
      if (field.idType === undefined) return undefined;
      const inner = { report, manifest, target: null, path: [...path, 'idType'] };
      checkSource(field.idType, inner, false);
      return checkTable(field.idType, { ...inner, words: ID_TYPES });
    }
    case 'list':
      return checkList(field, place);
    default:
      if (target?.kind.type === 'choice' && typeof field.const === 'string' && !target.kind.of.includes(field.const)) {
        report.wrong([...path, 'const'], `is no value of this field; ${expectedWords(field.const, target.kind.of)}`);
      }
  }
}

function checkRange(field: Extract<FieldObject, { as: 'month-range' }>, place: FieldPlace): void {
  const { report, path } = place;
  if (field.last !== undefined && field.until !== undefined)
    report.wrongKey([...path, 'until'], 'stands beside last; keep one of the two');
  for (const part of ['from', 'last', 'until'] as const) {
    const inner = field[part];
    if (inner === undefined) continue;
    const at = { ...place, path: [...path, part], target: null };
    checkSource(inner, at, false);
    checkFormat(inner, at);
  }
}

export function checkFormat(
  field: { readonly format: string; readonly zone?: string | undefined; readonly dayIn?: string | undefined },
  { report, path }: Pick<FieldPlace, 'report' | 'path'>,
): void {
  const problem = dateFormatProblem(field);
  if (problem !== null) report.wrong([...path, 'format'], problem);
}

function checkList(field: Extract<FieldObject, { as: 'list' }>, place: FieldPlace): void {
  const { target, path } = place;
  const of = { ...place, path: [...path, 'of'] };
  if (target?.kind.type === 'months' && field.of.as !== 'month')
    of.report.wrong([...of.path, 'as'], 'this field holds months; expected as: month');
  const words = target?.kind.type === 'insurances' ? INSURANCES : null;
  if (field.of.as === 'code') checkTable(field.of, { ...of, words });
  else if (field.of.as === 'code-map') checkWords(field.of.map, { ...of, path: [...of.path, 'map'], words });
  else if (field.of.as === 'month') checkFormat(field.of, of);
}

interface WordPlace extends FieldPlace {
  /** What the table may translate to; null = anything. */
  readonly words: readonly string[] | null;
}

function checkTable(
  field: { readonly codes: string; readonly otherwise?: string | undefined },
  place: WordPlace,
): void {
  const { manifest, report, path, words, target } = place;
  const table = manifest.codes[field.codes];
  if (table === undefined) {
    report.wrong(
      [...path, 'codes'],
      `there is no code table "${field.codes}"; ${expectedWords(field.codes, Object.keys(manifest.codes))}`,
    );
    return;
  }
  checkWords(table, { ...place, path: ['codes', field.codes], words, target });
  if (field.otherwise !== undefined && words !== null && !words.includes(field.otherwise)) {
    report.wrong([...path, 'otherwise'], `is no value of this field; ${expectedWords(field.otherwise, words)}`);
  }
}

function checkWords(table: Readonly<Record<string, string>>, { report, path, words, target }: WordPlace): void {
  for (const [code, word] of Object.entries(table)) {
    if (words !== null && !words.includes(word))
      report.wrong([...path, code], `"${word}" is no word of the hub for this; ${expectedWords(word, words)}`);
    if (target?.kind.type === 'region' && parseRegion(word) === null)
      report.wrong([...path, code], 'is not a region code; expected six digits in quotes, for example "440300"');
  }
}

function wordsOf(target: StreamField | null): readonly string[] | null {
  return target?.kind.type === 'choice' ? target.kind.of : null;
}
