/** One transaction of case work. The moves made in it are written down together at its end, so that the audit trail is held briefly. */
import type { EntityManager } from 'typeorm';
import type { CaseMoved } from '../domain/facts.js';
import { appendAuditEvents } from '../platform/audit/append-audit-event.js';
import type { Json } from '../platform/audit/audit-hash.js';
import type { Database } from '../platform/database/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { type CaseEventRow, appendCaseEvents } from './case-log.store.js';
import type { CaseState } from './case-states.js';

/** A state change that is stored and not yet written down. */
export interface MadeMove {
  readonly event: Omit<CaseEventRow, 'kind' | 'fromState' | 'toState'>;
  readonly personId: string;
  readonly from: CaseState;
  readonly to: CaseState;
  /** What the audit trail says beside the event. */
  readonly detail: Readonly<Record<string, Json>>;
}

/** Whose transaction it is, and what it has moved so far. */
export interface CaseWriter {
  readonly em: EntityManager;
  readonly jobs: Jobs;
  readonly moves: MadeMove[];
}

/** Commits when `work` resolves: what it changed, the history of its moves, their audit events and their news, or nothing. */
export async function inCaseTransaction<T>(
  { database, jobs }: { readonly database: Database; readonly jobs: Jobs },
  tenantId: string,
  work: (writer: CaseWriter) => Promise<T>,
): Promise<T> {
  return database.inTenant(tenantId, async (em) => {
    const writer: CaseWriter = { em, jobs, moves: [] };
    const result = await work(writer);
    if (writer.moves.length > 0) await writeDown(writer, tenantId);
    return result;
  });
}

async function writeDown({ em, jobs, moves }: CaseWriter, tenantId: string): Promise<void> {
  const numbers = await appendCaseEvents(
    em,
    tenantId,
    moves.map(({ event, from, to }) => ({ ...event, kind: 'moved', fromState: from, toState: to })),
  );
  await jobs.postAll(
    em,
    moves.map(({ event, personId, from, to }, index): CaseMoved => {
      const { caseId } = event;
      return { fact: 'CaseMoved', tenantId, caseId, personId, from, to, moveNo: numbers[index] ?? 0 };
    }),
  );
  await appendAuditEvents(
    em,
    tenantId,
    moves.map(({ event, from, to, detail }) => ({
      actor: event.actor,
      action: `case.${to}`,
      object: `case/${event.caseId}`,
      detail: { before: from, round: event.round, reason: event.reason, ...detail },
    })),
  );
}
