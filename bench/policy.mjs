/**
 * npm run bench -- policy [--seconds S] [--json]
 * How many bases with both sides' contributions one core computes in a second with compiled look-ups, beside a bare loop that does the
 * same clamping, multiplying and rounding on plain numbers: everything the loop does not do is what the engine adds.
 * Seconds are CPU seconds of this process, so that a busy machine does not count; wall time is printed beside them.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fen } from '../dist/domain/fen.js';
import { day, month, monthIndex, monthsOf } from '../dist/domain/month.js';
import { region } from '../dist/domain/region.js';
import { expectedBase } from '../dist/policy/base.js';
import { contributionOf } from '../dist/policy/contribution.js';
import { loadPolicyBook } from '../dist/policy/load.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PEOPLE = 2000;
const INSURANCES = ['pension', 'medical', 'unemployment'];
const MONTHS = monthsOf(month('2024-07'), month('2025-07'));
/** Annual bases and the previous month's, ranges confirmed and carried over. */
const PLACES = ['110000', '310000', '440300'].map((code) => region(code));
const KNOWN_AT = day('2026-11-23');
const FIRST_WAGE = monthIndex(month('2022-01'));
const WAGE_MONTHS = 48;

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('--seconds is a number above zero.');
  const book = loadPolicyBook({ policyDir: join(ROOT, 'policy') });
  const people = Array.from({ length: PEOPLE }, (_, place) => personOf(place));
  const engine = measure(() => computeAll(people, book), seconds);
  const floor = measure(bareLoop(people), seconds);
  const result = {
    engine: { perCpuSecond: engine.perCpuSecond, perWallSecond: engine.perWallSecond },
    bareLoop: { perCpuSecond: floor.perCpuSecond, perWallSecond: floor.perWallSecond },
  };
  if (values.json) console.log(JSON.stringify({ ...result, known: engine.known, node: process.version }));
  else {
    console.table(result);
    console.log(`share of computations with base and both sides known: ${engine.known}; Node ${process.version}`);
  }
}

/** A wage that moves from month to month; every tenth person was hired during the year. */
function personOf(place) {
  const level = 300_000 + ((place * 7919) % 4_000_000);
  return {
    region: PLACES[place % PLACES.length],
    employment: {
      hiredOn: day(place % 10 === 0 ? '2024-09-16' : '2020-03-02'),
      leftOn: null,
      startWageFen: fen(level),
    },
    wages: {
      fromIndex: FIRST_WAGE,
      fen: Array.from({ length: WAGE_MONTHS }, (_, at) => fen(level + ((place * 31 + at * 977) % 90_000))),
    },
    insured: { hukou: place % 2 === 0 ? 'local' : 'other' },
  };
}

/** Returns how many were computed, and how many of them are known; the sum keeps the loop from being left out. */
function computeAll(people, book) {
  let done = 0;
  let known = 0;
  let sum = 0;
  for (const { region: place, employment, wages, insured } of people) {
    for (const insurance of INSURANCES) {
      for (const at of MONTHS) {
        done += 1;
        const base = expectedBase({ region: place, insurance, month: at, knownAt: KNOWN_AT, employment, wages }, book);
        if (!base.known) continue;
        const cell = book.cell(place, insurance, at, KNOWN_AT);
        const { employee, employer } = contributionOf(base.baseFen, cell, insured);
        if (!employee.known || !employer.known) continue;
        known += 1;
        sum += employee.fen + employer.fen;
      }
    }
  }
  return { done, known, sum };
}

/** Average of twelve wages, held inside a range, times two rates, rounded half up: the arithmetic and nothing else. */
function bareLoop(people) {
  const runs = people.map(({ wages }) => wages.fen);
  return () => {
    let done = 0;
    let sum = 0;
    for (const wages of runs) {
      for (let insurance = 0; insurance < INSURANCES.length; insurance += 1) {
        for (let at = 0; at < MONTHS.length; at += 1) {
          let total = 0;
          for (let index = 12; index < 24; index += 1) total += wages[index];
          const basis = Math.floor((total * 2 + 12) / 24);
          const base = basis < 482_100 ? 482_100 : basis > 3_528_300 ? 3_528_300 : basis;
          sum += Math.floor((base * 80_000 + 500_000) / 1_000_000) + Math.floor((base * 160_000 + 500_000) / 1_000_000);
          done += 1;
        }
      }
    }
    return { done, known: done, sum };
  };
}

function measure(round, seconds) {
  for (let warm = 0; warm < 3; warm += 1) round();
  const begun = performance.now();
  const cpuBegun = process.cpuUsage();
  let done = 0;
  let known = 0;
  let sum = 0;
  while (performance.now() - begun < seconds * 1000) {
    const computed = round();
    done += computed.done;
    known += computed.known;
    sum += computed.sum;
  }
  const wall = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpuBegun);
  if (!(sum > 0)) throw new Error('Nothing was computed.');
  return {
    perCpuSecond: Math.round(done / ((user + system) / 1e6)),
    perWallSecond: Math.round(done / wall),
    known: Number((known / done).toFixed(3)),
  };
}
