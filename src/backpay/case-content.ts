/** What exactly a case would send, and the hashes that a confirmation and an approval sign. Pure. */
import { compareText } from '../domain/compare-text.js';
import { type Fen, ZERO_FEN, addFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { hashOf } from '../platform/crypto/canonical-hash.js';
import type { BackPaymentAdvice } from '../policy/back-payment.js';
import type { ChannelAdvice } from '../policy/back-payment-channels.js';

export type CaseChannel = ChannelAdvice['channel'];

/** One month of one insurance, with both sides. The late fee is what would be charged on `CaseContent.lateFeeOn`. */
export interface CaseLine {
  readonly insurance: Insurance;
  readonly month: Month;
  readonly baseFen: Fen;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  /** null = no source gives its rule; the bureau computes it when it takes the money. */
  readonly lateFeeFen: Fen | null;
}

/** What is signed. Everything that leaves for the bureau or the agency is in here, and nothing else is. */
export interface CaseContent {
  readonly personId: string;
  readonly employmentId: string;
  readonly region: RegionCode;
  readonly channel: CaseChannel;
  /** Through which connection it leaves; null = a person carries it there. */
  readonly connectionId: string | null;
  readonly policyVersion: string;
  readonly lateFeeOn: Day;
  /** By month, then insurance. */
  readonly lines: readonly CaseLine[];
}

/** Signed by employee and approver: 64 hex digits. */
export function contentHash(content: CaseContent): string {
  return hashOf(content).toString('hex');
}

/**
 * The same without the late fee, which grows every day by itself: an estimate that was signed stays signed until something
 * else changes.
 */
export function inputsHash({ lateFeeOn: _, lines, ...rest }: CaseContent): string {
  return hashOf({ ...rest, lines: lines.map(({ lateFeeFen: __, ...line }) => line) }).toString('hex');
}

export interface CaseTotals {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  /** null as soon as that of one line is unknown. */
  readonly lateFeeFen: Fen | null;
}

export function totalsOf(lines: readonly CaseLine[]): CaseTotals {
  const fees = lines.map(({ lateFeeFen }) => lateFeeFen);
  return {
    employeeFen: addFen(ZERO_FEN, ...lines.map(({ employeeFen }) => employeeFen)),
    employerFen: addFen(ZERO_FEN, ...lines.map(({ employerFen }) => employerFen)),
    lateFeeFen: fees.includes(null) ? null : addFen(ZERO_FEN, ...fees.filter((fee) => fee !== null)),
  };
}

/** A connection that takes applications, by the channel it stands for. */
export interface ChannelConnection {
  readonly connectionId: string;
  readonly channel: 'online' | 'agency';
}

export interface Route {
  readonly channel: CaseChannel;
  readonly connectionId: string | null;
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
}

/**
 * The way an application takes: of the channels that accept, one with a connection before one without; the agency first for
 * whom an agency pays, else the bureau. null = no channel accepts.
 */
export function routeOf(
  advice: Pick<BackPaymentAdvice, 'channels'>,
  connections: readonly ChannelConnection[],
  payingParty: 'self' | 'agency' | null,
): Route | null {
  const order: readonly CaseChannel[] =
    payingParty === 'agency' ? ['agency', 'online', 'counter'] : ['online', 'agency', 'counter'];
  const open = order.flatMap((name) =>
    advice.channels.filter(({ channel, verdict }) => channel === name && verdict === 'eligible'),
  );
  const connectionFor = (channel: CaseChannel): string | null =>
    connections.find((each) => each.channel === channel)?.connectionId ?? null;
  const chosen = open.find(({ channel }) => connectionFor(channel) !== null) ?? open[0];
  if (chosen === undefined) return null;
  const { channel, firstDay, lastDay } = chosen;
  return { channel, connectionId: connectionFor(channel), firstDay, lastDay };
}

/** The lines of an advice; null as soon as a base or an amount is unknown: nothing is asked of anybody then. */
export function linesOf(advice: Pick<BackPaymentAdvice, 'cells'>): readonly CaseLine[] | null {
  const lines: CaseLine[] = [];
  for (const { month, insurance, baseFen, employee, employer, lateFee } of advice.cells) {
    if (baseFen === null || !employee.known || !employer.known) return null;
    const lateFeeFen = lateFee.known ? lateFee.fen : null;
    lines.push({ insurance, month, baseFen, employeeFen: employee.fen, employerFen: employer.fen, lateFeeFen });
  }
  return lines.sort((a, b) => compareText(a.month, b.month) || compareText(a.insurance, b.insurance));
}
