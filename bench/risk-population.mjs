/**
 * People whose next month is known: each lives a life of some kind month by month, and whether the month after the last one read is
 * paid comes out of that life, not out of the score. What the hub sees of it is blurred: attendance is lost, postings come late.
 */
import { randomOf } from '../faults/random.mjs';
import { addMonths, day, month, monthsOf } from '../dist/domain/month.js';
import { region } from '../dist/domain/region.js';

const LAST = month('2023-02');
const MONTHS = monthsOf(addMonths(LAST, -13), addMonths(LAST, 2));
/** Seen on this day; the truth is about the month it lies in. */
export const AS_OF = day('2023-03-20');
const SHENZHEN = region('440300');

/** Kinds of life, with their share of the people. */
const LIVES = [
  { kind: 'steady', share: 0.72, live: steady },
  { kind: 'moving', share: 0.13, live: moving },
  { kind: 'fading', share: 0.05, live: fading },
  { kind: 'careless employer', share: 0.1, live: careless },
];

/** `{facts, hasGapNext, kind}` of one person; the same seed gives the same person. */
export function personOf(seed) {
  // Spread, so that neighbours do not live alike.
  const chance = randomOf(seed * 2654435761);
  const life = pick(LIVES, chance());
  // Per month: paid or not, share of the required days worked, number of the job held.
  const months = life.live(chance);
  const known = months.slice(0, -1);
  return {
    kind: life.kind,
    hasGapNext: !months.at(-1).isPaid,
    facts: {
      contributions: known.flatMap((each, at) =>
        postings(each, MONTHS[at], { isLast: at === known.length - 1, chance }),
      ),
      employments: employmentsOf(months, chance),
      attendance: known.slice(-6).flatMap((each, at) => attendanceOf(each, MONTHS[known.length - 6 + at], chance)),
    },
  };
}

function steady(chance) {
  return MONTHS.map(() => ({ isPaid: chance() > 0.003, worked: 0.9 + chance() * 0.1, job: 0 }));
}

/** Changes jobs every few months; between two jobs somebody may forget a month. */
function moving(chance) {
  let job = 0;
  let toForget = 0;
  return MONTHS.map(() => {
    if (chance() < 0.18) {
      job += 1;
      toForget = chance() < 0.45 ? 1 + Math.floor(chance() * 2) : 0;
    }
    const isPaid = toForget === 0 && chance() > 0.005;
    toForget = Math.max(0, toForget - 1);
    return { isPaid, worked: 0.85 + chance() * 0.15, job };
  });
}

/** Comes less and less from some month on, and leaves. */
function fading(chance) {
  const from = MONTHS.length - 1 - Math.floor(chance() * 5);
  const stays = 1 + Math.floor(chance() * 3);
  return MONTHS.map((_, at) => {
    const fades = at - from;
    if (fades < 0) return { isPaid: chance() > 0.003, worked: 0.95, job: 0 };
    if (fades < stays) return { isPaid: chance() > 0.05, worked: 0.5 * chance(), job: 0 };
    return { isPaid: chance() < 0.3, worked: 0, job: null };
  });
}

/** An employer that is short of money for some months on end. */
function careless(chance) {
  let isShort = false;
  return MONTHS.map(() => {
    isShort = isShort ? chance() < 0.6 : chance() < 0.06;
    return { isPaid: !isShort, worked: 0.95, job: 0 };
  });
}

function postings({ isPaid }, of, { isLast, chance }) {
  const isLate = isLast && chance() < 0.02;
  if (!isPaid || isLate) return [];
  const amounts = { baseFen: 1_000_000, employeeFen: 80_000, employerFen: 160_000 };
  return [{ month: of, insurance: 'pension', kind: 'normal', state: 'paid', payer: 'E', region: SHENZHEN, ...amounts }];
}

/** A leaver is told at once by payroll; one in ten employments has its end written down a month late. */
function employmentsOf(months, chance) {
  const jobs = [];
  for (const [at, { job }] of months.entries()) {
    const running = jobs.at(-1);
    if (running !== undefined && running.leftOn === null && running.job !== job)
      running.leftOn = at === months.length - 1 && chance() < 0.1 ? null : day(`${MONTHS[at - 1]}-28`);
    if (job !== null && running?.job !== job)
      jobs.push({
        job,
        employmentId: `J${job}`,
        employer: `E${job}`,
        region: SHENZHEN,
        hiredOn: day(`${MONTHS[at]}-01`),
        leftOn: null,
      });
  }
  return jobs.map(({ job: _, ...employment }) => employment);
}

function attendanceOf({ worked, job }, of, chance) {
  if (job === null || chance() < 0.03) return [];
  return [{ month: of, requiredDaysHundredths: 2100, workedDaysHundredths: Math.round(2100 * worked) }];
}

function pick(choices, at) {
  let sum = 0;
  return choices.find(({ share }) => (sum += share) > at) ?? choices.at(-1);
}
