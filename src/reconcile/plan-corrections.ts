/** What should be changed where, so that every system shows what was judged: one correction per object whose view differs. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { FenByInsurance, OrderItem, PersonItem } from '../domain/records.js';
import type { PersonStatus } from '../domain/situation.js';
import { hashOf } from '../platform/crypto/canonical-hash.js';
import type { Job } from './jobs-of-person.js';
import { isOpenBackPayment, type PersonContext } from './person-context.js';
import type { Sourced } from './person-facts.js';
import { isSamePlace } from './postings.js';
import type { CorrectionKind } from './reconcile-settings.js';
import type { Wages } from './wages-of-person.js';

/** JSON as stored; the keys are the names that write templates use. */
export type CorrectionValues = Readonly<Record<string, string | number | null | FenByInsurance>>;

export interface PlannedCorrection {
  readonly connectionId: string;
  readonly kind: CorrectionKind;
  readonly ownerKey: string;
  /** '' = the person itself; an order id; `insurance:YYYY-MM`. */
  readonly objectKey: string;
  readonly desired: CorrectionValues;
  readonly seen: CorrectionValues;
  readonly payloadHash: Buffer;
  readonly movesMoney: boolean;
  readonly reason: Readonly<Record<string, string | boolean>>;
}

/** Nothing is planned for a system that does not show the field or cannot write it. */
export function planCorrections(context: PersonContext, status: PersonStatus): readonly PlannedCorrection[] {
  const planned: PlannedCorrection[] = [];
  const expected = status === 'stopped' ? null : new CurrentBases(context);
  for (const person of context.facts.persons) {
    if (person.role !== 'bureau' && canWrite(context, person, 'status')) planStatus(planned, person, status);
    if (expected === null) continue;
    if (person.role === 'payroll' && canWrite(context, person, 'bases')) planBases(planned, person, expected);
    if (person.role === 'bureau' && canWrite(context, person, 'declaration'))
      planDeclarations(planned, person, { context, expected });
  }
  for (const order of context.facts.orders) {
    if (isOpenBackPayment(order.value) && canWrite(context, order, 'order-state'))
      planOrderState(planned, order, context);
  }
  return planned.length < 2 ? planned : withoutRepeats(planned);
}

/** A source may list one order twice: one object gets one correction, whichever copy comes first. */
function withoutRepeats(planned: readonly PlannedCorrection[]): readonly PlannedCorrection[] {
  const byObject = new Map<string, PlannedCorrection>();
  for (const correction of planned) {
    const key = `${correction.connectionId}\n${correction.kind}\n${correction.ownerKey}\n${correction.objectKey}`;
    const other = byObject.get(key);
    if (other === undefined || JSON.stringify(correction.seen) < JSON.stringify(other.seen))
      byObject.set(key, correction);
  }
  return [...byObject.values()];
}

function canWrite(
  { frame }: PersonContext,
  { connectionId }: { readonly connectionId: string },
  kind: CorrectionKind,
): boolean {
  return frame.connections.get(connectionId)?.writes.includes(kind) === true;
}

function planStatus(
  planned: PlannedCorrection[],
  { connectionId, ownerKey, value }: Sourced<PersonItem>,
  status: PersonStatus,
): void {
  if (value.status === undefined || value.status === status) return;
  planned.push(
    correction({
      ...{ connectionId, kind: 'status', ownerKey, objectKey: '', movesMoney: false },
      ...{ desired: { status }, seen: { status: value.status }, reason: { rule: 'overall-status' } },
    }),
  );
}

/** Insurances that the system shows no base for are left alone: it may not hold them at all. */
function planBases(
  planned: PlannedCorrection[],
  { connectionId, ownerKey, value }: Sourced<PersonItem>,
  expected: CurrentBases,
): void {
  if (value.bases === undefined) return;
  const desired: Partial<Record<Insurance, Fen>> = { ...value.bases };
  let isDifferent = false;
  let isUnverified = false;
  for (const insurance of Object.keys(value.bases) as Insurance[]) {
    const base = expected.of(insurance, { connectionId, ownerKey });
    if (base === null || value.bases[insurance] === base.baseFen) continue;
    desired[insurance] = base.baseFen;
    isDifferent = true;
    isUnverified ||= base.isUnverified;
  }
  if (!isDifferent) return;
  planned.push(
    correction({
      ...{ connectionId, kind: 'bases', ownerKey, objectKey: '', movesMoney: false },
      ...{
        desired: { bases: desired },
        seen: { bases: value.bases },
        reason: { rule: 'expected-base', unverified: isUnverified },
      },
    }),
  );
}

interface DeclarationPlan {
  readonly context: PersonContext;
  readonly expected: CurrentBases;
}

/** One declaration per insurance, from the as-of month on, at the bureau that serves the place of work. */
function planDeclarations(
  planned: PlannedCorrection[],
  { connectionId, ownerKey, value }: Sourced<PersonItem>,
  { context, expected }: DeclarationPlan,
): void {
  if (value.bases === undefined) return;
  const effectiveMonth = context.frame.asOfMonth;
  for (const insurance of context.frame.rules.insurances) {
    const seenFen = value.bases[insurance];
    const base = seenFen === undefined ? null : expected.of(insurance, null);
    if (
      seenFen === undefined ||
      base === null ||
      base.baseFen === seenFen ||
      !servesPlaceOf(base.job, connectionId, context)
    )
      continue;
    planned.push(
      correction({
        ...{
          connectionId,
          kind: 'declaration',
          ownerKey,
          objectKey: `${insurance}:${effectiveMonth}`,
          movesMoney: true,
        },
        desired: { insurance, baseFen: base.baseFen, effectiveMonth },
        seen: { baseFen: seenFen },
        reason: { rule: 'expected-base', unverified: base.isUnverified },
      }),
    );
  }
}

/** A bureau that posted for this person only at other places is not the one to declare to. */
function servesPlaceOf(job: Job, connectionId: string, { facts }: PersonContext): boolean {
  const posted = facts.contributions.filter((each) => each.connectionId === connectionId);
  return (
    posted.length === 0 ||
    !isForeignOnly(
      posted.map((each) => each.value.region),
      job,
    ) ||
    bureauCount(facts.persons) === 1
  );
}

function isForeignOnly(regions: readonly Job['employment']['region'][], job: Job): boolean {
  return regions.every((place) => !isSamePlace(place, job.employment.region));
}

function bureauCount(persons: readonly Sourced<PersonItem>[]): number {
  return new Set(persons.filter((each) => each.role === 'bureau').map((each) => each.connectionId)).size;
}

/** An order whose every month and insurance the bureau shows as paid, by whomever, is finished. */
function planOrderState(
  planned: PlannedCorrection[],
  { connectionId, ownerKey, value }: Sourced<OrderItem>,
  context: PersonContext,
): void {
  if (!isPaidForWhole(value, context)) return;
  planned.push(
    correction({
      ...{ connectionId, kind: 'order-state', ownerKey, objectKey: value.orderId, movesMoney: false },
      desired: { orderId: value.orderId, orderState: 'done' },
      seen: { orderState: value.state },
      reason: { rule: 'order-paid' },
    }),
  );
}

function isPaidForWhole(order: OrderItem, { frame, jobs, postings }: PersonContext): boolean {
  const perJob = frame.rules.insurances.length * frame.months.length;
  return (
    order.months.length > 0 &&
    order.insurances.length > 0 &&
    order.insurances.every((insurance) => {
      const row = frame.rules.insurances.indexOf(insurance);
      return order.months.every((month) => {
        const place = frame.placeOfMonth.get(month);
        if (row < 0 || place === undefined) return false;
        const at = row * frame.months.length + place;
        let paidFen = 0;
        jobs.forEach((_, index) => {
          const cell = postings.own[index * perJob + at];
          if (cell !== undefined) paidFen += cell.employeeFen + cell.employerFen;
        });
        for (const each of postings.foreign[at] ?? []) paidFen += each.amountFen;
        return paidFen > 0;
      });
    })
  );
}

interface CurrentBase {
  readonly baseFen: Fen;
  readonly isUnverified: boolean;
  readonly job: Job;
}

/** The bases in force in the as-of month. Where running employments disagree nobody can say which base a system means: none. */
class CurrentBases {
  private readonly cache = new Map<Insurance, readonly CurrentBase[] | null>();

  constructor(private readonly context: PersonContext) {}

  /** `system` narrows to the employments that this owner of a connection tells of, where it tells of any. */
  of(
    insurance: Insurance,
    system: { readonly connectionId: string; readonly ownerKey: string } | null,
  ): CurrentBase | null {
    const all = this.all(insurance);
    if (all === null) return null;
    const own =
      system === null
        ? []
        : all.filter(({ job }) => job.connectionId === system.connectionId && job.ownerKey === system.ownerKey);
    const bases = own.length > 0 ? own : all;
    const [first] = bases;
    return first !== undefined && bases.every((base) => base.baseFen === first.baseFen) ? first : null;
  }

  /** null where the base of any running employment is unknown. */
  private all(insurance: Insurance): readonly CurrentBase[] | null {
    const known = this.cache.get(insurance);
    if (known !== undefined) return known;
    const bases = this.computeAll(insurance);
    this.cache.set(insurance, bases);
    return bases;
  }

  private computeAll(insurance: Insurance): readonly CurrentBase[] | null {
    const { jobs, wages, frame } = this.context;
    const bases: CurrentBase[] = [];
    for (let index = 0; index < jobs.length; index += 1) {
      const job = jobs[index];
      const wagesOfJob: Wages | undefined = wages[index];
      if (job === undefined || wagesOfJob === undefined || !job.isRunning) continue;
      const { baseFen, isUnverified } = frame.policy.expectedBase(
        { job, wages: wagesOfJob, insurance },
        frame.asOfMonth,
      );
      if (baseFen === null) return null;
      bases.push({ baseFen, isUnverified, job });
    }
    return bases;
  }
}

function correction(plan: Omit<PlannedCorrection, 'payloadHash'>): PlannedCorrection {
  const { connectionId: connection, kind, ownerKey: owner, objectKey: object, desired } = plan;
  return { ...plan, payloadHash: hashOf({ connection, kind, owner, object, desired }) };
}
