/** Broken on purpose: the checkpoint is saved before the records of its page are. */
export const patches = {
  'sync/traversal.store.js': `
export async function movePlace(em, of, step) {
  return em.connection.transaction(async (apart) => {
    await apart.query("SELECT set_config('buduan.tenant', $1, true)", [of.tenantId]);
    return inner.movePlace(apart, of, step);
  });
}`,
};
