/** Under which names the sending job of an endpoint waits: one sender per endpoint at a time over all nodes, one waiting job at most of each kind. */

export function dueKey(tenantId: string, endpointId: string): { readonly key: string; readonly queue: string } {
  const name = `notify:${tenantId}:${endpointId}`;
  return { key: name, queue: name };
}

/** Apart from the job that is due now: what is put off must not take its place. */
export function laterKey(tenantId: string, endpointId: string): { readonly key: string; readonly queue: string } {
  const { key, queue } = dueKey(tenantId, endpointId);
  return { key: `${key}:later`, queue };
}
