/** What a case of an employment would be today: its months, amounts, way and last day, or why there can be none yet. Pure. */
import type { Day } from '../domain/month.js';
import { hashOf } from '../platform/crypto/canonical-hash.js';
import { type BackPaymentAdvice, adviseBackPayment } from '../policy/back-payment.js';
import type { EmploymentInputs } from '../reconcile/back-payment.reader.js';
import {
  type CaseContent,
  type ChannelConnection,
  type Route,
  contentHash,
  inputsHash,
  linesOf,
  routeOf,
} from './case-content.js';
import type { CaseAdvice, CellKey, LineRow } from './case.store.js';

export interface Draft {
  /** `ready`: may be asked about. `refused`: no channel takes it, and the advice says why. `unknown`: a figure or rule is missing. */
  readonly verdict: 'ready' | 'refused' | 'unknown';
  readonly employmentId: string;
  readonly content: CaseContent | null;
  readonly contentHash: string | null;
  readonly inputsHash: string;
  readonly advice: CaseAdvice;
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  readonly lines: readonly LineRow[];
}

export interface DraftRequest {
  readonly personId: string;
  readonly connections: readonly ChannelConnection[];
  /** Only these; null = all that lack money. */
  readonly only: readonly CellKey[] | null;
  /** Months that other cases hold. */
  readonly taken: readonly CellKey[];
}

/** null = no month is left that lacks money. */
export function draftCase(
  { employmentId, payingParty, question, gaps: lacking }: EmploymentInputs,
  request: DraftRequest,
): Draft | null {
  const gaps = lacking.filter(
    (gap) => !includes(request.taken, gap) && (request.only === null || includes(request.only, gap)),
  );
  if (gaps.length === 0) return null;
  const advice = adviseBackPayment({ ...question, gaps });
  const route = routeOf(advice, request.connections, payingParty);
  const lines = linesOf(advice);
  const base = {
    employmentId,
    advice: adviceOf(advice),
    firstDay: route?.firstDay ?? null,
    lastDay: route?.lastDay ?? advice.lastDay,
  };
  if (route === null || lines === null) {
    const open = { employmentId, region: advice.region, gaps, missing: advice.missing, verdict: advice.verdict };
    return {
      ...base,
      verdict: route === null && advice.verdict === 'refused' ? 'refused' : 'unknown',
      content: null,
      contentHash: null,
      inputsHash: hashOf({ ...open, policyVersion: advice.policyVersion }).toString('hex'),
      lines: gaps.map((gap) => ({ ...gap, baseFen: null, employeeFen: null, employerFen: null, lateFeeFen: null })),
    };
  }
  const content = contentOf(advice, route, { personId: request.personId, employmentId, lines });
  return {
    ...base,
    verdict: 'ready',
    content,
    contentHash: contentHash(content),
    inputsHash: inputsHash(content),
    lines,
  };
}

function contentOf(
  advice: BackPaymentAdvice,
  { channel, connectionId }: Route,
  of: Pick<CaseContent, 'personId' | 'employmentId' | 'lines'>,
): CaseContent {
  const { region, policyVersion, asOf: lateFeeOn } = advice;
  return { ...of, region, channel, connectionId, policyVersion, lateFeeOn };
}

function includes(cells: readonly CellKey[], cell: CellKey): boolean {
  return cells.some(({ insurance, month }) => insurance === cell.insurance && month === cell.month);
}

/** Keys are named once; figures that nobody confirmed are named with their value, so that who approves sees them. */
function adviceOf({ verdict, text, missing, doubtful, channels }: BackPaymentAdvice): CaseAdvice {
  const limits = channels.flatMap(({ reasons }) =>
    reasons.flatMap((reason) => (reason.code === 'limit-unknown' ? [reason.key] : [])),
  );
  return {
    verdict,
    text: { zh: text.zh, en: text.en },
    missing: [...new Set([...missing, ...(verdict === 'unknown' ? limits : [])])],
    doubtful: doubtful.map((figure) => `${figure.insurance}.${figure.parameter}=${figure.value} (${figure.status})`),
  };
}
