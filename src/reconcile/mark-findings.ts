/** What HR may do with a finding: set it aside for a while with a reason, and take that back. Only data closes a finding. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { addDays, type Day } from '../domain/month.js';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { insertMark, lastMark, lockFinding, type MarkKind } from './finding-marks.store.js';

/** A year: whoever still finds it right then says so again. */
const LONGEST_DAYS = 366;

interface MarkRequest {
  readonly tenantId: string;
  readonly findingId: string;
  /** Who says it; goes into the audit trail. */
  readonly actor: string;
  readonly reason: string;
  readonly today: Day;
}

export interface SetAsideRequest extends MarkRequest {
  /** The last day on which it counts, today at the earliest, a year ahead at the latest. */
  readonly until: Day;
}

@Injectable()
export class MarkFindings {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * The finding stays open, is judged on and closes as ever; lists can leave it out. Saying it again replaces reason and
   * day. Throws `unknown-finding`, `finding-closed`, `bad-until`.
   */
  async setAside(request: SetAsideRequest): Promise<void> {
    const { until, today } = request;
    const latest = addDays(today, LONGEST_DAYS);
    if (until < today || until > latest)
      throw new HubError({
        code: 'bad-until',
        next: 'fix-config',
        message: `A finding can be set aside from today (${today}) until ${latest}; ${until} is not one of these days.`,
      });
    await this.mark(request, { kind: 'set-aside', until });
  }

  /** Throws `unknown-finding`, `finding-closed`, `not-set-aside`. */
  async takeBack(request: MarkRequest): Promise<void> {
    await this.mark(request, { kind: 'taken-back', until: null });
  }

  private async mark(
    { tenantId, findingId, actor, reason }: MarkRequest,
    { kind, until }: { readonly kind: MarkKind; readonly until: Day | null },
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (em) => {
      await refuse(em, { tenantId, findingId, kind });
      await insertMark(em, { tenantId, findingId, kind, reason, until, actor });
      const action = kind === 'set-aside' ? 'finding.set-aside' : 'finding.take-back';
      await appendAuditEvent(em, {
        tenantId,
        actor,
        action,
        object: `finding/${findingId}`,
        detail: { reason, until },
      });
    });
  }
}

async function refuse(
  em: EntityManager,
  { tenantId, findingId, kind }: { readonly tenantId: string; readonly findingId: string; readonly kind: MarkKind },
): Promise<void> {
  const finding = await lockFinding(em, tenantId, findingId);
  if (finding === null) throw unknownFinding();
  if (finding.closedAt !== null)
    throw new HubError({
      code: 'finding-closed',
      next: 'ask-person',
      message: 'The finding is closed: data showed that it is gone. Nothing is left to set aside or take back.',
    });
  if (kind === 'taken-back' && (await lastMark(em, tenantId, findingId)) !== 'set-aside')
    throw new HubError({
      code: 'not-set-aside',
      next: 'ask-person',
      message: 'Nobody has set this finding aside, or that was taken back already.',
    });
}

export function unknownFinding(): HubError {
  return new HubError({
    code: 'unknown-finding',
    next: 'fix-config',
    message: 'There is no such finding; "buduan findings list" shows those there are.',
  });
}
