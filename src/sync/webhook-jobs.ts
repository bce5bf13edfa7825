/** How the following of webhooks is queued: one job per connection, which finds in the inbox whom to read. */
import type { EntityManager } from 'typeorm';
import type { Jobs } from '../platform/jobs/jobs.js';

/**
 * One follower per connection at a time over all nodes, so that readings of one person never overlap; one waiting job at most,
 * so that whatever is called meanwhile is read together. Without `runAt` at once; with it at that second or within the next.
 */
export async function postFollowing(
  em: EntityManager,
  jobs: Pick<Jobs, 'post'>,
  {
    tenantId,
    connectionId,
    runAt = null,
  }: { readonly tenantId: string; readonly connectionId: string; readonly runAt?: Date | null },
): Promise<void> {
  const queue = `webhook:${tenantId}:${connectionId}`;
  const fact = { fact: 'WebhookReceived', tenantId, connectionId } as const;
  if (runAt === null) return jobs.post(em, fact, { queue, key: queue });
  // A key of its own per second: a later time must never replace an earlier one, nor "at once".
  const second = Math.ceil(runAt.getTime() / 1000);
  await jobs.post(em, fact, { queue, key: `${queue}@${second}`, runAt: new Date(second * 1000) });
}
