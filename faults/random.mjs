/** Reproducible chance: equal seeds, equal numbers. */

/** A stream of numbers in [0, 1). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One number in [0, 1) that depends on nothing but its arguments: what happens to an operation does not depend on who came first. */
export function chanceOf(...parts) {
  let hash = 2166136261;
  for (const char of parts.join('\u001f')) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0;
  return randomOf(hash)();
}

export const pick = (random, list) => list[Math.floor(random() * list.length)];
