/** Broken on purpose: whatever a plan would do, no brake holds it. */
export const patches = {
  'push/brakes.js': `
if (typeof inner.pulledBrakes !== 'function') throw new Error('The broken variant no-brake finds no brake.');
export function pulledBrakes() { return []; }`,
};
