/** `buduan policy show`: every value that holds in a region in a month, with its status, document, source and contradiction. */
import { Option, type Command } from 'commander';
import { INSURANCES, type Insurance } from '../../domain/insurance.js';
import { type Day, type Month, firstDay, monthOfDay } from '../../domain/month.js';
import { NATION, type RegionCode } from '../../domain/region.js';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import type { PolicyBook } from '../../policy/book.js';
import { PARAMETER_NAMES, type ParameterName } from '../../policy/parameter-catalogue.js';
import type { Known, PolicyRecord } from '../../policy/policy-record.js';
import type { Region } from '../../policy/region-tree.js';
import { dayOption, monthOption } from '../option-parsers.js';
import type { Terminal } from '../terminal.js';
import { openPolicy, policyCommand, type PolicyOptions } from './open-policy.js';
import { nameOf, noteValidity, resolveRegion } from './resolve-region.js';

interface ShowOptions extends PolicyOptions {
  readonly month?: Month;
  readonly knownAt?: Day;
  readonly insurance?: Insurance;
  readonly history?: boolean;
  readonly notes?: boolean;
  readonly all?: boolean;
}

interface ShownValue {
  readonly insurance: Insurance;
  readonly parameter: ParameterName;
  readonly found: Known<unknown>;
}

/** Longer texts are cut in tables; --json has them whole. */
const WIDEST_VALUE = 32;
const WIDEST_SOURCE = 40;

/** Without these no base and no amount can be told. */
const NEEDED: readonly ParameterName[] = ['base_floor', 'base_cap', 'employee_rate', 'employer_rate', 'base_rule'];

export function registerShowCommand(policy: Command): void {
  policyCommand(policy, 'show <region>', 'every value that holds in a region in a month, and where it comes from')
    .option('--month <month>', 'YYYY-MM (default: this month)', monthOption)
    .option('--known-at <day>', 'only what was published by this day (default: today)', dayOption)
    .addOption(new Option('--insurance <insurance>', 'only this insurance').choices(INSURANCES))
    .option('--history', 'instead every dated value that the region itself has')
    .option('--all', 'also the rules that hold everywhere')
    .option('--notes', 'also the note of every value')
    .action(showCommand);
}

async function showCommand(text: string, options: ShowOptions): Promise<void> {
  const { book, terminal } = await openPolicy(options);
  const knownAt = options.knownAt ?? dayInZone(systemClock.now());
  const month = options.month ?? monthOfDay(knownAt);
  const region = resolveRegion(book, text, firstDay(month));
  noteValidity(region, firstDay(month), terminal);
  const chain = book.regions.chain(region.code);
  terminal.say(
    `${nameOf(region)} ${region.en} (${chain.map(({ short }) => short).join(' → ')}), policy ${book.version}`,
  );
  const insurances = options.insurance === undefined ? INSURANCES : [options.insurance];
  if (options.history === true)
    return showHistory(book, region, { insurances, terminal, notes: options.notes === true });
  const question = { book, code: region.code, on: firstDay(month), knownAt };
  const values = insurances.flatMap((insurance) => valuesOf(question, insurance));
  const unknown = insurances.flatMap((insurance) => unknownKeys(question, insurance));
  terminal.say(`${month}, as known on ${knownAt}`);
  const shown = options.all === true ? values : values.filter(isOfTheRegion);
  terminal.table(HEAD, shown.map(rowOf));
  if (values.length > shown.length)
    terminal.say(`… and ${values.length - shown.length} rules of the nation; --all shows them`);
  if (unknown.length > 0) terminal.say(`not known, for an overlay to set: ${unknown.join(', ')}`);
  for (const { insurance, parameter, found } of shown) {
    const place = `${insurance}.${parameter}`;
    sayConflict(place, found.record, terminal);
    if (options.notes === true && found.record.note !== null) terminal.say(`${place}: ${found.record.note}`);
  }
  terminal.json({ region, month, knownAt, policy: book.version, values: values.map(jsonOf), unknown });
}

/** What a reader of one region looks for: its own and its province's values, and what is needed wherever it comes from. */
function isOfTheRegion({ parameter, found }: ShownValue): boolean {
  return found.region !== NATION || NEEDED.includes(parameter);
}

interface Question {
  readonly book: PolicyBook;
  readonly code: RegionCode;
  readonly on: Day;
  readonly knownAt: Day;
}

function valuesOf({ book, code, on, knownAt }: Question, insurance: Insurance): ShownValue[] {
  return PARAMETER_NAMES.flatMap((parameter) => {
    const found = book.find({ region: code, insurance, parameter, on, knownAt });
    return found.known ? [{ insurance, parameter, found }] : [];
  });
}

function unknownKeys({ book, code, on, knownAt }: Question, insurance: Insurance): string[] {
  return NEEDED.flatMap((parameter) => {
    const found = book.find({ region: code, insurance, parameter, on, knownAt });
    return found.known ? [] : [found.key];
  });
}

const HEAD = ['insurance', 'parameter', 'value', 'since', 'status', 'from', 'document or source'];

function rowOf({ insurance, parameter, found }: ShownValue): string[] {
  const carried = found.provisionalSince === null ? '' : ` since ${found.provisionalSince}`;
  return [
    insurance,
    parameter,
    `${cut(found.record.text, WIDEST_VALUE)}${found.record.conflicts.length > 0 ? ' ⚠' : ''}`,
    found.effectiveFrom ?? 'undated',
    `${found.status}${carried}`,
    found.region,
    cut(found.documentNo ?? found.source, WIDEST_SOURCE),
  ];
}

/** The other values, and why this one was chosen. */
function sayConflict(place: string, { conflicts, conflictReason }: PolicyRecord, terminal: Terminal): void {
  if (conflicts.length === 0) return;
  const others = conflicts.map(({ value, source }) => `${value} (${source})`).join(', ');
  terminal.say(`⚠ ${place}: elsewhere ${others}. ${conflictReason ?? ''}`);
}

function jsonOf({ insurance, parameter, found }: ShownValue): unknown {
  const { record, status, provisionalSince, region } = found;
  return { insurance, parameter, value: record.text, status, provisionalSince, region, record };
}

interface ShowHistory {
  readonly insurances: readonly Insurance[];
  readonly terminal: Terminal;
  readonly notes: boolean;
}

function showHistory(book: PolicyBook, region: Region, { insurances, terminal, notes }: ShowHistory): void {
  const isAsked = ({ scope }: PolicyRecord): boolean => scope === 'social' || insurances.includes(scope);
  const records = book.records.filter((record) => record.region === region.code && isAsked(record));
  terminal.table(
    ['insurance', 'parameter', 'value', 'from', 'to', 'published', 'status', 'document or source', 'where'],
    records.map((record) => [
      record.scope,
      record.parameter,
      `${cut(record.text, WIDEST_VALUE)}${record.conflicts.length > 0 ? ' ⚠' : ''}`,
      record.effectiveFrom ?? 'undated',
      record.endIsUnknown ? 'unknown' : (record.effectiveTo ?? ''),
      record.publishedOn ?? '',
      record.status,
      cut(record.documentNo ?? record.sources.join(', '), WIDEST_SOURCE),
      record.origin.split('/').slice(-2).join('/'),
    ]),
  );
  for (const record of records) {
    const place = `${record.scope}.${record.parameter} ${record.effectiveFrom ?? 'undated'}`;
    sayConflict(place, record, terminal);
    if (notes && record.note !== null) terminal.say(`${place}: ${record.note}`);
  }
  terminal.json({ region, policy: book.version, records });
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
