/** How the reading of a person that an outside system named is queued: one person's readings run one after another. */
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Jobs } from '../platform/jobs/jobs.js';

export interface HintedReading {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly deliveryId: string;
  readonly ownerNo: number;
  readonly ownerKey: string;
  readonly fence: number;
}

/** The owner's key stays out of the job: its queue is named by a hash. Null `runAt` = at once. */
export async function postReading(
  em: EntityManager,
  jobs: Pick<Jobs, 'post'>,
  { runAt, ...reading }: HintedReading & { readonly runAt: Date | null },
): Promise<void> {
  const { tenantId, connectionId, deliveryId, ownerNo, ownerKey, fence } = reading;
  const person = createHash('sha256')
    .update(JSON.stringify([tenantId, connectionId, ownerKey]))
    .digest('hex');
  await jobs.post(
    em,
    { fact: 'WebhookReceived', tenantId, connectionId, deliveryId, ownerNo, fence },
    { queue: `webhook:${person.slice(0, 32)}`, ...(runAt === null ? {} : { runAt }) },
  );
}
