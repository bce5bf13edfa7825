/** Why a parameter has its value: which record won in a region, insurance and month, and what every other one up the tree says. */
import type { Insurance } from '../domain/insurance.js';
import { type Day, type Month, firstDay } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { ParameterQuestion, PolicyBook } from './book.js';
import type { ParameterName } from './parameter-catalogue.js';
import type { PolicyRecord } from './policy-record.js';
import { type QuotedFigure, quotedFigure, quotedRecord } from './quoted-figure.js';
import { type Timeline, startOf } from './timeline.js';

/**
 * `won`; `not-published` by the day of knowledge; `not-begun` on the first of the month; `replaced` by a later value of the same place;
 * `ended` by its stated end; `outranked` by a nearer place, by a tenant's word, or by the insurance's own value before `social`.
 */
export type CandidateVerdict = 'won' | 'not-published' | 'not-begun' | 'replaced' | 'ended' | 'outranked';

export interface Candidate {
  readonly verdict: CandidateVerdict;
  readonly layer: 'overlay' | 'pack';
  readonly figure: QuotedFigure;
  /** Why this value was chosen where sources differ. */
  readonly conflictReason: string | null;
  /** `file:line`. */
  readonly origin: string;
}

export interface ParameterExplanation {
  readonly policyVersion: string;
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly parameter: ParameterName;
  readonly month: Month;
  readonly knownAt: Day;
  /** null = unknown: nobody gave it, or the record that won says so. */
  readonly value: QuotedFigure | null;
  /** What a tenant may set in an overlay. */
  readonly key: string;
  /** In the order in which they are asked; of one place the newest first. */
  readonly candidates: readonly Candidate[];
}

export interface ParameterExplained extends Pick<ParameterQuestion, 'region' | 'insurance' | 'parameter' | 'knownAt'> {
  readonly month: Month;
}

export function explainParameter(asked: ParameterExplained, book: PolicyBook): ParameterExplanation {
  const { month, region, insurance, parameter, knownAt } = asked;
  const question: ParameterQuestion = { region, insurance, parameter, on: firstDay(month), knownAt };
  const winner = book.hit(question)?.record ?? null;
  const found = book.find(question);
  const candidates = book.timelines(question).flatMap((timeline) =>
    [...timeline.records].reverse().map((record): Candidate => ({
      verdict: verdictOf(record, { timeline, question, winner }),
      layer: record.status === 'overlay' ? 'overlay' : 'pack',
      figure: quotedRecord(record, book),
      conflictReason: record.conflictReason,
      origin: record.origin,
    })),
  );
  return {
    policyVersion: book.version,
    region,
    insurance,
    parameter,
    month,
    knownAt,
    value: found.known ? quotedFigure(found, book) : null,
    key: `${region}.${insurance}.${parameter}`,
    candidates,
  };
}

interface Contest {
  readonly timeline: Timeline;
  readonly question: ParameterQuestion;
  readonly winner: PolicyRecord | null;
}

function verdictOf(record: PolicyRecord, { timeline, question, winner }: Contest): CandidateVerdict {
  if (record === winner) return 'won';
  if (record.knownFrom !== null && record.knownFrom > question.knownAt) return 'not-published';
  if (startOf(record) > question.on) return 'not-begun';
  const hit = timeline.at(question);
  if (hit?.record !== record) return 'replaced';
  return hit.ended ? 'ended' : 'outranked';
}
