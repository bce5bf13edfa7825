/** A base's explanation as lines for people, in Chinese and in English. */
import type { BaseExplanation, FigureUsed, WageUsed } from './base-explanation.js';
import type { BasisKind } from './basis.js';
import type { PolicyBook } from './book.js';
import type { Rounding } from './parameter-catalogue.js';
import { type Bilingual, INSURANCE_WORDS, type Language, STATUS_WORDS, monthText, yuanText } from './wording.js';

const BASIS_WORDS: Readonly<Record<BasisKind, Bilingual>> = {
  'annual-average': { zh: '上年度月平均工资', en: 'average monthly wage of the previous calendar year' },
  'newcomer-full-month': { zh: '新入职：首个完整月工资', en: "newcomer: the first full month's wage" },
  'newcomer-start-wage': { zh: '新入职：约定工资', en: 'newcomer: the wage agreed at the start' },
  'same-month': { zh: '当月工资', en: "the month's own wage" },
  'previous-month': { zh: '上月工资', en: "the previous month's wage" },
  'window-average': { zh: '近几个月平均工资', en: 'average wage of the last months' },
};

const PARAMETER_WORDS: Readonly<Record<string, Bilingual>> = {
  base_floor: { zh: '基数下限', en: 'floor' },
  base_cap: { zh: '基数上限', en: 'cap' },
  base_rule: { zh: '基数规则', en: 'base rule' },
  base_window_months: { zh: '平均月数', en: 'months averaged' },
  adjustment_month: { zh: '调整月份', en: 'adjustment month' },
  newcomer_rule: { zh: '新入职规则', en: 'newcomer rule' },
  base_rounding: { zh: '基数取整', en: 'rounding' },
};

/** What was asked, the basis, the limits, the result, then every figure with its source. */
export function explainInWords(
  explanation: BaseExplanation,
  book: PolicyBook,
): Readonly<Record<Language, readonly string[]>> {
  const inOne = (language: Language): string[] => [
    headline(explanation, book, language),
    ...basisLines(explanation, language),
    ...adjustmentLine(explanation, language),
    resultLine(explanation, language),
    ...explanation.figures.map((figure) => figureLine(figure, book, language)),
    language === 'zh'
      ? `政策版本 ${book.version}，按 ${explanation.knownAt} 已知的规定`
      : `policy ${book.version}, as known on ${explanation.knownAt}`,
  ];
  return { zh: inOne('zh'), en: inOne('en') };
}

function headline({ region, insurance, month }: BaseExplanation, book: PolicyBook, language: Language): string {
  const place = book.regionName(region)[language];
  const name = INSURANCE_WORDS[insurance][language];
  return language === 'zh'
    ? `${place} ${name} ${monthText(month, language)} 缴费基数`
    : `${place}, ${name}, ${month}: contribution base`;
}

function basisLines(
  { basisKind, basis, wages, effectiveFrom, employment, rounding }: BaseExplanation,
  language: Language,
): string[] {
  if (basisKind === null || basis === null) return [];
  const kind = BASIS_WORDS[basisKind][language];
  const sum = `${yuanText(basis.sumFen)} ÷ ${basis.months}`;
  const since =
    effectiveFrom === null
      ? ''
      : language === 'zh'
        ? `，自 ${effectiveFrom} 起执行`
        : `, in force from ${effectiveFrom}`;
  const lines = [`${kind}${language === 'zh' ? '：' : ': '}${sum}${roundingText(rounding, language)}${since}`];
  if (wages.length > 0) lines.push(wages.map((wage) => wageText(wage)).join(language === 'zh' ? '，' : ', '));
  else lines.push(language === 'zh' ? `入职 ${employment.hiredOn}` : `hired on ${employment.hiredOn}`);
  return lines;
}

/** Why a raise of today changes nothing yet. */
function adjustmentLine({ nextAdjustment }: BaseExplanation, language: Language): string[] {
  if (nextAdjustment === null) return [];
  return [
    language === 'zh'
      ? `工资变动自 ${nextAdjustment} 调整起才影响基数`
      : `a change of wage counts from the adjustment of ${nextAdjustment} on`,
  ];
}

function wageText({ month, fen }: WageUsed): string {
  return `${month} ${fen === null ? '–' : yuanText(fen)}`;
}

function roundingText(rounding: Rounding | null, language: Language): string {
  if (rounding === null) return '';
  const step = (rounding.stepFen / 100).toString();
  return language === 'zh' ? `（取整 ${rounding.mode} ${step} 元）` : ` (rounded ${rounding.mode} to ${step} yuan)`;
}

function resultLine({ baseFen, clamp, missing }: BaseExplanation, language: Language): string {
  if (baseFen === null || clamp === null) {
    return language === 'zh' ? `基数未知：缺少 ${missing.join('、')}` : `base unknown: ${missing.join(', ')} missing`;
  }
  const words: Readonly<Record<typeof clamp, Bilingual>> = {
    none: { zh: '在上下限之内', en: 'inside floor and cap' },
    floor: { zh: '低于下限，按下限', en: 'below the floor: the floor counts' },
    cap: { zh: '高于上限，按上限', en: 'above the cap: the cap counts' },
    fixed: { zh: '上下限相同，与工资无关', en: 'floor and cap are one amount, whatever the wage' },
  };
  return language === 'zh'
    ? `基数 ${yuanText(baseFen)} 元（${words[clamp].zh}）`
    : `base ${yuanText(baseFen)} yuan (${words[clamp].en})`;
}

function figureLine(figure: FigureUsed, book: PolicyBook, language: Language): string {
  const name = PARAMETER_WORDS[figure.parameter]?.[language] ?? figure.parameter;
  const place = book.regionName(figure.region)[language];
  const since = figure.effectiveFrom ?? (language === 'zh' ? '起始日期不详' : 'start not known');
  const status = STATUS_WORDS[figure.status][language];
  const carried =
    figure.provisionalSince === null
      ? ''
      : language === 'zh'
        ? `（自 ${figure.provisionalSince} 起）`
        : ` since ${figure.provisionalSince}`;
  const parts = [place, since, figure.documentNo, `${status}${carried}`, figure.source].filter(
    (part) => part !== null && part !== '',
  );
  return language === 'zh'
    ? `${name} ${figure.value}〔${parts.join('，')}〕`
    : `${name} ${figure.value} [${parts.join(', ')}]`;
}
