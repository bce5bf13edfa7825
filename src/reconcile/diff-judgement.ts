/** What changes in the database when a person is judged again: nothing, where nothing changed. */
import type { PersonItem } from '../domain/records.js';
import { BILL_SITUATIONS } from '../domain/situation.js';
import { canonicalJson } from '../platform/crypto/canonical-hash.js';
import { findingKey, type JudgedFinding } from './group-findings.js';
import type { Judgement } from './judge-person.js';
import type { CorrectionValues, PlannedCorrection } from './plan-corrections.js';
import type { FactsByStream } from './person-facts.js';
import type { CorrectionKind } from './reconcile-settings.js';

/** An open finding as stored. */
export interface OpenFinding {
  readonly findingId: string;
  readonly personId: string;
  readonly employmentId: string;
  readonly insurance: string;
  readonly situation: JudgedFinding['situation'];
  readonly months: readonly string[];
  readonly detail: unknown;
}

/** A correction as stored; the hash in hex. */
export interface StoredCorrection {
  readonly personId: string;
  readonly connectionId: string;
  readonly kind: CorrectionKind;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly desired: CorrectionValues;
  readonly seen: unknown;
  readonly reason: unknown;
  readonly payloadHash: string;
}

export interface FindingChanges {
  readonly opened: readonly JudgedFinding[];
  readonly updated: readonly { readonly findingId: string; readonly finding: JudgedFinding }[];
  readonly closedIds: readonly string[];
}

export interface CorrectionChanges {
  readonly written: readonly PlannedCorrection[];
  readonly deleted: readonly StoredCorrection[];
}

const NO_FINDING_CHANGES: FindingChanges = { opened: [], updated: [], closedIds: [] };

/** A finding closes only because its months were judged and show it no more; a month that could not be told keeps it open. */
export function diffFindings(stored: readonly OpenFinding[], judged: Judgement): FindingChanges {
  const found = judged.outcome === 'judged' ? judged.findings : [];
  if (judged.outcome === 'inconclusive' || (stored.length === 0 && found.length === 0)) return NO_FINDING_CHANGES;
  const open = new Map(
    stored.map((finding) => [
      findingKey(finding as Pick<JudgedFinding, 'employmentId' | 'insurance' | 'situation'>),
      finding,
    ]),
  );
  const opened: JudgedFinding[] = [];
  const updated: { findingId: string; finding: JudgedFinding }[] = [];
  for (const finding of found) {
    const key = findingKey(finding);
    const known = open.get(key);
    open.delete(key);
    if (known === undefined) opened.push(finding);
    else if (!isSameFinding(known, finding)) updated.push({ findingId: known.findingId, finding });
  }
  const closedIds = [...open.values()]
    .filter((finding) => !isUntold(finding, judged))
    .map((finding) => finding.findingId);
  return { opened, updated, closedIds };
}

function isSameFinding(stored: OpenFinding, judged: JudgedFinding): boolean {
  return stored.months.join() === judged.months.join() && canonicalJson(stored.detail) === canonicalJson(judged.detail);
}

function isUntold(finding: OpenFinding, judged: Judgement): boolean {
  const isAboutBill = BILL_SITUATIONS.some((situation) => situation === finding.situation);
  if (isAboutBill) return judged.outcome === 'judged' && !judged.areBillsTold;
  return judged.cells.some(
    (cell) =>
      cell.situation === 'inconclusive' &&
      cell.employmentId === finding.employmentId &&
      cell.insurance === finding.insurance &&
      finding.months.includes(cell.month),
  );
}

/**
 * `facts` are asked only where nothing could be concluded: then a correction goes when its target shows the value or lists
 * the person no more, or when the person is frozen.
 */
export function diffCorrections(
  stored: readonly StoredCorrection[],
  judged: Judgement,
  facts: () => FactsByStream,
): CorrectionChanges {
  if (judged.outcome === 'unnamed') return { written: [], deleted: stored };
  if (judged.outcome === 'inconclusive') {
    return {
      written: [],
      deleted: stored.length === 0 || judged.frozen ? stored : settledCorrections(stored, facts()),
    };
  }
  if (stored.length === 0) return { written: judged.corrections, deleted: [] };
  const known = new Map(stored.map((correction) => [correctionKey(correction), correction]));
  const written = judged.corrections.filter((correction) => {
    const key = correctionKey(correction);
    const former = known.get(key);
    known.delete(key);
    return former === undefined || !isSameCorrection(former, correction);
  });
  return { written, deleted: [...known.values()] };
}

function correctionKey({
  connectionId,
  kind,
  ownerKey,
  objectKey,
}: Pick<StoredCorrection, 'connectionId' | 'kind' | 'ownerKey' | 'objectKey'>): string {
  return `${connectionId}\n${kind}\n${ownerKey}\n${objectKey}`;
}

function isSameCorrection(stored: StoredCorrection, planned: PlannedCorrection): boolean {
  return (
    stored.payloadHash === planned.payloadHash.toString('hex') &&
    canonicalJson(stored.seen) === canonicalJson(planned.seen) &&
    canonicalJson(stored.reason) === canonicalJson(planned.reason)
  );
}

function settledCorrections(stored: readonly StoredCorrection[], facts: FactsByStream): readonly StoredCorrection[] {
  return stored.filter((correction) => {
    if (correction.kind === 'order-state') {
      const order = facts.orders.find((each) => isAt(each, correction) && each.value.orderId === correction.objectKey);
      return order === undefined || order.value.state === correction.desired['orderState'];
    }
    const person = facts.persons.find((each) => isAt(each, correction));
    return person === undefined || showsDesired(correction, person.value);
  });
}

function isAt(source: Pick<StoredCorrection, 'connectionId' | 'ownerKey'>, correction: StoredCorrection): boolean {
  return source.connectionId === correction.connectionId && source.ownerKey === correction.ownerKey;
}

function showsDesired({ kind, desired }: StoredCorrection, person: PersonItem): boolean {
  switch (kind) {
    case 'status':
      return person.status === desired['status'];
    case 'bases':
      return canonicalJson(person.bases ?? {}) === canonicalJson(desired['bases'] ?? {});
    case 'declaration':
      return (
        person.bases !== undefined &&
        Object.entries(person.bases).some(
          ([insurance, baseFen]) => insurance === desired['insurance'] && baseFen === desired['baseFen'],
        )
      );
    case 'order-state':
      return false;
  }
}
