/** Everything of a tenant that waits for a second person, the longest wait first; and one of it with all that is to be looked at. */
import type { EntityManager } from 'typeorm';
import { awaitingCases } from '../../backpay/awaiting-cases.reader.js';
import { type CaseView, readCase } from '../../backpay/cases.reader.js';
import { compareText } from '../../domain/compare-text.js';
import type { Day } from '../../domain/month.js';
import type { AwaitingFilter } from '../../platform/database/awaiting-page.js';
import { type EditionView, readEditions } from '../../policy/packs/editions.reader.js';
import { compareVersions } from '../../policy/packs/pack-version.js';
import { type AwaitingOperation, awaitingOperations, awaitingPlans } from '../../push/awaiting.reader.js';
import { type PlanView, type PlannedChange, listPlannedChanges, readPlan } from '../../push/plans.reader.js';
import {
  type Approval,
  type ApprovalId,
  type ApprovalKind,
  approvalOfCase,
  approvalOfEdition,
  approvalOfOperation,
  approvalOfPlan,
} from './approval.js';

export interface ApprovalsFilter {
  readonly tenantId: string;
  /** The edition the tenant works by now. */
  readonly policyVersion: string;
  /** Absent = every kind. */
  readonly kind?: ApprovalKind;
  /** `next` of the page before. */
  readonly after?: string;
  /** 1–500. */
  readonly limit: number;
}

export interface ApprovalsPage {
  readonly approvals: readonly Approval[];
  /** null = there is no further page. */
  readonly next: string | null;
}

/** In order of waiting, then id. What comes to wait later stands behind, so pages neither skip nor repeat. */
export async function listApprovals(em: EntityManager, filter: ApprovalsFilter): Promise<ApprovalsPage> {
  const after = filter.after === undefined ? null : parseCursor(filter.after);
  const all: Approval[] = [];
  for (const kind of KINDS) {
    if (filter.kind !== undefined && filter.kind !== kind) continue;
    // Of one instant whole kinds stand behind each other, in the order of their names.
    const place = after === null ? null : { since: after.since, id: placeIn(kind, after) };
    all.push(...(await READ[kind](em, { ...filter, after: place, limit: filter.limit + 1, id: null })));
  }
  all.sort((a, b) => a.since.getTime() - b.since.getTime() || compareText(a.id, b.id));
  const approvals = all.slice(0, filter.limit);
  const last = approvals.at(-1);
  return { approvals, next: all.length > filter.limit && last !== undefined ? cursorOf(last) : null };
}

/** What is to be looked at before deciding, by kind. */
export type ApprovalShown = Approval & {
  readonly plan?: { readonly plan: PlanView; readonly changes: readonly PlannedChange[] };
  readonly operation?: AwaitingOperation;
  readonly case?: CaseView;
  readonly edition?: EditionView;
};

const SHOWN_CHANGES = 200;

export interface ApprovalAsked extends Pick<ApprovalsFilter, 'tenantId' | 'policyVersion'> {
  readonly of: ApprovalId;
  readonly today: Day;
}

/** null = the tenant has no such thing, or it does not wait any more. */
export async function readApproval(em: EntityManager, asked: ApprovalAsked): Promise<ApprovalShown | null> {
  const { tenantId, of, today } = asked;
  const one = { ...asked, after: null, limit: 1, id: of.key };
  const [approval] = await READ[of.kind](em, one);
  if (approval === undefined) return null;
  switch (of.kind) {
    case 'plan': {
      const plan = await readPlan(em, tenantId, of.key);
      const changes = await listPlannedChanges(em, { tenantId, planId: of.key, limit: SHOWN_CHANGES });
      return plan === null ? null : { ...approval, plan: { plan, changes } };
    }
    case 'operation': {
      const [operation] = await awaitingOperations(em, one);
      return operation === undefined ? null : { ...approval, operation };
    }
    case 'case': {
      const found = await readCase(em, { tenantId, caseId: of.key, today });
      return found === null ? null : { ...approval, case: found };
    }
    case 'policy-edition': {
      const edition = (await readEditions(em, tenantId)).find(({ version }) => version === of.key);
      return edition === undefined ? null : { ...approval, edition };
    }
  }
}

type Filter = AwaitingFilter & Pick<ApprovalsFilter, 'policyVersion'>;

/** In the order of their names, which is the order of ids of one instant. */
const KINDS = ['case', 'operation', 'plan', 'policy-edition'] as const satisfies readonly ApprovalKind[];

const READ: Readonly<Record<ApprovalKind, (em: EntityManager, filter: Filter) => Promise<readonly Approval[]>>> = {
  case: async (em, filter) => (await awaitingCases(em, filter)).map(approvalOfCase),
  operation: async (em, filter) => (await awaitingOperations(em, filter)).map(approvalOfOperation),
  plan: async (em, filter) => (await awaitingPlans(em, filter)).map(approvalOfPlan),
  'policy-edition': awaitingEditions,
};

/** Taken in, newer than the one that counts, and never approved for this tenant. */
async function awaitingEditions(em: EntityManager, filter: Filter): Promise<readonly Approval[]> {
  const { tenantId, policyVersion, after, limit, id } = filter;
  return (await readEditions(em, tenantId))
    .filter(({ version, approvedBy }) => approvedBy === null && compareVersions(version, policyVersion) > 0)
    .filter(({ version }) => id === null || version === id)
    .filter(({ version, pulledAt }) => {
      const behindMs = after === null ? 1 : pulledAt.getTime() - after.since.getTime();
      return behindMs > 0 || (behindMs === 0 && version > (after?.id ?? ''));
    })
    .sort((a, b) => a.pulledAt.getTime() - b.pulledAt.getTime() || compareText(a.version, b.version))
    .slice(0, limit)
    .map(approvalOfEdition);
}

interface Cursor {
  readonly since: Date;
  readonly kind: ApprovalKind;
  readonly key: string;
}

function cursorOf({ since, id }: Approval): string {
  return `${since.toISOString()}~${id}`;
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(case|operation|plan|policy-edition):([0-9a-z.-]{1,60})$/;

export function isCursor(text: string): boolean {
  return CURSOR.test(text);
}

/** What is no cursor is the beginning. */
function parseCursor(text: string): Cursor | null {
  const [, since, kind, key] = CURSOR.exec(text) ?? [];
  const known = KINDS.find((each) => each === kind);
  return since === undefined || known === undefined || key === undefined
    ? null
    : { since: new Date(since), kind: known, key };
}

/** Smaller than every id for kinds that stand behind the cursor's, larger than every id for those before. */
function placeIn(kind: ApprovalKind, { kind: at, key }: Cursor): string {
  if (kind === at) return key;
  return kind < at ? '~' : '';
}
