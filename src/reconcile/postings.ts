/** What the bureau posted for a person: which posting belongs to which employment, and what somebody else paid. */
import type { Fen } from '../domain/fen.js';
import type { ContributionItem } from '../domain/records.js';
import { NATION, regionChain, type RegionCode } from '../domain/region.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import type { Sourced } from './person-facts.js';

/** All postings of one payer side in one cell. */
export interface CellPostings {
  /** Signed: what arrived less what was given back. */
  employeeFen: number;
  employerFen: number;
  /** Postings whose state the source could not tell. */
  unknownCount: number;
  readonly rows: ContributionItem[];
}

/** Postings of somebody who is not the employer of any of the person's employments, or at another place than theirs. */
export interface ForeignPosting {
  readonly payer: string;
  readonly region: RegionCode;
  readonly isKnownEmployer: boolean;
  amountFen: number;
}

export interface PersonPostings {
  /** Place: (job × insurances + insurance) × months + month. */
  readonly own: (CellPostings | undefined)[];
  /** Place: insurance × months + month. */
  readonly foreign: (ForeignPosting[] | undefined)[];
  /** Postings of unknown state by nobody's employer; place as in `foreign`. */
  readonly foreignUnknown: number[];
}

/** What a posting adds to a sum: a refund takes away, whichever sign the source gives it; what did not arrive counts nothing. */
export function countedFen(posting: ContributionItem, amount: Fen): number {
  switch (posting.state) {
    case 'paid':
    case 'partial':
      return posting.kind === 'refund' ? -Math.abs(amount) : amount;
    case 'refunded':
      return posting.kind === 'refund' ? -Math.abs(amount) : 0;
    case 'unpaid':
    case 'written-off':
    case 'unknown':
      return 0;
  }
}

/** What a posting adds to a sum of both sides. */
export function countedBothFen(posting: ContributionItem): number {
  return countedFen(posting, posting.employeeFen) + countedFen(posting, posting.employerFen);
}

export function sortPostings(
  postings: readonly Sourced<ContributionItem>[],
  jobs: readonly Job[],
  frame: JudgeFrame,
): PersonPostings {
  const sorted: PersonPostings = { own: [], foreign: [], foreignUnknown: [] };
  const agencyCodes = jobs.map((job, index) =>
    job.employment.payingParty === 'agency' ? agencyCodeOf(postings, { jobs, index }, frame) : null,
  );
  for (const { value: posting } of postings) {
    const place = frame.placeOfMonth.get(posting.month);
    const insurance = frame.rules.insurances.indexOf(posting.insurance);
    if (place === undefined || insurance < 0) continue;
    const cell: Place = { insurance, month: place };
    const owner = ownerOf(posting, { jobs, agencyCodes, cell });
    if (owner < 0) addForeign(sorted, posting, { at: insurance * frame.months.length + place, jobs });
    else addOwn(sorted, posting, (owner * frame.rules.insurances.length + insurance) * frame.months.length + place);
  }
  return sorted;
}

/** Whether two codes name one insured place: the same, or one inside the other (a district of the city). */
export function isSamePlace(left: RegionCode, right: RegionCode): boolean {
  if (left === right) return true;
  if (left === NATION || right === NATION) return false;
  return regionChain(left).includes(right) || regionChain(right).includes(left);
}

interface Place {
  readonly insurance: number;
  readonly month: number;
}

interface Owners {
  readonly jobs: readonly Job[];
  readonly agencyCodes: readonly (string | null)[];
  readonly cell: Place;
}

/** The employment a posting belongs to, due ones first, then the latest hired; -1 = none. */
function ownerOf(posting: ContributionItem, { jobs, agencyCodes, cell }: Owners): number {
  let owner = -1;
  for (let index = 0; index < jobs.length; index += 1) {
    const job = jobs[index];
    if (job === undefined) continue;
    if (posting.payer !== job.employment.employer && posting.payer !== agencyCodes[index]) continue;
    if (!isSamePlace(posting.region, job.employment.region)) continue;
    if (job.due[cell.insurance]?.[cell.month] === true) return index;
    if (owner < 0 || job.employment.hiredOn.slice(0, 7) <= posting.month) owner = index;
  }
  return owner;
}

/**
 * The code under which an agency pays for an employment that is paid through one. No source gives it, so it is the unknown
 * payer with the most postings in due months (the smaller code when two have as many). A payer beside the employer's own
 * code in one cell is a second payer, not the agency.
 */
function agencyCodeOf(
  postings: readonly Sourced<ContributionItem>[],
  { jobs, index }: JobAt,
  frame: JudgeFrame,
): string | null {
  const job = jobs[index];
  if (job === undefined) return null;
  const cellsByPayer = new Map<string, Set<number>>();
  for (const { value: posting } of postings) {
    const place = frame.placeOfMonth.get(posting.month);
    const insurance = frame.rules.insurances.indexOf(posting.insurance);
    if (place === undefined || insurance < 0 || job.due[insurance]?.[place] !== true) continue;
    if (!isSamePlace(posting.region, job.employment.region)) continue;
    const cells = cellsByPayer.get(posting.payer) ?? new Set();
    cellsByPayer.set(posting.payer, cells.add(insurance * frame.months.length + place));
  }
  const ownCells = cellsByPayer.get(job.employment.employer) ?? new Set<number>();
  const ranked = [...cellsByPayer]
    .filter(
      ([payer, cells]) =>
        payer !== 'self' &&
        jobs.every((each) => each.employment.employer !== payer) &&
        ![...cells].some((cell) => ownCells.has(cell)),
    )
    .sort((left, right) => right[1].size - left[1].size || (left[0] < right[0] ? -1 : 1));
  return ranked[0]?.[0] ?? null;
}

interface JobAt {
  readonly jobs: readonly Job[];
  readonly index: number;
}

function addOwn(sorted: PersonPostings, posting: ContributionItem, at: number): void {
  const cell = (sorted.own[at] ??= { employeeFen: 0, employerFen: 0, unknownCount: 0, rows: [] });
  if (posting.state === 'unknown') cell.unknownCount += 1;
  cell.employeeFen += countedFen(posting, posting.employeeFen);
  cell.employerFen += countedFen(posting, posting.employerFen);
  cell.rows.push(posting);
}

interface ForeignPlace {
  readonly at: number;
  readonly jobs: readonly Job[];
}

function addForeign(sorted: PersonPostings, posting: ContributionItem, { at, jobs }: ForeignPlace): void {
  if (posting.state === 'unknown') sorted.foreignUnknown[at] = (sorted.foreignUnknown[at] ?? 0) + 1;
  const amountFen = countedBothFen(posting);
  if (amountFen === 0) return;
  const list = (sorted.foreign[at] ??= []);
  const known = list.find((each) => each.payer === posting.payer && each.region === posting.region);
  if (known !== undefined) {
    known.amountFen += amountFen;
    return;
  }
  const isKnownEmployer = jobs.some((job) => job.employment.employer === posting.payer);
  list.push({ payer: posting.payer, region: posting.region, isKnownEmployer, amountFen });
}
