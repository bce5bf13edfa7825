/** How it is told that operations need a person: asked for in the transaction that found out, counted together a little later, each told once. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Jobs } from '../platform/jobs/jobs.js';
import { claimStuck, connectionsWithStuck, type StuckOperations } from './tell-stuck.store.js';

/** What gets stuck within so long is told together: a target that fails for everybody is one piece of news, not a thousand. */
const TOGETHER_MS = 10_000;

export interface StuckNews {
  readonly tenantId: string;
  /** Left out: every connection that has something stuck. */
  readonly connectionId?: string;
  readonly at: Date;
}

export async function tellStuck(em: EntityManager, jobs: Pick<Jobs, 'post'>, news: StuckNews): Promise<void> {
  const { tenantId, at } = news;
  const connectionIds =
    news.connectionId === undefined ? await connectionsWithStuck(em, tenantId) : [news.connectionId];
  const slot = Math.floor(at.getTime() / TOGETHER_MS) + 1;
  for (const connectionId of connectionIds) {
    // The name of the slot is part of the key: news that keeps coming is not put off for ever.
    const key = `stuck:${tenantId}:${connectionId}:${slot}`;
    const runAt = new Date(slot * TOGETHER_MS);
    await jobs.post(em, { fact: 'OperationsStuck', tenantId, connectionId }, { key, runAt });
  }
}

@Injectable()
export class TellStuck {
  /** What is stuck and was not told yet, marked as told in the caller's transaction; null when there is nothing. */
  claim(em: EntityManager, tenantId: string, connectionId: string): Promise<StuckOperations | null> {
    return claimStuck(em, tenantId, connectionId);
  }
}
