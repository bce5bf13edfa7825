/** Which parameters a policy file may give, in which unit, and how their text becomes a typed value. */
import { type Fen, type Ppm, type RoundingMode, parseRatio, parseYuan } from '../domain/fen.js';
import { INSURANCES, type Insurance } from '../domain/insurance.js';

/** What a parameter is about: one insurance, or `social` = the five social insurances alike (not the housing fund). */
export type Scope = Insurance | 'social';
export const SCOPES: readonly Scope[] = ['social', ...INSURANCES];

/** `year`: set anew for every contribution year, so it is carried over after twelve months. `standing`: holds until changed. */
export type Validity = 'year' | 'standing';

export interface ParameterDefinition<T> {
  /** The unit a record must name; null where the value has none. */
  readonly unit: string | null;
  readonly validity: Validity;
  /** Whether `none` may be written: known to be absent, for example a base without a cap. Read as null. */
  readonly acceptsNone: boolean;
  /** What is expected, for error messages. */
  readonly expects: string;
  /** The typed value, or undefined when the text does not fit. */
  readonly read: (text: string) => T | undefined;
}

/** How an amount becomes whole: to a multiple of `stepFen`, by `mode`. */
export interface Rounding {
  readonly stepFen: number;
  readonly mode: RoundingMode;
}

const ROUNDING_MODES: readonly RoundingMode[] = ['half-up', 'up', 'down', 'half-even'];

export const BASE_RULES = ['annual', 'monthly', 'previous-month', 'window'] as const;
export const NEWCOMER_RULES = ['first-full-month', 'start-wage'] as const;
export const DUE_RULES = ['employed-on-last-day', 'employed-on-any-day'] as const;
export const LATE_FEE_STARTS = ['day-after-filing-window', 'first-of-second-month'] as const;
export const PAYMENT_DAY_RULES = ['counted', 'not-counted'] as const;
export const FIRST_JOB_STARTS = ['month-of-hiring', 'month-after-hiring'] as const;

export type BaseRule = (typeof BASE_RULES)[number];
export type NewcomerRule = (typeof NEWCOMER_RULES)[number];
export type DueRule = (typeof DUE_RULES)[number];
export type LateFeeStart = (typeof LATE_FEE_STARTS)[number];
export type PaymentDayRule = (typeof PAYMENT_DAY_RULES)[number];
export type FirstJobStart = (typeof FIRST_JOB_STARTS)[number];

type Shape<T> = Pick<ParameterDefinition<T>, 'unit' | 'expects' | 'read'>;

function yuan(unit: string): Shape<Fen> {
  return {
    unit,
    expects: "a decimal amount of yuan in quotes, for example '6326'",
    read: (text) => (/^\d/.test(text) ? (parseYuan(text) ?? undefined) : undefined),
  };
}

function ratio(unit: string): Shape<Ppm> {
  return {
    unit,
    expects: "a decimal ratio between 0 and 1 with at most six decimals, for example '0.08'",
    read: (text) => {
      const rate = parseRatio(text);
      return rate !== null && rate <= 1_000_000 ? rate : undefined;
    },
  };
}

/** A multiple of an amount, above one too: 1.10 = 110 %. */
const multiple: Shape<Ppm> = {
  unit: 'multiple',
  expects: "a decimal multiple from 0 to 10 with at most six decimals, for example '1.10'",
  read: (text) => {
    const factor = parseRatio(text);
    return factor !== null && factor <= 10_000_000 ? factor : undefined;
  },
};

function whole(unit: string, limits: { readonly least: number; readonly most: number }): Shape<number> {
  return {
    unit,
    expects: `a whole number from ${limits.least} to ${limits.most} in quotes`,
    read: (text) => {
      const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
      return count >= limits.least && count <= limits.most ? count : undefined;
    },
  };
}

function word<const W extends string>(words: readonly W[]): Shape<W> {
  return { unit: null, expects: words.join(' or '), read: (text) => words.find((candidate) => candidate === text) };
}

const flag: Shape<boolean> = {
  unit: null,
  expects: "'yes' or 'no'",
  read: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined),
};

/** Shown to people as it stands, so it is written in both languages. */
const sentence: Shape<{ readonly zh: string; readonly en: string }> = {
  unit: null,
  expects: "a sentence in Chinese and in English with a bar between them, for example '劳动合同 | employment contract'",
  read: (text) => {
    const [zh, en, ...rest] = text.split('|').map((part) => part.trim());
    return zh && en && rest.length === 0 ? { zh, en } : undefined;
  },
};

const rounding: Shape<Rounding> = {
  unit: null,
  expects: "a mode and a step in yuan, for example 'half-up 0.01'",
  read: (text) => {
    const [modeText, stepText = '', ...rest] = text.split(' ');
    const mode = ROUNDING_MODES.find((candidate) => candidate === modeText);
    const stepFen = parseYuan(stepText);
    return mode !== undefined && stepFen !== null && stepFen > 0 && rest.length === 0 ? { mode, stepFen } : undefined;
  },
};

const ratioRange: Shape<{ readonly least: Ppm; readonly most: Ppm }> = {
  unit: 'ratio',
  expects: "two ratios with a hyphen, for example '0.05-0.12'",
  read: (text) => {
    const [least, most, ...rest] = text.split('-').map((part) => ratio('ratio').read(part));
    return least !== undefined && most !== undefined && rest.length === 0 && least <= most
      ? { least, most }
      : undefined;
  },
};

const insuranceList: Shape<readonly Insurance[]> = {
  unit: null,
  expects: `insurances separated by commas, of: ${INSURANCES.join(', ')}`,
  read: (text) => {
    const named = text.split(',').map((part) => INSURANCES.find((insurance) => insurance === part.trim()));
    return named.every((insurance) => insurance !== undefined) ? named : undefined;
  },
};

function yearly<T>(shape: Shape<T>): ParameterDefinition<T> {
  return { ...shape, validity: 'year', acceptsNone: false };
}

function yearlyOrNone<T>(shape: Shape<T>): ParameterDefinition<T | null> {
  return { ...shape, validity: 'year', acceptsNone: true };
}

function standing<T>(shape: Shape<T>): ParameterDefinition<T> {
  return { ...shape, validity: 'standing', acceptsNone: false };
}

function standingOrNone<T>(shape: Shape<T>): ParameterDefinition<T | null> {
  return { ...shape, validity: 'standing', acceptsNone: true };
}

const dayOfMonth = whole('day of month', { least: 1, most: 31 });

/** Every parameter of a region and insurance. Money, rates, base, due, filing and late-fee rules. */
export const PARAMETERS = {
  base_floor: yearlyOrNone(yuan('yuan/month')),
  base_cap: yearlyOrNone(yuan('yuan/month')),
  reference_avg_wage: yearly(yuan('yuan/month')),
  minimum_wage: standing(yuan('yuan/month')),

  employee_rate: standing(ratio('ratio')),
  employer_rate: standing(ratio('ratio')),
  /** Employer's rate for people whose household is registered in the region, where it differs. */
  employer_rate_local_hukou: standing(ratio('ratio')),
  employer_rate_class1: standing(ratio('ratio')),
  employer_rate_class2: standing(ratio('ratio')),
  employer_rate_class3: standing(ratio('ratio')),
  employer_rate_class4: standing(ratio('ratio')),
  employer_rate_class5: standing(ratio('ratio')),
  employer_rate_class6: standing(ratio('ratio')),
  employer_rate_class7: standing(ratio('ratio')),
  employer_rate_class8: standing(ratio('ratio')),
  employer_rate_range: standing(ratioRange),
  rate_range: standing(ratioRange),
  rate_min: standing(ratio('ratio')),
  employee_fixed: standing(yuan('yuan/month')),
  employer_fixed: standing(yuan('yuan/month')),
  /** Once a year, charged in `fixed_yearly_month`. */
  employee_fixed_yearly: standing(yuan('yuan/year')),
  employer_fixed_yearly: standing(yuan('yuan/year')),
  fixed_yearly_month: standing(whole('month of year', { least: 1, most: 12 })),

  /** Flexible workers choose their base and pay both sides themselves: the whole rate, and the part kept on the personal account. */
  flexible_rate: standing(ratio('ratio')),
  flexible_account_rate: standing(ratio('ratio')),

  base_rule: standing(word(BASE_RULES)),
  base_window_months: standing(whole('months', { least: 1, most: 36 })),
  adjustment_month: standing(whole('month of year', { least: 1, most: 12 })),
  newcomer_rule: standing(word(NEWCOMER_RULES)),
  base_rounding: standing(rounding),
  employee_rounding: standing(rounding),
  employer_rounding: standing(rounding),

  due_rule: standing(word(DUE_RULES)),
  /** Hired on or before this day of the month: the month of hiring is due. 31 = whatever the day. */
  hire_cut_off_day: standing(dayOfMonth),
  /** Since when somebody's first job ever is due. */
  first_job_start: standing(word(FIRST_JOB_STARTS)),
  /** What a month nobody declared is assessed at, times the month before. */
  undeclared_month_multiple: standing(multiple),
  /** Months from the month a contribution is for to the month in which it is declared and paid. */
  filing_month_offset: standing(whole('months', { least: 0, most: 2 })),
  filing_from_day: standing(dayOfMonth),
  filing_until_day: standing(dayOfMonth),
  registration_days: standing(whole('days', { least: 1, most: 365 })),

  late_fee_daily_rate: standing(ratio('ratio/day')),
  late_fee_start: standing(word(LATE_FEE_STARTS)),
  late_fee_payment_day: standing(word(PAYMENT_DAY_RULES)),
  late_fee_capped_at_principal: standing(flag),
  late_fee_waived_for_top_ups: standing(flag),
  late_fee_rounding: standing(rounding),
} as const satisfies Record<string, ParameterDefinition<unknown>>;

/** Where a back-payment can be asked for; `any` = a limit whatever the channel. */
export const BACK_PAYMENT_CHANNELS = ['any', 'online', 'counter', 'agency'] as const;
export type BackPaymentChannel = (typeof BACK_PAYMENT_CHANNELS)[number];

/** Rules of one channel, written `back_payment.<channel>.<rule>`. */
export const CHANNEL_RULES = {
  /** Calendar months between the gap and the month of applying; `none` = no limit. */
  max_months: standingOrNone(whole('months', { least: 0, most: 600 })),
  apply_within_days_of_hiring: standing(whole('days', { least: 1, most: 3650 })),
  apply_within_months_of_hiring: standing(whole('months', { least: 1, most: 120 })),
  window_from_day: standing(dayOfMonth),
  window_until_day: standing(dayOfMonth),
  evidence: standing(sentence),
  insurances_excluded: standing(insuranceList),
  all_insurances_together: standing(flag),
  max_batch: standing(whole('persons', { least: 1, most: 100_000 })),
  across_years: standing(flag),
  processing_days: standing(whole('working days', { least: 1, most: 365 })),
} as const satisfies Record<string, ParameterDefinition<unknown>>;
export type ChannelRule = keyof typeof CHANNEL_RULES;

export type PlainParameter = keyof typeof PARAMETERS;
export type ChannelParameter = `back_payment.${BackPaymentChannel}.${ChannelRule}`;
export type ParameterName = PlainParameter | ChannelParameter;

type ValueOf<D> = D extends ParameterDefinition<infer T> ? T : never;

/** The type a parameter has in memory: fen, ppm, numbers, words. */
export type ParameterValue<N extends ParameterName> = N extends PlainParameter
  ? ValueOf<(typeof PARAMETERS)[N]>
  : N extends `back_payment.${BackPaymentChannel}.${infer R extends ChannelRule}`
    ? ValueOf<(typeof CHANNEL_RULES)[R]>
    : never;

export const PARAMETER_NAMES: readonly ParameterName[] = [
  ...(Object.keys(PARAMETERS) as PlainParameter[]),
  ...BACK_PAYMENT_CHANNELS.flatMap((channel) =>
    (Object.keys(CHANNEL_RULES) as ChannelRule[]).map((rule) => `back_payment.${channel}.${rule}` as const),
  ),
];

const DEFINITIONS: ReadonlyMap<string, ParameterDefinition<unknown>> = new Map(
  PARAMETER_NAMES.map((name) => {
    const rule = name.split('.')[2];
    return [name, rule === undefined ? PARAMETERS[name as PlainParameter] : CHANNEL_RULES[rule as ChannelRule]];
  }),
);

/** The definition of a parameter, or undefined for a name the model does not know. */
export function definitionOf(name: string): ParameterDefinition<unknown> | undefined {
  return DEFINITIONS.get(name);
}

export function isParameterName(name: string): name is ParameterName {
  return DEFINITIONS.has(name);
}
