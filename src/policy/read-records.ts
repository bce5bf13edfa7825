/** How the dated texts of one file become typed policy records; what does not fit is told with its path. */
import type { Day } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { nearestWord } from '../platform/config/check-schema.js';
import type { DocumentIssue, DocumentPath, YamlDocument } from '../platform/config/yaml-document.js';
import {
  PARAMETER_NAMES,
  type ParameterDefinition,
  type ParameterName,
  SCOPES,
  type Scope,
  definitionOf,
  isParameterName,
} from './parameter-catalogue.js';
import type { OverlayRecordText, PackRecordText } from './parameter.schema.js';
import type { PolicyRecord } from './policy-record.js';

/** A record as written: in the pack or in an overlay. */
export type DatedText = PackRecordText | OverlayRecordText;
export type ScopedTexts = Readonly<Record<string, Readonly<Record<string, readonly DatedText[]>>>>;

export interface RecordOrigin {
  readonly document: YamlDocument;
  readonly region: RegionCode;
  /** Where the scopes stand in the document. */
  readonly path: DocumentPath;
  readonly verifiedOn: Day;
  /** The overlay's header; null for the pack. */
  readonly confirmed: PolicyRecord['confirmed'];
}

interface Outcome {
  readonly records: readonly PolicyRecord[];
  readonly issues: readonly DocumentIssue[];
}

export function readRecords(texts: ScopedTexts, origin: RecordOrigin): Outcome {
  const records: PolicyRecord[] = [];
  const issues: DocumentIssue[] = [];
  for (const [scope, parameters] of Object.entries(texts)) {
    const scopePath = [...origin.path, scope];
    if (!isScope(scope)) {
      issues.push({ path: scopePath, at: 'key', message: unknownWord('insurance', scope, SCOPES) });
      continue;
    }
    for (const [parameter, dated] of Object.entries(parameters)) {
      const outcome = readParameter({ origin, scope, parameter, path: [...scopePath, parameter] }, dated);
      records.push(...outcome.records);
      issues.push(...outcome.issues);
    }
  }
  return { records, issues };
}

interface ParameterPlace {
  readonly origin: RecordOrigin;
  readonly scope: Scope;
  readonly parameter: string;
  readonly path: DocumentPath;
}

function readParameter(place: ParameterPlace, dated: readonly DatedText[]): Outcome {
  const { parameter } = place;
  const definition = definitionOf(parameter);
  if (definition === undefined || !isParameterName(parameter)) {
    return {
      records: [],
      issues: [{ path: place.path, at: 'key', message: unknownWord('parameter', parameter, PARAMETER_NAMES) }],
    };
  }
  const records: PolicyRecord[] = [];
  const issues: DocumentIssue[] = [];
  dated.forEach((text, position) => {
    const at: RecordPlace = { ...place, parameter, path: [...place.path, position], definition };
    const found = issuesOf(text, at);
    issues.push(...found);
    if (found.length === 0) records.push(toRecord(text, at));
  });
  return { records, issues };
}

interface RecordPlace extends ParameterPlace {
  readonly parameter: ParameterName;
  readonly definition: ParameterDefinition<unknown>;
}

function issuesOf(text: DatedText, { path, definition }: RecordPlace): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (typedValue(text.value, definition).fits === false) {
    issues.push({ path: [...path, 'value'], message: `does not fit; expected ${expectationOf(definition)}` });
  }
  const isWord = text.value === 'none' || text.value === 'unknown';
  if (definition.unit !== null && text.unit !== definition.unit && !(isWord && text.unit === undefined)) {
    issues.push({ path: [...path, 'unit'], message: `expected the unit "${definition.unit}"` });
  }
  if (definition.unit === null && text.unit !== undefined) {
    issues.push({ path: [...path, 'unit'], message: 'this parameter has no unit; remove the line' });
  }
  if (isDay(text.effective_to) && isDay(text.effective_from) && text.effective_to < text.effective_from) {
    issues.push({
      path: [...path, 'effective_to'],
      message: 'lies before effective_from; expected the last day in force',
    });
  }
  if (text.effective_to === 'unknown' && text.note === undefined) {
    issues.push({
      path: [...path, 'effective_to'],
      message: 'an unknown end must be acknowledged by a note that says why',
    });
  }
  return [...issues, ...packIssues(text, path)];
}

function packIssues(text: DatedText, path: DocumentPath): DocumentIssue[] {
  if (!('status' in text)) return [];
  if (text.effective_from === 'undated' && text.status === 'confirmed') {
    return [
      { path: [...path, 'status'], message: 'an undated value cannot be confirmed; expected reported or unverified' },
    ];
  }
  if ((text.conflicts?.length ?? 0) > 0 && text.conflict_reason === undefined) {
    return [
      { path: [...path, 'conflicts'], message: 'a recorded conflict needs conflict_reason: why this value was chosen' },
    ];
  }
  return [];
}

function toRecord(text: DatedText, place: RecordPlace): PolicyRecord {
  const { origin, definition, path } = place;
  const effectiveFrom = isDay(text.effective_from) ? text.effective_from : null;
  const publishedOn = isDay(text.published_on) ? text.published_on : null;
  const pack = 'status' in text ? text : null;
  const overlay = 'status' in text ? null : text;
  const position = origin.document.locate(path);
  return {
    region: origin.region,
    scope: place.scope,
    parameter: place.parameter,
    text: text.value,
    value: typedValue(text.value, definition).value,
    effectiveFrom,
    effectiveFromBasis: pack?.effective_from_basis ?? 'stated',
    effectiveTo: isDay(text.effective_to) ? text.effective_to : null,
    endIsUnknown: text.effective_to === 'unknown',
    knownFrom: overlay === null ? (publishedOn ?? effectiveFrom) : null,
    publishedOn,
    verifiedOn: isDay(pack?.verified_on) ? pack.verified_on : origin.verifiedOn,
    status: pack?.status ?? 'overlay',
    documentNo: text.document_no ?? null,
    authority: text.authority ?? null,
    url: pack?.url ?? null,
    sources: pack?.sources ?? [],
    conflicts: pack?.conflicts ?? [],
    conflictReason: pack?.conflict_reason ?? null,
    note: text.note ?? null,
    confirmed: overlay === null ? null : confirmationOf(overlay, origin),
    origin: `${origin.document.file}:${position.line}`,
  };
}

function confirmationOf(text: OverlayRecordText, { confirmed }: RecordOrigin): PolicyRecord['confirmed'] {
  if (confirmed === null) return null;
  return {
    ...confirmed,
    by: text.confirmedBy ?? confirmed.by,
    on: isDay(text.confirmedOn) ? text.confirmedOn : confirmed.on,
  };
}

/** `none` → null, `unknown` → undefined, everything else by the catalogue. */
export function typedValue(
  text: string,
  definition: ParameterDefinition<unknown>,
): { readonly fits: boolean; readonly value: unknown } {
  if (text === 'unknown') return { fits: true, value: undefined };
  if (text === 'none') return { fits: definition.acceptsNone, value: null };
  const value = definition.read(text);
  return { fits: value !== undefined, value };
}

function expectationOf(definition: ParameterDefinition<unknown>): string {
  return [definition.expects, ...(definition.acceptsNone ? ["'none'"] : []), "or 'unknown'"].join(', ');
}

function unknownWord(kind: string, word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === null ? `unknown ${kind}; docs/policy.md lists all` : `unknown ${kind}; did you mean "${near}"?`;
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** Days were checked by the schema; `undated`, `unknown` and absence are not days. */
function isDay(text: string | undefined): text is Day {
  return text !== undefined && /^\d/.test(text);
}
