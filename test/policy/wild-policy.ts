/** A policy that nobody would write: every parameter of a few places at random, dated, ended, published late, unknown or absent. */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSURANCES } from '../../src/domain/insurance.js';
import { monthFromIndex } from '../../src/domain/month.js';
import type { Below } from './random-cases.js';

/** A province and its cities; what a city does not say it has from the province or the nation. */
export const WILD_PLACES = ['970000', '970100', '970200', '970300', '970400', '970500', '970600'] as const;

type Value = (below: Below) => string;

const fixed =
  (most: number): Value =>
  (below) =>
    below(3) === 0 ? (below(most * 100) / 100).toFixed(2) : '0';
const rate =
  (mostPpm: number): Value =>
  (below) =>
    (below(mostPpm) / 1_000_000).toFixed(6);
const oneOf =
  (...words: readonly string[]): Value =>
  (below) =>
    words[below(words.length)] ?? '';
const whole =
  (least: number, most: number): Value =>
  (below) =>
    String(least + below(most - least + 1));
const rounding: Value = (below) =>
  `${oneOf('half-up', 'up', 'down', 'half-even')(below)} ${oneOf('0.01', '0.1', '1')(below)}`;

const FLOOR: Value = (below) => (below(12) === 0 ? 'none' : (200_000 + below(400_000) / 100).toFixed(0).slice(0, 4));
const CAP: Value = (below) => (below(12) === 0 ? 'none' : (15_000 + below(2_000_000) / 100).toFixed(2));

/** Parameter → its unit (none: '') and a value. */
const PARAMETERS: Readonly<Record<string, readonly [unit: string, value: Value]>> = {
  base_floor: ['yuan/month', FLOOR],
  base_cap: ['yuan/month', CAP],
  employee_rate: ['ratio', rate(120_000)],
  employer_rate: ['ratio', rate(200_000)],
  employer_rate_local_hukou: ['ratio', rate(200_000)],
  employer_rate_class1: ['ratio', rate(10_000)],
  employer_rate_class4: ['ratio', rate(20_000)],
  employee_fixed: ['yuan/month', fixed(10)],
  employer_fixed: ['yuan/month', fixed(10)],
  employee_fixed_yearly: ['yuan/year', fixed(300)],
  employer_fixed_yearly: ['yuan/year', fixed(300)],
  fixed_yearly_month: ['month of year', whole(1, 12)],
  base_rule: ['', oneOf('annual', 'monthly', 'previous-month', 'window')],
  base_window_months: ['months', whole(1, 15)],
  adjustment_month: ['month of year', whole(1, 12)],
  newcomer_rule: ['', oneOf('first-full-month', 'start-wage')],
  base_rounding: ['', rounding],
  employee_rounding: ['', rounding],
  employer_rounding: ['', rounding],
  filing_month_offset: ['months', whole(0, 2)],
  filing_until_day: ['day of month', whole(1, 31)],
  late_fee_daily_rate: ['ratio/day', rate(2000)],
  late_fee_start: ['', oneOf('day-after-filing-window', 'first-of-second-month')],
  late_fee_payment_day: ['', oneOf('counted', 'not-counted')],
  late_fee_capped_at_principal: ['', oneOf('yes', 'no')],
  late_fee_rounding: ['', rounding],
};
const FIRST_START = 2017 * 12;

/** The shipped files with the wild places beside them, in a new folder; the caller removes it. */
export function writeWildPolicy(shippedDir: string, below: Below): string {
  const folder = mkdtempSync(join(tmpdir(), 'buduan-wild-'));
  cpSync(shippedDir, folder, { recursive: true });
  for (const code of WILD_PLACES) {
    const scopes = ['social', ...INSURANCES].map((scope) => scopeText(scope, code, below)).join('');
    const head = `region: '${code}'\nname: { zh: 野${code}, en: Wild ${code} }\nverified_on: 2022-06-01\nparameters:\n`;
    writeFileSync(join(folder, 'regions', `${code}.yaml`), head + scopes);
  }
  return folder;
}

/** The province says everything, so that little is unknown below it; a city says a third of it anew. */
function scopeText(scope: string, code: string, below: Below): string {
  const isProvince = code === WILD_PLACES[0];
  const isWhole = isProvince && (scope === 'social' || scope === 'housing-fund');
  const texts = Object.entries(PARAMETERS).flatMap(([name, [unit, value]]) =>
    isWhole || below(scope === 'social' ? 3 : 6) === 0 ? [parameterText(name, { unit, value, below, isWhole })] : [],
  );
  const range = scope === 'housing-fund' && isProvince ? rangeText() : '';
  return texts.length === 0 && range === '' ? '' : `  ${scope}:\n${texts.join('')}${range}`;
}

interface Wild {
  readonly unit: string;
  readonly value: Value;
  readonly below: Below;
  readonly isWhole: boolean;
}

function parameterText(name: string, { unit, value, below, isWhole }: Wild): string {
  const lines: string[] = [];
  let start = FIRST_START + below(isWhole ? 6 : 60);
  for (let count = 1 + below(4); count > 0; count -= 1) {
    const length = 3 + below(24);
    const from = `${monthFromIndex(start)}-${below(4) === 0 ? String(1 + below(28)).padStart(2, '0') : '01'}`;
    const parts = [`value: '${below(25) === 0 && !isWhole ? 'unknown' : value(below)}'`, `effective_from: ${from}`];
    if (unit !== '') parts.push(`unit: ${unit}`);
    if (below(4) === 0) parts.push(`effective_to: ${monthFromIndex(start + 1 + below(length - 1))}-28`);
    if (below(3) === 0) parts.push(`published_on: ${monthFromIndex(start + below(12))}-15`);
    lines.push(
      `      - { ${parts.join(', ')}, status: ${oneOf('confirmed', 'reported', 'unverified')(below)}, sources: [S1] }\n`,
    );
    start += length;
  }
  return `    ${name}:\n${lines.join('')}`;
}

function rangeText(): string {
  return "    rate_range:\n      - { value: '0.05-0.12', effective_from: 2017-01-01, unit: ratio, status: reported, sources: [S1] }\n";
}
