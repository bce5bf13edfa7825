/** Where and how payments are struck: a list that depends on nothing but its seed. */
import { createHash } from 'node:crypto';
import { POINTS_AFTER_SENDING, PUSH_POINTS } from './loader/points.mjs';
import { pick, randomOf } from './random.mjs';

/** The list of strikes; the same seed gives the same list. */
export function planStrikes(seed, { kills, pauses, cuts }) {
  const random = randomOf(seed);
  const of = (count, make) => Array.from({ length: count }, make);
  const point = () => (random() < 0.75 ? pick(random, PUSH_POINTS) : null);
  const strikes = [
    ...of(kills, () => ({ type: 'kill', point: point(), after: Math.floor(random() * 3) })),
    ...of(pauses, () => ({ type: 'pause', point: point(), after: Math.floor(random() * 3), unlock: random() < 0.7 })),
    ...of(cuts, () =>
      random() < 0.4
        ? { type: 'pause-and-cut', point: pick(random, POINTS_AFTER_SENDING), after: 0, unlock: true }
        : { type: 'cut', bytes: random() < 0.5 ? 0 : Math.floor(random() * 4000) },
    ),
  ];
  for (let at = strikes.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [strikes[at], strikes[other]] = [strikes[other], strikes[at]];
  }
  return strikes;
}

export const planHash = (strikes) => createHash('sha256').update(JSON.stringify(strikes)).digest('hex').slice(0, 12);
