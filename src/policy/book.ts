/** What the policy says for a region, insurance and month, as far as it was known on a day: the one place to ask. */
import { assertHolds } from '../domain/hub-error.js';
import { INSURANCES, type Insurance } from '../domain/insurance.js';
import { type Day, type Month, firstDay } from '../domain/month.js';
import { type RegionCode, regionChain } from '../domain/region.js';
import { type CellKey, type CellPolicy, type Look, compileCell } from './cell-policy.js';
import type { BackPaymentChannel, ChannelRule, ParameterName, ParameterValue, Scope } from './parameter-catalogue.js';
import type { PolicySource } from './parameter.schema.js';
import type { Known, Looked, PolicyRecord } from './policy-record.js';
import type { RegionTree } from './region-tree.js';
import { type AsOf, Timeline, type TimelineHit, startOf } from './timeline.js';

export interface RegionName {
  readonly zh: string;
  readonly en: string;
}

export interface PolicyBookParts {
  /** Edition of the pack, with the overlays laid over it. */
  readonly version: string;
  readonly records: readonly PolicyRecord[];
  readonly sources: ReadonlyMap<string, PolicySource>;
  readonly regions: RegionTree;
  readonly warnings: readonly string[];
  readonly verifiedForMonths: number;
}

/** A question for one parameter. */
export interface ParameterQuestion<N extends ParameterName = ParameterName> extends AsOf {
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly parameter: N;
}

export interface LearntQuestion {
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly parameters: readonly ParameterName[];
}

/** A value that holds for the days from `from` to `until` (excluded). */
export interface ValueSegment<T> {
  readonly from: Day;
  readonly until: Day;
  readonly value: Looked<T>;
}

/** Cells of one `knownAt`. */
type CompiledCells = Map<RegionCode, Map<Insurance, Map<Month, CellPolicy>>>;

/** More days of knowledge than this in one process are an odd use: the oldest is dropped. */
const MAX_KNOWN_DAYS = 64;
/** Places (region and insurance) whose timelines are kept; more are an odd use and begin anew. */
const MAX_PLACES = 4000;
const NO_TIMELINES: readonly Timeline[] = [];
const SOCIAL_INSURANCES = INSURANCES.filter((insurance) => insurance !== 'housing-fund');

/** Immutable. A look-up after the first is three map reads; nothing of it depends on a clock. */
export class PolicyBook {
  readonly version: string;
  readonly warnings: readonly string[];
  readonly sources: ReadonlyMap<string, PolicySource>;
  readonly regions: RegionTree;
  readonly records: readonly PolicyRecord[];
  readonly #timelines: {
    readonly overlay: ReadonlyMap<string, Timeline>;
    readonly pack: ReadonlyMap<string, Timeline>;
  };
  readonly #places = new Map<string, Map<ParameterName, readonly Timeline[]>>();
  readonly #compiled = new Map<Day, CompiledCells>();
  #latest: { readonly knownAt: Day; readonly cells: CompiledCells } | null = null;

  constructor(parts: PolicyBookParts) {
    this.version = parts.version;
    this.warnings = parts.warnings;
    this.sources = parts.sources;
    this.regions = parts.regions;
    this.records = parts.records;
    const ofLayer = (isOverlay: (record: PolicyRecord) => boolean): ReadonlyMap<string, Timeline> =>
      timelinesOf(parts.records.filter(isOverlay), parts.verifiedForMonths);
    this.#timelines = {
      overlay: ofLayer((record) => record.status === 'overlay'),
      pack: ofLayer((record) => record.status !== 'overlay'),
    };
  }

  /** Everything about a cell, by the value in force on the first day of the month. Compiled once per key. */
  // Asked for every cell of a run: a key object per call would cost more than the look-up.
  // eslint-disable-next-line no-restricted-syntax
  cell(region: RegionCode, insurance: Insurance, month: Month, knownAt: Day): CellPolicy {
    const cells = this.#latest?.knownAt === knownAt ? this.#latest.cells : this.#cellsKnownAt(knownAt);
    return cells.get(region)?.get(insurance)?.get(month) ?? this.#compile({ region, insurance, month, knownAt }, cells);
  }

  /**
   * One parameter: city → province → nation, at each the tenant's overlay before the pack and the insurance's own value
   * before `social`. A value whose stated end is over is carried over only where nothing is in force.
   */
  find<N extends ParameterName>(question: ParameterQuestion<N>): Looked<ParameterValue<N>> {
    const key = `${question.region}.${question.insurance}.${question.parameter}`;
    const hit = this.hit(question);
    return hit === null ? { known: false, key } : lookedFrom<N>(hit, key);
  }

  /** The record that answers a question, also one that says `unknown`; null where nobody gave any. */
  hit(question: ParameterQuestion): TimelineHit | null {
    let carried: TimelineHit | null = null;
    for (const timeline of this.#timelinesFor(question)) {
      const hit = timeline.at(question);
      if (hit === null) continue;
      if (!hit.ended) return hit;
      if (carried === null || (hit.carriedSince ?? '') > (carried.carriedSince ?? '')) carried = hit;
    }
    return carried;
  }

  /** A rule of a back-payment channel. */
  channelRule<R extends ChannelRule>(
    channel: BackPaymentChannel,
    rule: R,
    at: Omit<ParameterQuestion, 'parameter'>,
  ): Looked<ParameterValue<`back_payment.${BackPaymentChannel}.${R}`>> {
    return this.find({ ...at, parameter: `back_payment.${channel}.${rule}` });
  }

  /** A parameter over a range of days, cut where its value may change. Empty when `until` is not after `from`. */
  segments<N extends ParameterName>(
    question: Omit<ParameterQuestion<N>, 'on'>,
    range: { readonly from: Day; readonly until: Day },
  ): ValueSegment<ParameterValue<N>>[] {
    if (range.until <= range.from) return [];
    const changes = this.#timelinesFor(question).flatMap((timeline) =>
      timeline.changesBetween(range.from, range.until),
    );
    const starts = [range.from, ...[...new Set(changes)].sort()];
    return starts.map((from, position) => ({
      from,
      until: starts[position + 1] ?? range.until,
      value: this.find({ ...question, on: from }),
    }));
  }

  /** The days of a range on which something new became known of these parameters of a place: a notice was published, or a value began. */
  learntDays(
    { region, insurance, parameters }: LearntQuestion,
    range: { readonly from: Day; readonly until: Day },
  ): readonly Day[] {
    const days = parameters.flatMap((parameter) =>
      this.#timelinesFor({ region, insurance, parameter }).flatMap(({ records }) =>
        records.flatMap(({ knownFrom }) => (knownFrom === null ? [] : [knownFrom])),
      ),
    );
    return [...new Set(days)].filter((day) => day > range.from && day < range.until).sort();
  }

  /**
   * Values whose stated end is over on a day and which nothing newer replaces: a person must look. A parent's older value that counts
   * instead (the statute's rate after a city's reduced one) is no replacement.
   */
  expiredOn(on: Day): readonly PolicyRecord[] {
    return this.records.filter((record) => {
      if (record.effectiveTo === null || record.effectiveTo >= on || record.text === 'unknown') return false;
      const insurances = record.scope === 'social' ? SOCIAL_INSURANCES : [record.scope];
      return insurances.some((insurance) => {
        const now = this.find({ region: record.region, insurance, parameter: record.parameter, on, knownAt: on });
        if (!now.known) return false;
        return now.record === record || (now.region !== record.region && startOf(now.record) < startOf(record));
      });
    });
  }

  /** Whose values are asked for a parameter, in the order in which they are asked: what `find` walks. */
  timelines(question: Omit<ParameterQuestion, 'on' | 'knownAt'>): readonly Timeline[] {
    return this.#timelinesFor(question);
  }

  /** The first day from which any of the region's records or its parents' gives the parameter; null = none does. */
  firstDayOf(question: Omit<ParameterQuestion, 'on' | 'knownAt'>): Day | null {
    const starts = this.#timelinesFor(question).flatMap(({ records }) =>
      records.filter(({ text }) => text !== 'unknown').map((record) => startOf(record)),
    );
    return starts.sort()[0] ?? null;
  }

  regionName(code: RegionCode): RegionName {
    const { zh, en } = this.regions.get(code) ?? { zh: code, en: code };
    return { zh, en };
  }

  knowsRegion(code: RegionCode): boolean {
    return this.regions.get(code) !== undefined;
  }

  #compile(key: CellKey, cells: CompiledCells): CellPolicy {
    const on = firstDay(key.month);
    const { region, insurance, knownAt } = key;
    const look: Look = (parameter) => this.find({ region, insurance, parameter, on, knownAt });
    const compiled = compileCell(key, { look, policyVersion: this.version });
    const byInsurance = cells.get(region) ?? new Map<Insurance, Map<Month, CellPolicy>>();
    const byMonth = byInsurance.get(insurance) ?? new Map<Month, CellPolicy>();
    cells.set(region, byInsurance.set(insurance, byMonth.set(key.month, compiled)));
    return compiled;
  }

  /** Nearest first. Kept per place, because a cell asks for forty parameters and each day of knowledge compiles its own cells. */
  #timelinesFor({ region, insurance, parameter }: Omit<ParameterQuestion, 'on' | 'knownAt'>): readonly Timeline[] {
    const place = `${region} ${insurance}`;
    let ofPlace = this.#places.get(place);
    if (ofPlace === undefined) {
      if (this.#places.size >= MAX_PLACES) this.#places.clear();
      ofPlace = new Map();
      this.#places.set(place, ofPlace);
    }
    let timelines = ofPlace.get(parameter);
    if (timelines === undefined) {
      timelines = this.#collectTimelines(region, insurance, parameter);
      ofPlace.set(parameter, timelines);
    }
    return timelines;
  }

  #collectTimelines(region: RegionCode, insurance: Insurance, parameter: ParameterName): readonly Timeline[] {
    const scopes: readonly Scope[] = insurance === 'housing-fund' ? [insurance] : [insurance, 'social'];
    const layers = [this.#timelines.overlay, this.#timelines.pack];
    const timelines = regionChain(region)
      .flatMap((code) =>
        layers.flatMap((layer) => scopes.map((scope) => layer.get(timelineKey(code, scope, parameter)))),
      )
      .filter((timeline) => timeline !== undefined);
    return timelines.length === 0 ? NO_TIMELINES : timelines;
  }

  #cellsKnownAt(knownAt: Day): CompiledCells {
    let cells = this.#compiled.get(knownAt);
    if (cells === undefined) {
      cells = new Map();
      this.#compiled.set(knownAt, cells);
      const oldest = this.#compiled.size > MAX_KNOWN_DAYS ? this.#compiled.keys().next().value : undefined;
      if (oldest !== undefined) this.#compiled.delete(oldest);
    }
    this.#latest = { knownAt, cells };
    return cells;
  }
}

export function timelineKey(region: RegionCode, scope: Scope, parameter: ParameterName): string {
  return `${region}.${scope}.${parameter}`;
}

/** Values were typed by the catalogue when they were loaded; this is the one place that says so to the compiler. */
function lookedFrom<N extends ParameterName>(
  { record, carriedSince }: TimelineHit,
  key: string,
): Looked<ParameterValue<N>> {
  if (record.text === 'unknown') return { known: false, key };
  assertHolds(record.value !== undefined, 'A policy record without a value was loaded.', { origin: record.origin });
  const known: Known<ParameterValue<N>> = {
    known: true,
    value: record.value as ParameterValue<N>,
    status: carriedSince === null ? record.status : 'provisional',
    provisionalSince: carriedSince,
    region: record.region,
    effectiveFrom: record.effectiveFrom,
    source: record.confirmed === null ? record.sources.join(', ') : record.confirmed.by,
    documentNo: record.documentNo,
    record,
  };
  return known;
}

function timelinesOf(records: readonly PolicyRecord[], verifiedForMonths: number): ReadonlyMap<string, Timeline> {
  const grouped = new Map<string, PolicyRecord[]>();
  for (const record of records) {
    const key = timelineKey(record.region, record.scope, record.parameter);
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [record]);
    else group.push(record);
  }
  return new Map([...grouped].map(([key, group]) => [key, new Timeline(group, verifiedForMonths)]));
}
