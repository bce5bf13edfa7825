/** Where a hub process can be struck: the named points of push and pull, as wrappers around the functions they lie beside. */

const reach = (point) => `await globalThis.buduanFaults?.reach('${point}');`;

/** `export async function name`, with a point before and after what it wraps. A name that is gone must be noticed. */
const around = (name, { before, after }) => `
if (typeof inner.${name} !== 'function') throw new Error('The rig wraps ${name}, which is not there any more.');
export async function ${name}(...args) {
  ${before === undefined ? '' : reach(before)}
  const result = await inner.${name}(...args);
  ${after === undefined ? '' : reach(after)}
  return result;
}`;

const aroundMethod = (place, { before, after }) => `{
  const [owner, name] = ${JSON.stringify(place.split('.'))};
  const original = inner[owner]?.prototype[name];
  if (typeof original !== 'function') throw new Error('The rig wraps ${place}, which is not there any more.');
  inner[owner].prototype[name] = async function (...args) {
    ${before === undefined ? '' : reach(before)}
    const result = await original.apply(this, args);
    ${after === undefined ? '' : reach(after)}
    return result;
  };
}`;

/** Seconds instead of the hub's five: a rig that kills a thousand times cannot wait for each as long as an operator can. */
const FAST_SWEEP = `
export class WorkerPresence extends inner.WorkerPresence {
  constructor(around) { super({ ...around, sweepMs: 300 }); }
}`;

export const POINTS = {
  'push/send-operations.store.js': [
    // The lock is held, nothing is claimed; after: claimed, not committed.
    around('claimOperations', { before: 'locked', after: 'claimed' }),
    // The outcome is known; before it is written; after: written, not committed.
    around('settleOperations', { before: 'answered', after: 'settling' }),
    around('takeOver', { after: 'taking-over' }),
  ].join('\n'),
  // `sending` is committed and the lock was looked at, no byte has left; after: the outcome is in memory only.
  'connectors/http/http-connection.js': [
    aroundMethod('HttpConnection.write', { before: 'sending', after: 'sent' }),
    aroundMethod('HttpConnection.query', { after: 'asked' }),
  ].join('\n'),
  'sync/commit-page.js': around('commitPage', { before: 'page-arrived', after: 'page-committed' }),
  // Inside the page's transaction: the checkpoint is moved, the records are not written.
  'sync/traversal.store.js': around('movePlace', { after: 'place-moved' }),
  'sync/end-traversal.js': around('endTraversal', { after: 'read-concluded' }),
  'platform/jobs/worker-presence.js': FAST_SWEEP,
};

/** What the random plans choose from. */
export const PUSH_POINTS = ['locked', 'claimed', 'sending', 'sent', 'answered', 'settling', 'taking-over', 'asked'];
export const PULL_POINTS = ['page-arrived', 'place-moved', 'page-committed', 'read-concluded'];
/** After these a sender whose connections were cut too cannot reach the target any more: its bytes have left already. */
export const POINTS_AFTER_SENDING = ['sent', 'answered', 'settling'];
