/** Broken on purpose: every read counts as complete, so that what a broken one did not show is taken for gone. */
export const patches = {
  'sync/end-traversal.js': `
export function endTraversal(em, of, request) {
  return inner.endTraversal(em, of, { ...request, claimed: { complete: true, declaredTotal: null }, countDropPercent: 100 });
}`,
};
