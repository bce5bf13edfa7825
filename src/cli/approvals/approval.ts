/** What waits for a second person, whatever it is: its id, what would happen, since when, until when, the hash, and who made it. */
import type { AwaitingCase } from '../../backpay/awaiting-cases.reader.js';
import { fen, formatYuan } from '../../domain/fen.js';
import type { Day } from '../../domain/month.js';
import { isUuid } from '../../domain/uuid.js';
import type { EditionView } from '../../policy/packs/editions.reader.js';
import type { AwaitingOperation, AwaitingPlan } from '../../push/awaiting.reader.js';

export const APPROVAL_KINDS = ['plan', 'operation', 'case', 'policy-edition'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export interface Approval {
  /** `kind:id`. */
  readonly id: string;
  readonly kind: ApprovalKind;
  readonly what: { readonly zh: string; readonly en: string };
  readonly since: Date;
  /** The last day; null = no limit is known. */
  readonly deadline: Day | null;
  /** Hex; of exactly what would happen. */
  readonly hash: string;
  /** Who may not approve it: who started, prepared, asked, confirmed or fetched it. Written otherwise it is the same name. */
  readonly makers: readonly string[];
  /** Figures that nobody confirmed: an approval says that they were looked at. */
  readonly unverified: readonly string[];
  /** Whether it can be approved at this moment, and whether it can be rejected at all. */
  readonly canApprove: boolean;
  readonly canReject: boolean;
}

export interface ApprovalId {
  readonly kind: ApprovalKind;
  /** A uuid, or the version of an edition. */
  readonly key: string;
}

/** null = no id of this form. */
export function parseApprovalId(text: string): ApprovalId | null {
  const at = text.indexOf(':');
  const kind = APPROVAL_KINDS.find((each) => each === text.slice(0, at));
  const key = text.slice(at + 1).toLowerCase();
  if (kind === undefined) return null;
  const isKey = kind === 'policy-edition' ? /^\d{4}\.\d{1,2}\.\d{1,6}$/.test(key) : isUuid(key);
  return isKey ? { kind, key } : null;
}

export function approvalOfPlan(plan: AwaitingPlan): Approval {
  const { id, since, hash, startedBy, reasons, held, persons } = plan;
  const count = persons === null ? '' : ` (${persons} persons)`;
  return {
    ...{ id: `plan:${id}`, kind: 'plan', since, deadline: null, hash, makers: namesOf(startedBy), unverified: [] },
    ...{ canApprove: true, canReject: true },
    what: {
      zh: `被刹车拦下的更正计划（${reasons.join('、')}）：${held} 项${persons === null ? '' : `，${persons} 人`}`,
      en: `${held} corrections held by a brake: ${reasons.join(', ')}${count}`,
    },
  };
}

export function approvalOfOperation(operation: AwaitingOperation): Approval {
  const { id, since, hash, startedBy, connectionId, kind, idMasked } = operation;
  return {
    ...{ id: `operation:${id}`, kind: 'operation', since, deadline: null, hash },
    ...{ makers: namesOf(startedBy), unverified: [], canApprove: true, canReject: true },
    what: {
      zh: `涉及资金的操作：${kind}，发往 ${connectionId}，${idMasked}`,
      en: `An operation that moves money: ${kind} to ${connectionId}, ${idMasked}`,
    },
  };
}

export function approvalOfCase(found: AwaitingCase): Approval {
  const { id, state, since, deadline, hash, idMasked, months, employeeFen, employerFen, doubtful } = found;
  const amount = formatYuan(fen((employeeFen ?? 0) + (employerFen ?? 0)));
  return {
    ...{ id: `case:${id}`, kind: 'case', since, deadline, hash, unverified: doubtful },
    makers: namesOf(found.proposedBy, found.requestedBy, found.confirmedBy),
    ...{ canApprove: state === 'awaiting-approval', canReject: state === 'awaiting-approval' },
    what: {
      zh: `补缴：${idMasked}，${months.join(' ')}，共 ${amount} 元`,
      en: `Back-payment: ${idMasked}, ${months.join(' ')}, ${amount} yuan in all`,
    },
  };
}

export function approvalOfEdition({ version, contentHash, pulledBy, pulledAt, source }: EditionView): Approval {
  return {
    ...{ id: `policy-edition:${version}`, kind: 'policy-edition', since: pulledAt, deadline: null, hash: contentHash },
    // An edition that nobody approves just never counts.
    ...{ makers: namesOf(pulledBy), unverified: [], canApprove: true, canReject: false },
    what: { zh: `政策版本 ${version}（来自 ${source}）`, en: `Edition ${version} of the policy, from ${source}` },
  };
}

/** People, each once; what the hub did by itself was nobody's making. */
function namesOf(...names: readonly (string | null)[]): readonly string[] {
  return [...new Set(names)].filter((name): name is string => name !== null && name !== 'hub');
}
