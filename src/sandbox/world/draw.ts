/** How is chance made repeatable? Every draw is a pure function of seed, index and purpose. */

/** A uniform unsigned 32-bit number. `purpose` keeps the draws of one employee independent of each other. */
export function draw(seed: number, index: number, purpose: number): number {
  return mix(mix(mix(seed | 0) ^ Math.imul(index + 1, 0x9e3779b1)) ^ Math.imul(purpose + 1, 0x85ebca6b)) >>> 0;
}

/** A whole number from 0 to `limit` − 1. */
export function drawBelow(limit: number, drawn: number): number {
  return Math.floor((drawn / 4_294_967_296) * limit);
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
