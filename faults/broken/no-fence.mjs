/** Broken on purpose: an outcome is recorded whoever sends it, also by a sender that was taken over. */
export const patches = {
  'push/send-operations.store.js': `
const FENCE = 'operation.fence = outcome.fence';
export function settleOperations(em, tenantId, settlements) {
  const open = {
    query: (sql, parameters) => {
      if (!sql.includes(FENCE)) throw new Error('The broken variant no-fence finds no fence to take out.');
      return em.query(sql.replace(FENCE, 'true'), parameters);
    },
  };
  return inner.settleOperations(open, tenantId, settlements);
}`,
};
