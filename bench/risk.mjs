/**
 * npm run bench -- risk [--persons N] [--seed S] [--json]
 * How well the gap score tells who has a gap in the coming month, on people whose coming month is known (bench/risk-population.mjs).
 * Precision: of those called likely, how many have one. Recall: of those who have one, how many were called likely.
 */
import { parseArgs } from 'node:util';
import { LIKELY_FROM, RISK_REASONS, gapRiskOf } from '../dist/reconcile/gap-risk.js';
import { AS_OF, personOf } from './risk-population.mjs';

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      persons: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    },
  });
  const persons = Number(values.persons);
  if (!(persons >= 1)) throw new Error('--persons is a number from 1.');
  const result = evaluate(persons, Number(values.seed));
  if (values.json) return void process.stdout.write(`${JSON.stringify(result)}\n`);
  console.table(result.byThreshold);
  console.table(result.byReason);
  console.log(
    `${persons} persons, ${result.withGap} of them with a gap in the coming month (${percent(result.withGap, persons)} %); ` +
      `likely from ${LIKELY_FROM}; area under the curve ${result.areaUnderCurve}`,
  );
}

function evaluate(persons, seed) {
  const atScore = Array.from({ length: 101 }, () => ({ gap: 0, none: 0 }));
  const byReason = Object.fromEntries(RISK_REASONS.map((code) => [code, { persons: 0, withGap: 0 }]));
  for (let number = 0; number < persons; number += 1) {
    const { facts, hasGapNext } = personOf(seed * 1_000_003 + number);
    const { score, reasons } = gapRiskOf(facts, AS_OF);
    atScore[score][hasGapNext ? 'gap' : 'none'] += 1;
    for (const { code } of reasons) {
      byReason[code].persons += 1;
      byReason[code].withGap += hasGapNext ? 1 : 0;
    }
  }
  const withGap = sum(atScore.map(({ gap }) => gap));
  const byThreshold = Object.fromEntries(
    [10, 20, 30, 40, 50, 60, 70].map((from) => {
      const called = atScore.slice(from);
      const hits = sum(called.map(({ gap }) => gap));
      const all = hits + sum(called.map(({ none }) => none));
      return [from, { called: all, precision: percent(hits, all), recall: percent(hits, withGap) }];
    }),
  );
  return { persons, withGap, byThreshold, byReason, areaUnderCurve: areaUnderCurve(atScore) };
}

/** The chance that one with a gap has a higher score than one without; ties count half. */
function areaUnderCurve(atScore) {
  const withGap = sum(atScore.map(({ gap }) => gap));
  const without = sum(atScore.map(({ none }) => none));
  let below = 0;
  let area = 0;
  for (const { gap, none } of atScore) {
    area += gap * (below + none / 2);
    below += none;
  }
  return Number((area / (withGap * without)).toFixed(3));
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function percent(part, whole) {
  return whole === 0 ? null : Number(((100 * part) / whole).toFixed(1));
}
