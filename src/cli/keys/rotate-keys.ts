/** How everything that rests on former keys moves under the current ones while nodes go on working, and the former are let go. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { appendAuditEvent } from '../../platform/audit/append-audit-event.js';
import type { IdentityVault } from '../../platform/crypto/identity-vault.js';
import { closeKeys, formerKeys, moveToCurrent, readTenantIds, retireKeys } from '../../platform/crypto/key-moves.js';
import { type BatchDone, type BatchOrder, resealBatch } from '../../platform/crypto/reseal.js';
import { sealedPlaceName } from '../../platform/crypto/sealed-column.js';
import type { Database } from '../../platform/database/database.js';
import { reindexBatch } from '../../sync/reindex-persons.js';
import { type KeyFigure, SEALED_COLUMNS, readKeyFigures } from './key-figures.js';

export interface RotateRequest {
  /** Who decides; goes into the audit trail of every tenant that something changed for. */
  readonly by: string;
  /** Values per transaction, 1–1000. */
  readonly batchSize: number;
  /** After every committed batch. */
  readonly tell: (batch: { readonly tenantId: string; readonly place: string; readonly count: number }) => void;
}

export interface RotateOutcome {
  /** Values sealed again and persons indexed again by this call. */
  readonly moved: number;
  /** Keys that nothing rests on since this call. */
  readonly retired: readonly string[];
  /** Former keys on which something still rests: what it is, and how much. */
  readonly left: readonly KeyFigure[];
}

interface Parts {
  readonly database: Database;
  readonly vault: IdentityVault;
}

interface Work {
  readonly place: string;
  readonly batch: (em: EntityManager, order: BatchOrder) => Promise<BatchDone>;
}

/** Rows that another transaction held are passed over and met again in the next pass. */
const PASSES = 20;
const BETWEEN_PASSES_MS = 250;

/**
 * Safe to kill at any point and to run again: each batch is one transaction, and what is under the current key is not touched.
 * Every node must hold the current keys before. Throws `seal-broken` for a value that no key opens.
 */
export async function rotateKeys(parts: Parts, request: RotateRequest): Promise<RotateOutcome> {
  const { database, vault } = parts;
  await moveToCurrent(database, vault);
  let moved = await movePasses(parts, request);
  const former = await formerKeys(database, vault);
  await closeKeys(database, former);
  // What a node with the former key current stored between the last pass and the close.
  if (former.length > 0) moved += await movePasses(parts, request);
  const figures = await readKeyFigures(database, vault);
  const valuesOf = (key: Pick<KeyFigure, 'kind' | 'keyId'>): number =>
    Object.values(figures.find(({ kind, keyId }) => kind === key.kind && keyId === key.keyId)?.values ?? {}).length;
  const free = former.filter((key) => valuesOf(key) === 0);
  await retireKeys(database, free);
  const left = figures.filter(({ isCurrent, values }) => !isCurrent && Object.keys(values).length > 0);
  return { moved, retired: free.map(({ keyId }) => keyId), left };
}

/** Until a whole pass finds nothing, or only what others hold all the time. */
async function movePasses(parts: Parts, request: RotateRequest): Promise<number> {
  let moved = 0;
  for (let pass = 0; pass < PASSES; pass += 1) {
    let count = 0;
    for (const tenantId of await readTenantIds(parts.database)) count += await moveTenant(parts, request, tenantId);
    moved += count;
    if (count === 0) break;
    await wait(BETWEEN_PASSES_MS);
  }
  return moved;
}

async function moveTenant({ database, vault }: Parts, request: RotateRequest, tenantId: string): Promise<number> {
  let moved = 0;
  for (const { place, batch } of workOf(vault)) {
    for (let after: BatchOrder['after'] = null; ;) {
      const order: BatchOrder = { tenantId, after, limit: request.batchSize };
      const isFirst = moved === 0;
      const done = await database.inTenant(tenantId, async (em) => {
        const result = await batch(em, order);
        if (result.count > 0 && isFirst) await noteBegin(em, vault, { tenantId, by: request.by });
        return result;
      });
      if (done.after === null) break;
      moved += done.count;
      request.tell({ tenantId, place, count: done.count });
      after = done.after;
    }
  }
  return moved;
}

function workOf(vault: IdentityVault): readonly Work[] {
  return [
    ...SEALED_COLUMNS.map((column) => ({
      place: sealedPlaceName(column),
      batch: (em: EntityManager, order: BatchOrder) => resealBatch(em, vault, { ...order, column }),
    })),
    { place: 'blind index', batch: (em, order) => reindexBatch(em, vault, order) },
  ];
}

/** With the first values that move: killed or not, the trail says who moved them and where. */
async function noteBegin(
  em: EntityManager,
  vault: IdentityVault,
  { tenantId, by }: { readonly tenantId: string; readonly by: string },
): Promise<void> {
  const detail = { identity: vault.currentKeyId, blindIndex: vault.currentIndexKeyId };
  await appendAuditEvent(em, { tenantId, actor: by, action: 'keys.rotate', object: 'keys', detail });
}
