/** How a quote reads: one table row per insurance, one line per figure with where it comes from, what is missing. */
import { type Fen, addFen } from '../domain/fen.js';
import type { ClampHit } from './base.js';
import type { QuotedFigure } from './quoted-figure.js';
import type { Quote, QuotedInsurance, QuotedSide } from './quote.js';
import {
  type Bilingual,
  INSURANCE_WORDS,
  type Language,
  STATUS_WORDS,
  listText,
  monthText,
  percentText,
  yuanText,
} from './wording.js';

export interface QuoteText {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where each figure comes from. */
  readonly figures: readonly string[];
  /** What to look at before money moves; empty when nothing is. */
  readonly remarks: readonly string[];
}

const HEAD: Readonly<Record<Language, readonly string[]>> = {
  zh: ['险种', '下限', '上限', '基数', '个人费率', '个人', '单位费率', '单位'],
  en: ['insurance', 'floor', 'cap', 'base', 'employee rate', 'employee', 'employer rate', 'employer'],
};

const CLAMP_MARKS: Readonly<Record<ClampHit, Bilingual>> = {
  none: { zh: '', en: '' },
  floor: { zh: '（下限）', en: ' (floor)' },
  cap: { zh: '（上限）', en: ' (cap)' },
  fixed: { zh: '（固定）', en: ' (fixed)' },
};

export function quoteInWords(quote: Quote, language: Language): QuoteText {
  const zh = language === 'zh';
  const { totals } = quote;
  const total = [zh ? '合计' : 'total', '', '', '', '', yuanText(totals.employeeFen), '', yuanText(totals.employerFen)];
  return {
    title: zh
      ? `${quote.regionName.zh} ${monthText(quote.month, 'zh')} 工资 ${yuanText(quote.wageFen)} 元（政策 ${quote.policyVersion}，按 ${quote.knownAt} 已知）`
      : `${quote.regionName.en}, ${quote.month}, a wage of ${yuanText(quote.wageFen)} yuan (policy ${quote.policyVersion}, as known on ${quote.knownAt})`,
    head: HEAD[language],
    rows: [...quote.insurances.map((each) => rowOf(each, language)), total],
    figures: quote.insurances.flatMap((each) => figureLines(each, language)),
    remarks: remarksOf(quote, language),
  };
}

function rowOf(
  { insurance, floor, cap, baseFen, clamp, employee, employer }: QuotedInsurance,
  language: Language,
): string[] {
  const base =
    baseFen === null || clamp === null ? unknown(language) : `${yuanText(baseFen)}${CLAMP_MARKS[clamp][language]}`;
  return [
    INSURANCE_WORDS[insurance][language],
    valueText(floor, language),
    valueText(cap, language),
    base,
    rateText(employee, language),
    amountText(employee.amountFen, language),
    rateText(employer, language),
    amountText(employer.amountFen, language),
  ];
}

function valueText(figure: QuotedFigure | null, language: Language): string {
  if (figure === null) return unknown(language);
  const none = language === 'zh' ? '无' : 'none';
  return `${figure.value === 'none' ? none : figure.value}${markOf(figure, language)}`;
}

function rateText({ ratePpm, fixedFen, rate }: QuotedSide, language: Language): string {
  if (ratePpm === null || rate === null) return unknown(language);
  const fixed = fixedFen === null || fixedFen === 0 ? '' : ` + ${yuanText(fixedFen)}`;
  return `${percentText(ratePpm)}${fixed}${markOf(rate, language)}`;
}

function amountText(amountFen: Fen | null, language: Language): string {
  return amountFen === null ? unknown(language) : yuanText(amountFen);
}

function unknown(language: Language): string {
  return language === 'zh' ? '未知' : 'unknown';
}

/** What is confirmed or reported needs no mark. */
function markOf({ status, recordStatus }: QuotedFigure, language: Language): string {
  const words = [
    ...(status === 'provisional' || status === 'overlay' || status === 'unverified'
      ? [STATUS_WORDS[status][language]]
      : []),
    ...(status === 'provisional' && recordStatus === 'unverified' ? [STATUS_WORDS.unverified[language]] : []),
  ];
  if (words.length === 0) return '';
  return language === 'zh' ? `（${words.join('，')}）` : ` (${words.join(', ')})`;
}

function figureLines({ insurance, floor, cap, employee, employer }: QuotedInsurance, language: Language): string[] {
  const figures = [floor, cap, employee.rate, ...employee.fixed, employer.rate, ...employer.fixed];
  return figures.flatMap((figure) =>
    figure === null ? [] : [`${INSURANCE_WORDS[insurance][language]} ${figureText(figure, language)}`],
  );
}

/** `base_floor 2360 [深圳市, 2022-07-01, 深人社规〔2022〕1号, 有据, S1]`. */
export function figureText(figure: QuotedFigure, language: Language): string {
  const zh = language === 'zh';
  const since = figure.effectiveFrom ?? (zh ? '起始日期不详' : 'start not known');
  const until = figure.effectiveTo === null ? '' : zh ? `至 ${figure.effectiveTo}` : ` to ${figure.effectiveTo}`;
  const carried =
    figure.provisionalSince === null
      ? ''
      : zh
        ? `（自 ${figure.provisionalSince} 起）`
        : ` since ${figure.provisionalSince}`;
  const alsoUnverified = figure.status === 'provisional' && figure.recordStatus === 'unverified';
  const parts = [
    figure.regionName[language],
    `${since}${until}`,
    figure.documentNo,
    `${STATUS_WORDS[figure.status][language]}${carried}`,
    alsoUnverified ? STATUS_WORDS.unverified[language] : null,
    figure.overlay === null ? figure.sources.join(', ') : overlayText(figure.overlay, language),
    conflictText(figure, language),
  ].filter((part) => part !== null && part !== '');
  const list = parts.join(zh ? '，' : ', ');
  const value = figure.unit === null ? figure.value : `${figure.value} ${figure.unit}`;
  return zh ? `${figure.parameter} ${value}〔${list}〕` : `${figure.parameter} ${value} [${list}]`;
}

function overlayText({ by, on }: NonNullable<QuotedFigure['overlay']>, language: Language): string {
  return language === 'zh' ? `${by} 于 ${on} 确认` : `confirmed by ${by} on ${on}`;
}

function conflictText({ conflicts }: QuotedFigure, language: Language): string {
  const told = conflicts.map(({ value, source }) => `${source}: ${value}`);
  if (told.length === 0) return '';
  return language === 'zh' ? `另有来源不同：${told.join('；')}` : `other sources say ${told.join('; ')}`;
}

function remarksOf({ insurances, missing, totals }: Quote, language: Language): string[] {
  const zh = language === 'zh';
  const doubtful = insurances.flatMap((each) => (each.doubtful ? [INSURANCE_WORDS[each.insurance][language]] : []));
  const both = yuanText(addFen(totals.employeeFen, totals.employerFen));
  return [
    ...(totals.complete
      ? [zh ? `个人与单位共 ${both} 元。` : `Both sides together: ${both} yuan.`]
      : [zh ? `已知部分共 ${both} 元，不是全部。` : `What is known comes to ${both} yuan; it is not all.`]),
    ...(doubtful.length === 0
      ? []
      : [
          zh
            ? `${listText(doubtful, 'zh')}：有未核实或暂沿用的数字，缴费前请核对。`
            : `${listText(doubtful, 'en')}: figures are unverified or carried over; check them before money moves.`,
        ]),
    ...(missing.length === 0
      ? []
      : [zh ? `缺少：${listText(missing, 'zh')}。` : `Missing: ${listText(missing, 'en')}.`]),
  ];
}
