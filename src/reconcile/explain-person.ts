/** How one person's judgement is explained from what is stored: the same records, rules and day, judged again. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import type { Day, Month } from '../domain/month.js';
import { Database } from '../platform/database/database.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { readPersons } from '../sync/persons.reader.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readPersonRecords } from '../sync/source-records.reader.js';
import { explainJudgement, type PersonExplanation } from './explain-judgement.js';
import { frameOf } from './judge-frame.js';
import { readJudgedRun } from './judgements.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from './reconcile-settings.js';
import { SourceStates } from './source-states.js';

export interface ExplainRequest {
  readonly tenantId: string;
  readonly personId: string;
  /** A month of the window or the as-of month; null = every judged month. */
  readonly month: Month | null;
  /** null = the day of the person's last judgement. */
  readonly asOf: Day | null;
}

@Injectable()
export class ExplainPerson {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RECONCILE_SETTINGS) private readonly settings: ReconcileSettings,
  ) {}

  /** Writes nothing. Throws `unknown-person`, and `not-judged` for a person without a judgement when no day is given. */
  async explain(request: ExplainRequest): Promise<PersonExplanation> {
    return this.database.inTenant(request.tenantId, async (em) => {
      const person = await this.readPerson(em, request);
      const judged = await readJudgedRun(em, request.tenantId, request.personId);
      const asOf = request.asOf ?? judged?.asOf;
      if (asOf === undefined) throw notJudged(request);
      const rules = this.settings.tenantRules(request.tenantId);
      const sources = new SourceStates({
        streams: await readCompleteness(em, request.tenantId),
        setAside: await countQuarantine(em, request.tenantId),
        connections: rules.connections,
        runStartedAt: judged?.startedAt ?? new Date(0),
      });
      return explainJudgement(person, frameOf({ asOf, rules, sources }), request.month);
    });
  }

  private async readPerson(
    em: EntityManager,
    { tenantId, personId }: ExplainRequest,
  ): Promise<Parameters<typeof explainJudgement>[0]> {
    const person = (await readPersons(em, tenantId, [personId])).get(personId);
    if (person === undefined) {
      throw new HubError({
        code: 'unknown-person',
        next: 'fix-config',
        message: `Tenant ${tenantId} has no person ${personId}; expected an id that a list of this tenant shows.`,
        detail: { tenantId, personId },
      });
    }
    const records = await readPersonRecords(em, tenantId, [personId]);
    return { personId, frozen: person.frozenReason !== null, records: records.get(personId) ?? [] };
  }
}

function notJudged({ tenantId, personId }: ExplainRequest): HubError {
  return new HubError({
    code: 'not-judged',
    next: 'fix-config',
    message: `Person ${personId} of tenant ${tenantId} was never judged; run a reconciliation first, or give the day to judge by.`,
    detail: { tenantId, personId },
  });
}
