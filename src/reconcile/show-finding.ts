/** One finding with the evidence of every source: what each said, when it was read, the figures of the policy, and what closed it. */
import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../domain/hub-error.js';
import type { Day, Month } from '../domain/month.js';
import { STREAMS, type Stream } from '../domain/records.js';
import { Database } from '../platform/database/database.js';
import type { BaseExplanation } from '../policy/base-explanation.js';
import { type RecordPlace, type RecordRead, readRecordReads } from '../sync/record-reads.reader.js';
import { type RunStatus, readRun } from '../sync/runs.reader.js';
import type { CellClaims } from './claims.js';
import type { CellExplanation } from './explain-judgement.js';
import { ExplainPerson } from './explain-person.js';
import { EVERY_INSURANCE } from './group-findings.js';
import { type FindingKey, type FindingView, readFinding } from './findings.reader.js';
import { type FindingMark, readMarks } from './finding-marks.reader.js';
import { unknownFinding } from './mark-findings.js';
import type { OwedAmounts } from './policy-calls.js';

/** How a month stands by what is stored now: for an open finding its evidence, for a closed one what made it go. */
export interface MonthNow {
  readonly month: Month;
  readonly insurance: string;
  /** null = nothing could be concluded. */
  readonly situation: string | null;
  readonly expectedBaseFen: number | null;
  readonly paidBaseFen: number | null;
  readonly paidFen: number | null;
  readonly owed: OwedAmounts | null;
  readonly base: BaseExplanation | null;
  /** What each source says, and whose word counted. */
  readonly claims: CellClaims;
}

export interface FindingShown extends FindingView {
  readonly openedBy: RunStatus | null;
  readonly closedBy: RunStatus | null;
  /** The records it rests on. */
  readonly reads: readonly RecordRead[];
  /** Oldest first. */
  readonly marks: readonly FindingMark[];
  readonly now: { readonly asOf: Day; readonly policyVersion: string; readonly months: readonly MonthNow[] } | null;
}

@Injectable()
export class ShowFinding {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ExplainPerson) private readonly persons: ExplainPerson,
  ) {}

  /** Throws `unknown-finding`. */
  async show(key: FindingKey): Promise<FindingShown> {
    const { tenantId, findingId } = key;
    const shown = await this.database.inTenant(tenantId, async (em) => {
      const finding = await readFinding(em, key);
      if (finding === null) throw unknownFinding();
      const { openedRunId, closedRunId } = finding;
      const places = finding.detail.evidence.flatMap(placeOf);
      return {
        ...finding,
        openedBy: await readRun(em, { tenantId, runId: openedRunId }),
        closedBy: closedRunId === null ? null : await readRun(em, { tenantId, runId: closedRunId }),
        reads: await readRecordReads(em, { tenantId, places, before: finding.evidenceAt }),
        marks: await readMarks(em, tenantId, findingId),
      };
    });
    return { ...shown, now: await this.now(tenantId, shown) };
  }

  /** null where the person has no judgement left to explain. */
  private async now(tenantId: string, finding: FindingView): Promise<FindingShown['now']> {
    try {
      const explained = await this.persons.explain({ tenantId, personId: finding.personId, month: null, asOf: null });
      const { asOf, policyVersion, cells } = explained;
      return { asOf, policyVersion, months: cells.filter((cell) => isOf(finding, cell)).map(monthNow) };
    } catch (error) {
      if (error instanceof HubError && error.code === 'not-judged') return null;
      throw error;
    }
  }
}

function isOf(finding: FindingView, { employmentId, insurance, month }: CellExplanation): boolean {
  const isInsurance = finding.insurance === EVERY_INSURANCE || finding.insurance === insurance;
  return isInsurance && finding.employmentId === employmentId && finding.months.includes(month);
}

function monthNow({ month, insurance, cell, base, owed, claims }: CellExplanation): MonthNow {
  const { situation = null, expectedBaseFen = null, paidBaseFen = null, paidFen = null } = cell ?? {};
  return { month, insurance, situation, expectedBaseFen, paidBaseFen, paidFen, owed, base, claims };
}

/** `connection/stream/owner key`; only the key may hold slashes. */
function placeOf(source: string): RecordPlace[] {
  const [connectionId = '', stream = '', ...key] = source.split('/');
  return isStream(stream) ? [{ connectionId, stream, ownerKey: key.join('/') }] : [];
}

function isStream(text: string): text is Stream {
  return (STREAMS as readonly string[]).includes(text);
}
