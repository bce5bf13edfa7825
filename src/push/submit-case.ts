/** How an approved case becomes one operation (or one per line where the channel wants that), bound to exactly what was approved. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { readApprovedCase, type ApprovedCase } from '../backpay/cases.reader.js';
import type { Json } from '../connectors/port.js';
import { ConnectionRegistry } from '../connectors/registry.js';
import type { CaseApproved, CaseReopened, CaseVerified, OperationSettled } from '../domain/facts.js';
import { hashOf } from '../platform/crypto/canonical-hash.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { readOwners } from '../sync/persons.reader.js';
import {
  closeRounds,
  insertCaseOperations,
  verifyCaseOperations,
  type CaseOperation,
} from './case-operations.store.js';
import { dueKey } from './plan-operations.js';
import { PUSH_SETTINGS, type PushSettings } from './push-settings.js';

@Injectable()
export class SubmitCase {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(ConnectionRegistry) private readonly registry: ConnectionRegistry,
    @Inject(PUSH_SETTINGS) private readonly settings: Pick<PushSettings, 'clock'>,
  ) {}

  /**
   * Safe to repeat: the business key is the case's own, so a second call makes no second operation. Nothing is made while
   * something of a former round may still arrive: that is told as unknown, and looked at again.
   */
  async onCaseApproved(fact: CaseApproved): Promise<void> {
    await this.database.inTenant(fact.tenantId, async (em) => {
      const approved = await readApprovedCase(em, fact.tenantId, fact.caseId);
      if (approved === null || approved.hash !== fact.hash) return;
      const { personId, round } = approved;
      const former = { tenantId: fact.tenantId, caseId: fact.caseId, personId, round: round - 1 };
      if (!(await closeRounds(em, former, REOPENED))) {
        await this.tell(em, fact, { round, state: 'unknown', code: 'former-round-open' });
        await this.jobs.post(em, fact, { runAt: this.soon() });
        return;
      }
      const { connectionId } = approved.content;
      const refusal =
        connectionId === null
          ? 'no-connection'
          : await this.insert(em, approved, { tenantId: fact.tenantId, connectionId });
      if (refusal !== null) await this.tell(em, fact, { round, state: 'rejected', code: refusal });
      else if (connectionId !== null) {
        const due = { fact: 'OperationsDue', tenantId: fact.tenantId, connectionId } as const;
        await this.jobs.post(em, due, dueKey(fact.tenantId, connectionId));
      }
    });
  }

  /** What the ledger still holds open of a case that the bureau shows as paid has arrived, whatever its reply was. */
  async onCaseVerified(fact: CaseVerified): Promise<void> {
    await this.database.inTenant(fact.tenantId, (em) => verifyCaseOperations(em, fact));
  }

  /** Safe to repeat. What is on its way, or whose outcome is unknown, ends by the push protocol first and is looked at again. */
  async onCaseReopened(fact: CaseReopened): Promise<void> {
    await this.database.inTenant(fact.tenantId, async (em) => {
      if (!(await closeRounds(em, fact, REOPENED))) await this.jobs.post(em, fact, { runAt: this.soon() });
    });
  }

  private soon(): Date {
    return new Date(this.settings.clock.now().getTime() + AGAIN_MS);
  }

  private async insert(
    em: EntityManager,
    approved: ApprovedCase,
    { tenantId, connectionId }: { readonly tenantId: string; readonly connectionId: string },
  ): Promise<string | null> {
    const write = this.registry
      .all(tenantId)
      .find((each) => each.connectionId === connectionId)
      ?.declaration.writes.find(({ kind }) => kind === 'back-payment');
    if (write === undefined) return 'write-not-declared';
    const owners = await readOwners(em, tenantId, approved.personId);
    const owner = owners.find((each) => each.connectionId === connectionId);
    if (owner === undefined) return 'not-known-there';
    const operations = operationsOf(approved, write.perLine === true).map((operation) => ({
      ...operation,
      payloadHash: hashOf({
        ...{ connection: connectionId, kind: 'back-payment', owner: owner.ownerKey },
        ...{ object: operation.objectKey, desired: operation.desired, approved: approved.hash },
      }).toString('hex'),
    }));
    const at = { tenantId, connectionId, ownerKey: owner.ownerKey };
    await insertCaseOperations(em, { ...at, ...approved }, operations);
    return null;
  }

  private async tell(
    em: EntityManager,
    { tenantId, caseId }: CaseApproved,
    told: Pick<OperationSettled, 'round' | 'state' | 'code'>,
  ): Promise<void> {
    const nothing = { reason: null, remoteRef: null, refused: [] };
    await this.jobs.post(em, { fact: 'OperationSettled', tenantId, caseId, ...told, ...nothing });
  }
}

/** What the ledger says of operations of a former round. */
const REOPENED = 'the case was reopened';
const AGAIN_MS = 60_000;

type Unhashed = Omit<CaseOperation, 'payloadHash'>;

function operationsOf({ caseId, content, round }: ApprovedCase, perLine: boolean): readonly Unhashed[] {
  const { region, lines } = content;
  const lineValues = lines.map(({ lateFeeFen: _, ...line }) => line);
  if (perLine)
    return lineValues.map((line) => ({
      objectKey: `${caseId}:${line.insurance}:${line.month}`,
      businessKey: `case:${caseId}:${round}:${line.insurance}:${line.month}`,
      desired: {
        ...{ caseId, region, ...line, effectiveMonth: line.month, amountFen: line.employeeFen + line.employerFen },
        ...{ insurances: [line.insurance], months: [line.month], lines: [line] },
      },
    }));
  const [first] = lines;
  const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const desired: Record<string, Json> = {
    ...{ caseId, region, lines: lineValues },
    insurances: unique(lines.map(({ insurance }) => insurance)),
    months: unique(lines.map(({ month }) => month)),
    // Only where one value speaks for the whole case.
    ...(first !== undefined && unique(lines.map(({ baseFen }) => baseFen)).length === 1
      ? { baseFen: first.baseFen }
      : {}),
    employeeFen: sum(lines.map(({ employeeFen }) => employeeFen)),
    employerFen: sum(lines.map(({ employerFen }) => employerFen)),
    amountFen: sum(lines.map(({ employeeFen, employerFen }) => employeeFen + employerFen)),
  };
  return [{ objectKey: caseId, businessKey: `case:${caseId}:${round}`, desired }];
}
