/** Broken on purpose: nobody counts how many persons a plan would show in a worse status. */
export const patches = {
  'push/plan-operations.store.js': `
if (typeof inner.countWorseStatus !== 'function') throw new Error('The broken variant no-brake finds no brake.');
export async function countWorseStatus() { return { worse: 0, persons: 0 }; }`,
};
