/** What a new edition of the policy changes for a tenant: previewed, computed and kept, and applied in one run after approval. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { PolicyPublished } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { PolicyBook } from '../policy/book.js';
import { type PolicyChange, impactOnPerson } from '../policy/impact.js';
import { PolicyEditions } from '../policy/packs/policy-editions.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { judgeAgain } from '../sync/judge-again.js';
import { readPersonIds } from '../sync/person-ids.reader.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readPersonRecords } from '../sync/source-records.reader.js';
import { chargedMonthsOf } from './charged-months.js';
import { type JudgeFrame, frameOf } from './judge-frame.js';
import { type ImpactTotals, NO_IMPACT, type TouchedPerson, addTouched, touchedPerson } from './policy-impact-totals.js';
import { insertTouched, lockImpact, markApplied, replaceImpact, updateTotals } from './policy-impact.store.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from './reconcile-settings.js';
import { SourceStates } from './source-states.js';

export interface ImpactQuestion {
  readonly tenantId: string;
  readonly before: PolicyBook;
  readonly after: PolicyBook;
  /** The day whose window of months is looked at, and as known on which both editions count. */
  readonly asOf: Day;
}

export interface ApplyRequest {
  readonly tenantId: string;
  readonly version: string;
  readonly by: string;
  readonly asOf: Day;
  /** See FullRunRequest.policyVersion. */
  readonly policyVersion: string;
}

/** Persons read and computed at a time; bounds memory. */
const PERSONS_AT_ONCE = 500;

@Injectable()
export class PolicyImpacts {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PolicyEditions) private readonly editions: PolicyEditions,
    @Inject(RECONCILE_SETTINGS) private readonly settings: ReconcileSettings,
  ) {}

  /** Writes nothing. */
  async preview(question: ImpactQuestion): Promise<ImpactTotals> {
    return this.database.inTenant(question.tenantId, (em) => this.compute(em, question, () => Promise.resolve()));
  }

  /** Safe to repeat; once it was applied it stays as it was. */
  async onPolicyPublished({ tenantId, version, beforeVersion, asOf }: PolicyPublished): Promise<ImpactTotals> {
    const before = await this.editions.bookOf(tenantId, beforeVersion);
    const after = await this.editions.bookOf(tenantId, version);
    return this.database.inTenant(tenantId, async (em) => {
      const key = { tenantId, version };
      const head = { beforeVersion, asOf };
      if (!(await replaceImpact(em, key, { ...head, ...NO_IMPACT }))) return NO_IMPACT;
      const waiting: TouchedPerson[] = [];
      const totals = await this.compute(em, { tenantId, before, after, asOf }, async (touched) => {
        waiting.push(...touched);
        if (waiting.length >= PERSONS_AT_ONCE) await insertTouched(em, key, waiting.splice(0));
      });
      await insertTouched(em, key, waiting);
      await updateTotals(em, key, totals);
      this.settings.log.info({ tenantId, version, beforeVersion, ...totals }, 'impact of a policy edition computed');
      return totals;
    });
  }

  /**
   * Starts the one run in which the touched persons are judged again; a second call returns the same run. Throws
   * `no-impact` where none was computed yet.
   */
  async apply(request: ApplyRequest): Promise<{ readonly runId: string; readonly persons: number }> {
    const { tenantId, version, by, asOf, policyVersion } = request;
    return this.database.inTenant(tenantId, async (em) => {
      const impact = await lockImpact(em, request);
      if (impact === null) throw noImpact(request);
      const { personIds } = impact;
      if (impact.runId !== null) return { runId: impact.runId, persons: personIds.length };
      if (personIds.length === 0) throw nobodyTouched(request);
      const runId = await judgeAgain(
        em,
        { jobs: this.jobs },
        { tenantId, personIds, asOf, policyVersion, startedBy: by },
      );
      await markApplied(em, request, { by, runId });
      const detail = { runId, persons: personIds.length };
      await appendAuditEvent(em, {
        tenantId,
        actor: by,
        action: 'policy.impact-applied',
        object: `policy:${version}`,
        detail,
      });
      return { runId, persons: personIds.length };
    });
  }

  private async compute(
    em: EntityManager,
    question: ImpactQuestion,
    keep: (touched: readonly TouchedPerson[]) => Promise<void>,
  ): Promise<ImpactTotals> {
    const { tenantId } = question;
    const frame = await this.readFrame(em, question);
    let totals = NO_IMPACT;
    for (let after: string | null = null; ;) {
      const personIds = await readPersonIds(em, tenantId, { after, limit: PERSONS_AT_ONCE });
      if (personIds.length === 0) return totals;
      const records = await readPersonRecords(em, tenantId, personIds);
      const touched = personIds.flatMap(
        (personId) =>
          touchedBy(question, { personId, frozen: false, records: records.get(personId) ?? [] }, frame) ?? [],
      );
      await keep(touched);
      totals = addTouched(totals, touched);
      after = personIds.at(-1) ?? null;
    }
  }

  private async readFrame(em: EntityManager, { tenantId, asOf, after }: ImpactQuestion): Promise<JudgeFrame> {
    const rules = { ...this.settings.tenantRules(tenantId), policy: after };
    const streams = await readCompleteness(em, tenantId);
    const newest = streams.reduce((latest, { startedAt }) => (startedAt > latest ? startedAt : latest), new Date(0));
    const sources = new SourceStates({
      streams,
      setAside: await countQuarantine(em, tenantId),
      connections: rules.connections,
      runStartedAt: newest,
    });
    return frameOf({ asOf, rules, sources });
  }
}

function touchedBy(
  { before, after, asOf }: ImpactQuestion,
  person: Parameters<typeof chargedMonthsOf>[0],
  frame: JudgeFrame,
): TouchedPerson | null {
  const change: PolicyChange = {
    before: { book: before, knownAt: asOf },
    after: { book: after, knownAt: asOf },
    asOf,
  };
  const impacts = chargedMonthsOf(person, frame).map((charged) => impactOnPerson(change, charged));
  return touchedPerson(person.personId, impacts);
}

function noImpact({ tenantId, version }: ApplyRequest): HubError {
  return new HubError({
    code: 'no-impact',
    next: 'retry',
    message: `No impact of edition ${version} was computed for ${tenantId} yet; approve it, and let a hub work ("buduan start", or the next run).`,
    detail: { tenantId, version },
  });
}

function nobodyTouched({ tenantId, version }: ApplyRequest): HubError {
  return new HubError({
    code: 'nobody-touched',
    next: 'ask-person',
    message: `Edition ${version} changes no charged month of ${tenantId}; there is nothing to recalculate.`,
    detail: { tenantId, version },
  });
}
