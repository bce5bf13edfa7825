/** How every instant of a schedule that became due gets its row: in order, all or none, by one node at a time. */
import type { EntityManager } from 'typeorm';
import { lockTenant } from '../../platform/database/lock-tenant.js';
import type { SyncTools } from '../sync-tools.js';
import { dueInstants, latestDue } from './due-instants.js';
import { type AccountedInstant, type Surroundings, accountFor, standingOf } from './occurrence-fate.js';
import { insertAccounted, newestDueAt } from './occurrence.store.js';
import { type Schedule, keyOf, startsAtOf } from './schedule.js';
import { readPauses } from './schedule-pauses.reader.js';

type Tools = Pick<SyncTools, 'database' | 'settingsOf'>;

export interface AccountRequest {
  readonly now: Date;
  readonly around: Omit<Surroundings, 'pauses'>;
}

/** Instants of a long outage that are written in one statement. */
const INSTANTS_AT_ONCE = 500;
const LONG_AGO = new Date(0);

/** Accounts for everything due up to `now`; returns when the next instant is due. Safe to repeat and to run at the same time. */
export async function accountInstants(tools: Tools, schedule: Schedule, request: AccountRequest): Promise<Date> {
  const key = keyOf(schedule);
  const known = await tools.database.inTenant(schedule.tenant, (em) => newestDueAt(em, key));
  const next = known === null ? null : firstAfter(schedule, known);
  if (next !== null && next > request.now) return next;
  return tools.database.inTenant(schedule.tenant, async (em) => {
    await lockTenant(em, { tenantId: schedule.tenant, name: tools.settingsOf(schedule.tenant).name });
    const last = (await newestDueAt(em, key)) ?? (await beginBehindLatest(em, schedule, request));
    return writeSince(em, schedule, { ...request, last });
  });
}

/** A schedule seen for the first time begins behind its latest instant, which is nobody's fault. */
async function beginBehindLatest(em: EntityManager, schedule: Schedule, { now }: AccountRequest): Promise<Date> {
  const dueAt = latestDue(schedule, now) ?? LONG_AGO;
  const instant = { dueAt, startsAt: startsAtOf(schedule, dueAt), detail: {} };
  const skipped: AccountedInstant = { ...instant, state: 'skipped', reason: 'before-start' };
  await insertAccounted(em, keyOf(schedule), { instants: [skipped], at: now });
  return dueAt;
}

async function writeSince(
  em: EntityManager,
  schedule: Schedule,
  { last, now, around }: AccountRequest & { readonly last: Date },
): Promise<Date> {
  const key = keyOf(schedule);
  const pauses = await readPauses(em, { ...key, after: last });
  let instants: AccountedInstant[] = [];
  for (const instant of accountFor(schedule, dueUntil(schedule, last, now), { now, around: { ...around, pauses } })) {
    instants.push(instant);
    if (instants.length < INSTANTS_AT_ONCE) continue;
    await insertAccounted(em, key, { instants, at: now });
    instants = [];
  }
  if (instants.length > 0) await insertAccounted(em, key, { instants, at: now });
  return firstAfter(schedule, now);
}

function* dueUntil(schedule: Schedule, after: Date, until: Date): Generator<Date> {
  for (const instant of dueInstants(schedule, after)) {
    if (instant > until) return;
    yield instant;
  }
}

function firstAfter(schedule: Schedule, after: Date): Date {
  return dueInstants(schedule, after).next().value;
}

export interface ForeseenInstant {
  readonly dueAt: Date;
  readonly startsAt: Date;
  /** Why it would be skipped, as things stand; null = it is to run. */
  readonly reason: AccountedInstant['reason'];
  readonly detail: AccountedInstant['detail'];
}

/** The instants of a schedule after `after`, without end, and what would become of each if nothing changed. */
export function* foresee(schedule: Schedule, after: Date, around: Surroundings): Generator<ForeseenInstant> {
  for (const dueAt of dueInstants(schedule, after))
    yield { dueAt, startsAt: startsAtOf(schedule, dueAt), ...standingOf(schedule, dueAt, around) };
}
