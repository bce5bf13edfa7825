/** What the hub holds of one back-payment case, gathered for an auditor; that it was taken is itself an audit event. */
import type { EntityManager } from 'typeorm';
import {
  type ApprovalView,
  type ConfirmationView,
  readApprovals,
  readConfirmations,
} from '../../backpay/case-signatures.reader.js';
import { type ReceiptView, readReceipts } from '../../backpay/case-tasks.reader.js';
import { type CaseEventView, type CaseView, readCase, readCaseHistory } from '../../backpay/cases.reader.js';
import { HubError } from '../../domain/hub-error.js';
import { maskIdentities } from '../../domain/mask-identities.js';
import type { Day } from '../../domain/month.js';
import { appendAuditEvent } from '../../platform/audit/append-audit-event.js';
import { type AuditLink, readAuditLinks } from '../../platform/audit/audit-events.reader.js';
import { type KeptHead, writeHead } from '../../platform/audit/kept-head.js';
import type { Clock } from '../../platform/clock/clock.js';
import { canonicalJson } from '../../platform/crypto/canonical-hash.js';
import type { Database } from '../../platform/database/database.js';
import {
  type OperationEvent,
  type OperationOfCase,
  readOperationHistory,
  readOperationsOfCase,
} from '../../push/operations.reader.js';
import { programVersion } from '../program-version.js';

/** More than any case has; beyond it evidence is refused, never cut. */
const MOST_ROWS = 1000;

/** Whether an identity number was masked in it, so that its hash cannot be computed again from the archive. */
type Maskable<T> = T & { readonly masked: boolean };

export interface CaseEvidence {
  readonly format: 'buduan-case-evidence/1';
  readonly taken: { readonly at: Date; readonly by: string; readonly onDay: Day; readonly program: string };
  readonly tenant: { readonly id: string; readonly name: string };
  /** With lines, content, advice and the hash that was signed. */
  readonly case: CaseView;
  readonly history: readonly CaseEventView[];
  readonly confirmations: readonly Maskable<ConfirmationView>[];
  readonly approvals: readonly ApprovalView[];
  /** The papers stay in the hub; these hashes prove which they are. */
  readonly receipts: readonly ReceiptView[];
  readonly operations: readonly Maskable<OperationOfCase & { readonly events: readonly OperationEvent[] }>[];
  readonly result: CaseResult;
  readonly audit: { readonly events: readonly Maskable<AuditLink>[]; readonly head: KeptHead };
}

export interface CaseResult {
  readonly state: CaseView['state'];
  readonly submittedOn: Day | null;
  /** Numbers under which bureau or agency took it. */
  readonly remoteRefs: readonly string[];
  /** The day on which the bureau's own books showed the months; null = not (or no longer). */
  readonly verifiedOn: Day | null;
  readonly lines: readonly { readonly insurance: string; readonly month: string; readonly state: string }[];
}

export interface EvidenceRequest {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly caseId: string;
  readonly today: Day;
  /** Who takes it. */
  readonly by: string;
}

export interface EvidenceTools {
  readonly database: Database;
  readonly clock: Clock;
}

/** Its audit event is committed before anything is handed out; null = the tenant has no such case. */
export async function takeEvidence(tools: EvidenceTools, request: EvidenceRequest): Promise<CaseEvidence | null> {
  const { tenant, caseId } = request;
  const { database } = tools;
  const gathered = await database.inTenant(tenant.id, (em) => gather(em, tools.clock, request));
  if (gathered === null) return null;
  const { head, ...evidence } = gathered;
  const objects = objectsOf(evidence);
  const asked = { tenantId: tenant.id, objects, upTo: head.eventNo, limit: MOST_ROWS };
  // Apart, because it may take long and nobody may wait for it; up to the head nothing of the trail changes any more.
  const links = whole(await database.inTenant(tenant.id, (em) => readAuditLinks(em, asked)), caseId);
  return { ...evidence, audit: { events: links.map(maskedOne), head } };
}

/** The case, the pages on which it was answered, and its operations where somebody decided about one alone. */
function objectsOf({ case: { caseId }, confirmations, operations }: Omit<Gathered, 'head'>): readonly string[] {
  const links = confirmations.flatMap(({ evidence: { link } }) =>
    link === undefined ? [] : [`employee-link/${link}`],
  );
  return [`case/${caseId}`, ...links, ...operations.map(({ operationId }) => `operations:${operationId}`)];
}

type Gathered = Omit<CaseEvidence, 'audit'> & { readonly head: KeptHead };

async function gather(em: EntityManager, clock: Clock, request: EvidenceRequest): Promise<Gathered | null> {
  const { tenant, caseId, today, by } = request;
  const asked = { tenantId: tenant.id, caseId, today };
  const found = await readCase(em, asked);
  if (found === null) return null;
  // First, unlike elsewhere: whoever moves a case needs the lock of the trail, so nothing moves between the reads below.
  const head = await appendAuditEvent(em, {
    ...{ tenantId: tenant.id, actor: by, action: 'case.evidence', object: `case/${caseId}` },
    detail: { state: found.state, round: found.round, hash: found.hash },
  });
  const view = (await readCase(em, asked)) ?? found;
  const at = clock.now();
  const rows = { ...asked, limit: MOST_ROWS };
  const history = whole(await readCaseHistory(em, tenant.id, caseId), caseId);
  const operations = await operationsOf(em, rows);
  return {
    format: 'buduan-case-evidence/1',
    taken: { at, by, onDay: today, program: `buduan ${programVersion()}` },
    tenant: { id: tenant.id, name: tenant.name },
    case: maskIdentities(view),
    history: maskIdentities(history),
    confirmations: whole(await readConfirmations(em, rows), caseId).map(maskedOne),
    approvals: maskIdentities(whole(await readApprovals(em, rows), caseId)),
    receipts: maskIdentities(whole(await readReceipts(em, rows), caseId)),
    operations,
    result: maskIdentities(resultOf(view, history, operations)),
    head: writeHead(head, { tenant: tenant.id, at }),
  };
}

async function operationsOf(
  em: EntityManager,
  rows: { readonly tenantId: string; readonly caseId: string; readonly limit: number },
): Promise<CaseEvidence['operations']> {
  const told = [];
  for (const operation of whole(await readOperationsOfCase(em, rows), rows.caseId)) {
    const events = whole(await readOperationHistory(em, rows.tenantId, operation.operationId), rows.caseId);
    told.push(maskedOne({ ...operation, events }));
  }
  return told;
}

function resultOf(
  view: CaseView,
  history: readonly CaseEventView[],
  operations: CaseEvidence['operations'],
): CaseResult {
  const refs = [view.remoteRef, ...operations.map(({ remoteRef }) => remoteRef)].filter((ref) => ref !== null);
  const isVerified = view.state === 'verified' || view.state === 'closed';
  return {
    ...{ state: view.state, submittedOn: view.submittedOn, remoteRefs: [...new Set(refs)] },
    verifiedOn: isVerified ? (history.findLast(({ to }) => to === 'verified')?.onDay ?? null) : null,
    lines: view.lines.map(({ insurance, month, state }) => ({ insurance, month, state })),
  };
}

function maskedOne<T extends object>(row: T): Maskable<T> {
  const after = maskIdentities(row);
  return { ...after, masked: canonicalJson(plain(row)) !== canonicalJson(plain(after)) };
}

function plain(row: object): unknown {
  return JSON.parse(JSON.stringify(row));
}

function whole<T>(rows: readonly T[], caseId: string): readonly T[] {
  if (rows.length < MOST_ROWS) return rows;
  throw new HubError({
    code: 'evidence-too-large',
    next: 'bug',
    message: `Case ${caseId} has ${MOST_ROWS} rows of one kind or more; expected fewer. Nothing is left out of evidence, so none was made.`,
    detail: { caseId },
  });
}
