/** `buduan policy alarms`: which values a person must look at today, and why. */
import { Option, type Command } from 'commander';
import type { Day } from '../../domain/month.js';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import { ALARM_KINDS, type AlarmKind, alarmsOf } from '../../policy/alarms.js';
import { EXIT } from '../exit-codes.js';
import { countOption, dayOption, limitOption } from '../option-parsers.js';
import { openPolicy, policyCommand, type PolicyOptions } from './open-policy.js';
import { resolveRegion } from './resolve-region.js';

interface AlarmsOptions extends PolicyOptions {
  readonly on?: Day;
  readonly within: number;
  readonly checkedWithin: number;
  readonly kind?: AlarmKind;
  readonly region?: string;
  readonly limit: number;
}

const MEANINGS: Readonly<Record<AlarmKind, string>> = {
  expired: 'its stated end is over and nothing replaced it: find the next notice',
  'ends-soon': 'ends soon: find out what follows',
  'older-than-parent': 'has no end and hides a newer value of its province: end it or renew it',
  'year-over': 'was set for a year that is over: the next notice is due or was missed',
  'end-unknown': 'limited in time, and nobody knows until when',
  'not-checked': 'nobody compared it with a source for long',
};

export function registerAlarmsCommand(policy: Command): void {
  policyCommand(policy, 'alarms', 'values that expired or end soon, hide a newer one, or were not checked for long')
    .option('--on <day>', 'as of this day (default: today)', dayOption)
    .option('--within <days>', 'tell ends this many days ahead', countOption, 60)
    .option('--checked-within <months>', 'values must have been checked within so many months', countOption, 6)
    .addOption(new Option('--kind <kind>', 'only this kind').choices(ALARM_KINDS))
    .option('--region <region>', 'only one region and what lies below it')
    .option('--limit <count>', 'at most this many rows, 1–1000', limitOption, 50)
    .action(alarmsCommand);
}

async function alarmsCommand(options: AlarmsOptions): Promise<void> {
  const { book, terminal } = await openPolicy(options);
  const on = options.on ?? dayInZone(systemClock.now());
  const place = options.region === undefined ? null : resolveRegion(book, options.region, on).code;
  const alarms = alarmsOf(book, { on, withinDays: options.within, checkedWithinMonths: options.checkedWithin })
    .filter(({ kind }) => options.kind === undefined || kind === options.kind)
    .filter(({ region }) => place === null || region.startsWith(place.replace(/(?:00)+$/, '')));
  const counts = ALARM_KINDS.map((kind) => [kind, alarms.filter((alarm) => alarm.kind === kind).length] as const);
  terminal.say(`${on}, policy ${book.version}`);
  terminal.table(
    ['kind', 'values', 'means'],
    counts.map(([kind, count]) => [kind, count, MEANINGS[kind]]),
  );
  const shown = alarms.slice(0, options.limit);
  if (shown.length > 0) {
    terminal.table(
      ['kind', 'region', 'insurance', 'parameter', 'value', 'day', 'where'],
      shown.map(({ kind, region, scope, parameter, value, day, origin }) => [
        kind,
        `${region} ${book.regions.get(region)?.short ?? ''}`,
        scope,
        parameter,
        value,
        day ?? '–',
        origin.split('/').slice(-2).join('/'),
      ]),
    );
  }
  if (alarms.length > shown.length)
    terminal.say(`… and ${alarms.length - shown.length} more; --kind, --region, --limit`);
  terminal.json({ on, policy: book.version, counts: Object.fromEntries(counts), alarms });
  const mustLook = alarms.some(({ kind }) => kind === 'expired' || kind === 'older-than-parent');
  process.exitCode = mustLook ? EXIT.needsPerson : EXIT.done;
}
