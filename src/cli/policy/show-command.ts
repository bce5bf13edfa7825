/** `buduan policy show`: every value that holds in a region in a month, with its status, document and source. */
import { Option, type Command } from 'commander';
import { INSURANCES, type Insurance } from '../../domain/insurance.js';
import { type Day, type Month, firstDay, monthOfDay } from '../../domain/month.js';
import { region, type RegionCode } from '../../domain/region.js';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import type { PolicyBook } from '../../policy/book.js';
import { PARAMETER_NAMES, type ParameterName } from '../../policy/parameter-catalogue.js';
import type { Known } from '../../policy/policy-record.js';
import { dayOption, monthOption } from '../option-parsers.js';
import { openPolicy, policyCommand, type PolicyOptions } from './open-policy.js';

interface ShowOptions extends PolicyOptions {
  readonly month?: Month;
  readonly knownAt?: Day;
  readonly insurance?: Insurance;
}

interface ShownValue {
  readonly insurance: Insurance;
  readonly parameter: ParameterName;
  readonly found: Known<unknown>;
}

export function registerShowCommand(policy: Command): void {
  policyCommand(policy, 'show <region>', 'every value that holds in a region in a month, and where it comes from')
    .option('--month <month>', 'YYYY-MM (default: this month)', monthOption)
    .option('--known-at <day>', 'only what was published by this day (default: today)', dayOption)
    .addOption(new Option('--insurance <insurance>', 'only this insurance').choices(INSURANCES))
    .action(showCommand);
}

function showCommand(text: string, options: ShowOptions): void {
  const { book, terminal } = openPolicy(options);
  const knownAt = options.knownAt ?? dayInZone(systemClock.now());
  const month = options.month ?? monthOfDay(knownAt);
  const code = region(text);
  const insurances = options.insurance === undefined ? INSURANCES : [options.insurance];
  const values = insurances.flatMap((insurance) => valuesOf({ book, code, insurance, on: firstDay(month), knownAt }));
  terminal.say(`${code} ${book.regionName(code).zh} ${book.regionName(code).en}, ${month}, as known on ${knownAt}`);
  terminal.table(
    ['insurance', 'parameter', 'value', 'since', 'status', 'from', 'document or source'],
    values.map(({ insurance, parameter, found }) => [
      insurance,
      parameter,
      found.record.text,
      found.effectiveFrom ?? 'undated',
      found.status,
      found.region,
      found.documentNo ?? found.source,
    ]),
  );
  terminal.json({
    region: code,
    month,
    knownAt,
    values: values.map(({ insurance, parameter, found }) => ({ insurance, parameter, ...found })),
  });
}

interface Question {
  readonly book: PolicyBook;
  readonly code: RegionCode;
  readonly insurance: Insurance;
  readonly on: Day;
  readonly knownAt: Day;
}

function valuesOf({ book, code, insurance, on, knownAt }: Question): ShownValue[] {
  return PARAMETER_NAMES.flatMap((parameter) => {
    const found = book.find({ region: code, insurance, parameter, on, knownAt });
    return found.known ? [{ insurance, parameter, found }] : [];
  });
}
