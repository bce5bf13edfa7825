/** A small company to tell stories in: one person, two insurances, six closed months, a bureau, payroll, attendance and an agency. */
import { fen, type Fen } from '../../src/domain/fen.js';
import type { Insurance } from '../../src/domain/insurance.js';
import { day, lastDay, month, monthsOf, type Month } from '../../src/domain/month.js';
import type {
  AttendanceItem,
  BillItem,
  ContributionItem,
  EmploymentItem,
  OrderItem,
  PersonItem,
  Stream,
  SubmissionItem,
  WageItem,
} from '../../src/domain/records.js';
import { region } from '../../src/domain/region.js';
import type { Role } from '../../src/domain/situation.js';
import { PolicyBook } from '../../src/policy/book.js';
import { definitionOf, type ParameterName, type Scope } from '../../src/policy/parameter-catalogue.js';
import type { PolicyRecord, RecordStatus } from '../../src/policy/policy-record.js';
import { RegionTree, bareRegion } from '../../src/policy/region-tree.js';
import { frameOf, type JudgeFrame } from '../../src/reconcile/judge-frame.js';
import type { PersonFacts } from '../../src/reconcile/person-facts.js';
import type { ConnectionRules, TenantRules } from '../../src/reconcile/reconcile-settings.js';
import { SourceStates, type SetAsideRows, type StreamState } from '../../src/reconcile/source-states.js';
import type { PersonRecord } from '../../src/sync/source-records.reader.js';

export const AS_OF = day('2023-03-20');
/** The judged months: 2022-09 … 2023-02; February may be filed until 25 March. */
export const WINDOW: readonly Month[] = monthsOf(month('2022-09'), month('2023-03'));
export const INSURANCES: readonly Insurance[] = ['pension', 'medical'];
export const CITY = region('440300');
export const OTHER_CITY = region('330100');
/** 10,000 yuan: the wage of every month, and so the right base. */
export const WAGE: Fen = fen(1_000_000);

const RUN_STARTED = new Date('2026-11-23T02:00:00Z');
const READ_AT = new Date('2026-11-23T02:10:00Z');

export const CONNECTIONS: readonly ConnectionRules[] = [
  {
    connectionId: 'bureau',
    role: 'bureau',
    streams: ['persons', 'contributions'],
    writes: ['declaration'],
    freshHours: 36,
  },
  {
    connectionId: 'payroll',
    role: 'payroll',
    streams: ['persons', 'employments', 'wages'],
    writes: ['status', 'bases'],
    freshHours: 36,
  },
  {
    connectionId: 'attendance',
    role: 'attendance',
    streams: ['persons', 'attendance'],
    writes: ['status'],
    freshHours: 36,
  },
  {
    connectionId: 'agency',
    role: 'agency',
    streams: ['persons', 'orders', 'bills'],
    writes: ['status', 'order-state'],
    freshHours: 36,
  },
];

interface Dated {
  readonly parameter: ParameterName;
  readonly text: string;
  readonly from?: string;
  readonly published?: string;
  readonly status?: RecordStatus;
  readonly scope?: Scope;
  readonly region?: string;
}

const RULES: readonly Dated[] = [
  { parameter: 'base_floor', text: '2360' },
  { parameter: 'base_cap', text: '24930' },
  { parameter: 'employee_rate', text: '0.08' },
  { parameter: 'employer_rate', text: '0.14' },
  { parameter: 'employee_fixed', text: '0' },
  { parameter: 'employer_fixed', text: '0' },
  { parameter: 'employee_fixed_yearly', text: '0' },
  { parameter: 'employer_fixed_yearly', text: '0' },
  { parameter: 'base_rule', text: 'annual' },
  { parameter: 'adjustment_month', text: '7' },
  { parameter: 'newcomer_rule', text: 'first-full-month' },
  { parameter: 'base_rounding', text: 'half-up 0.01' },
  { parameter: 'employee_rounding', text: 'half-up 0.01' },
  { parameter: 'employer_rounding', text: 'half-up 0.01' },
  { parameter: 'due_rule', text: 'employed-on-last-day' },
  { parameter: 'hire_cut_off_day', text: '15' },
  { parameter: 'filing_month_offset', text: '1' },
  { parameter: 'filing_until_day', text: '25' },
];

/** The small world's law, as a tenant's word, with `changes` laid over it by parameter and region; `without` drops parameters. */
export function bookOf(changes: readonly Dated[] = [], without: readonly ParameterName[] = []): PolicyBook {
  const replaced = new Set(changes.filter((change) => change.region === undefined).map((change) => change.parameter));
  const rules = RULES.filter((rule) => !replaced.has(rule.parameter) && !without.includes(rule.parameter));
  return new PolicyBook({
    version: 'small-1',
    records: [...rules, ...changes].map(recordOf),
    sources: new Map(),
    regions: new RegionTree([bareRegion(CITY, { zh: '深圳', en: 'Shenzhen' })]),
    warnings: [],
    verifiedForMonths: 24,
  });
}

function recordOf(dated: Dated): PolicyRecord {
  const from = dated.from === undefined ? null : day(dated.from);
  return {
    region: region(dated.region ?? '100000'),
    scope: dated.scope ?? 'social',
    parameter: dated.parameter,
    text: dated.text,
    value: definitionOf(dated.parameter)?.read(dated.text),
    effectiveFrom: from,
    effectiveFromBasis: 'stated',
    effectiveTo: null,
    endIsUnknown: false,
    knownFrom: dated.published === undefined ? from : day(dated.published),
    publishedOn: dated.published === undefined ? null : day(dated.published),
    verifiedOn: day('2023-01-01'),
    status: dated.status ?? 'overlay',
    documentNo: null,
    authority: null,
    url: null,
    sources: [],
    conflicts: [],
    conflictReason: null,
    note: null,
    confirmed: { by: 'the tenant', on: day('2023-01-01'), reason: 'a test' },
    origin: 'small-world',
  };
}

export interface WorldChanges {
  readonly asOf?: string;
  readonly book?: PolicyBook;
  readonly connections?: readonly ConnectionRules[];
  /** Changes the state of named `connection stream` reads; null = never read. */
  readonly reads?: Readonly<Record<string, Partial<StreamState> | null>>;
  readonly setAside?: readonly SetAsideRows[];
  readonly insurances?: readonly Insurance[];
  readonly recalculatedUpTo?: string;
}

export function rulesOf(changes: WorldChanges = {}): TenantRules {
  return {
    insurances: changes.insurances ?? INSURANCES,
    lookBackMonths: 6,
    authority: {
      paid: ['bureau', 'agency', 'payroll'],
      wages: ['payroll'],
      employment: ['payroll', 'attendance', 'agency'],
    },
    connections: changes.connections ?? CONNECTIONS,
    policy: changes.book ?? bookOf(),
    ...(changes.recalculatedUpTo === undefined ? {} : { recalculatedUpTo: day(changes.recalculatedUpTo) }),
  };
}

/** Everything was read completely ten minutes after the run began, unless `changes` say otherwise. */
export function worldOf(changes: WorldChanges = {}): JudgeFrame {
  const rules = rulesOf(changes);
  const streams = rules.connections.flatMap(({ connectionId, streams: declared }) =>
    declared.flatMap((stream): StreamState[] => {
      const change = changes.reads?.[`${connectionId} ${stream}`];
      const state = { connectionId, stream: stream as Stream, complete: true, finishedAt: READ_AT };
      return change === null ? [] : [{ ...state, ...change }];
    }),
  );
  const sources = new SourceStates({
    streams,
    setAside: changes.setAside ?? [],
    connections: rules.connections,
    runStartedAt: RUN_STARTED,
  });
  return frameOf({ asOf: changes.asOf === undefined ? AS_OF : day(changes.asOf), rules, sources });
}

const ROLE_OF: Readonly<Record<string, Role>> = {
  bureau: 'bureau',
  payroll: 'payroll',
  attendance: 'attendance',
  agency: 'agency',
};
const OWNER_OF: Readonly<Record<string, string>> = { bureau: 'B1', payroll: 'P1', attendance: 'T1', agency: 'A1' };

/** What is special about a person; everything else is ordinary: hired years ago, paid every due month on the right base. */
export interface Story {
  readonly jobs?: readonly Partial<EmploymentItem>[];
  /** `insurance month` or `month` not paid by the employer. */
  readonly unpaid?: readonly string[];
  /** Further postings. */
  readonly postings?: readonly Partial<ContributionItem>[];
  /** Replaces fields of the ordinary postings. */
  readonly ordinary?: Partial<ContributionItem>;
  readonly withheld?: Readonly<Record<string, Fen>>;
  readonly orders?: readonly Partial<OrderItem>[];
  readonly submissions?: readonly Partial<SubmissionItem>[];
  readonly bills?: readonly Partial<BillItem>[];
  /** Days worked, in hundredths, by month. */
  readonly worked?: Readonly<Record<string, number>>;
  /** What the systems show, by connection; null = the system does not list the person. */
  readonly shown?: Readonly<Record<string, Partial<PersonItem> | null>>;
  readonly frozen?: boolean;
  readonly wageless?: boolean;
}

const ORDINARY_VIEW: Readonly<Record<string, Partial<PersonItem>>> = {
  bureau: { bases: { pension: WAGE, medical: WAGE } },
  payroll: { status: 'insured', bases: { pension: WAGE, medical: WAGE } },
  attendance: { status: 'insured' },
  agency: { status: 'insured' },
};

export function personOf(story: Story = {}): PersonFacts {
  const jobs = (story.jobs ?? [{}]).map(jobOf);
  const records: PersonRecord[] = [];
  const add = (connectionId: string, stream: Stream, items: readonly unknown[]): void => {
    if (items.length === 0) return;
    const owner = {
      connectionId,
      role: ROLE_OF[connectionId],
      ownerKey: OWNER_OF[connectionId],
      goneAt: null,
      isPartial: false,
    };
    records.push({ ...owner, stream, items } as unknown as PersonRecord);
  };
  for (const connectionId of Object.keys(OWNER_OF)) {
    const view = story.shown?.[connectionId];
    if (view !== null) add(connectionId, 'persons', [{ name: null, ...ORDINARY_VIEW[connectionId], ...view }]);
  }
  add('payroll', 'employments', jobs);
  add('payroll', 'wages', story.wageless === true ? [] : payslipsOf(jobs, story));
  add('bureau', 'contributions', [...ordinaryPostings(jobs, story), ...(story.postings ?? []).map(postingOf)]);
  add('attendance', 'attendance', Object.entries(story.worked ?? {}).map(workedMonth));
  add('agency', 'orders', (story.orders ?? []).map(orderOf));
  add('agency', 'bills', (story.bills ?? []).map(billOf));
  add('bureau', 'submissions', (story.submissions ?? []).map(submissionOf));
  return { personId: '00000000-0000-7000-8000-000000000001', frozen: story.frozen ?? false, records };
}

export function jobOf(changes: Partial<EmploymentItem>, index = 0): EmploymentItem {
  return {
    employmentId: `E${index + 1}`,
    employer: 'ACME',
    region: CITY,
    hiredOn: day('2020-01-01'),
    leftOn: null,
    startWageFen: WAGE,
    ...changes,
  };
}

export function postingOf(changes: Partial<ContributionItem>): ContributionItem {
  const baseFen = changes.baseFen === undefined ? WAGE : changes.baseFen;
  const charged = baseFen ?? WAGE;
  return {
    month: month('2022-12'),
    insurance: 'pension',
    kind: 'normal',
    state: 'paid',
    payer: 'ACME',
    region: CITY,
    baseFen,
    employeeFen: fen(Math.round(charged * 0.08)),
    employerFen: fen(Math.round(charged * 0.14)),
    ...changes,
  };
}

export function orderOf(changes: Partial<OrderItem>): OrderItem {
  return {
    orderId: 'O1',
    kind: 'back-payment',
    state: 'accepted',
    months: [month('2022-12')],
    insurances: INSURANCES,
    ...changes,
  };
}

/** Charges December back on the bill of March, to the fen. */
export function billOf(changes: Partial<BillItem>): BillItem {
  return {
    billId: 'ZD202303',
    state: 'in-effect',
    insurance: 'pension',
    month: month('2022-12'),
    billedMonth: month('2023-03'),
    baseFen: WAGE,
    employeeFen: fen(0),
    employerFen: fen(0),
    backPayEmployeeFen: fen(80_000),
    backPayEmployerFen: fen(140_000),
    ...changes,
  };
}

function submissionOf(changes: Partial<SubmissionItem>): SubmissionItem {
  return {
    submissionId: 'S1',
    kind: 'back-payment',
    state: 'received',
    insurance: 'pension',
    effectiveMonth: month('2022-12'),
    ...changes,
  };
}

function ordinaryPostings(jobs: readonly EmploymentItem[], story: Story): readonly ContributionItem[] {
  return jobs.flatMap((job) =>
    WINDOW.filter((at) => job.hiredOn <= `${at}-15` && (job.leftOn === null || job.leftOn >= lastDay(at))).flatMap(
      (at) =>
        INSURANCES.filter(
          (insurance) => story.unpaid?.some((each) => each === at || each === `${insurance} ${at}`) !== true,
        ).map((insurance) =>
          postingOf({ month: at, insurance, payer: job.employer, region: job.region, ...story.ordinary }),
        ),
    ),
  );
}

function payslipsOf(jobs: readonly EmploymentItem[], story: Story): readonly WageItem[] {
  return monthsOf(month('2021-01'), month('2023-03'))
    .filter((at) =>
      jobs.some((job) => job.hiredOn.slice(0, 7) <= at && (job.leftOn === null || job.leftOn.slice(0, 7) >= at)),
    )
    .map((at) => {
      const withheld = story.withheld?.[at];
      return {
        month: at,
        grossFen: WAGE,
        state: 'final' as const,
        ...(withheld === undefined ? {} : { withheld: { pension: withheld } }),
      };
    });
}

function workedMonth([at, worked]: readonly [string, number]): AttendanceItem {
  return { month: month(at), requiredDaysHundredths: 2200, workedDaysHundredths: worked };
}
