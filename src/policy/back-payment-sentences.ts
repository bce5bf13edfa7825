/** How back-payment advice reads for HR and for the employee, in Chinese and in English. */
import { type Fen, addFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { ChannelAdvice, ChannelCondition, ChannelReason, Deadline } from './back-payment-channels.js';
import type { AdvisedCell, BackPaymentAdvice } from './back-payment.js';
import type { PolicyBook } from './book.js';
import type { SideAmount } from './contribution.js';
import type { Known } from './policy-record.js';
import { workplaceRule } from './workplace.js';
import {
  CHANNEL_WORDS,
  INSURANCE_WORDS,
  type Language,
  STATUS_WORDS,
  insuranceText,
  listText,
  monthText,
  percentText,
  yuanText,
} from './wording.js';

/** Sentences in reading order. */
export interface BackPaymentText {
  readonly zh: readonly string[];
  readonly en: readonly string[];
}

type Advice = Omit<BackPaymentAdvice, 'text'>;

/** Insurances whose employee part people ask for first: together they are the story's 1,800.00. */
const NAMED_TOGETHER: readonly Insurance[] = ['pension', 'medical'];

export function writeBackPayment(advice: Advice, book: PolicyBook): BackPaymentText {
  const inOne = (language: Language): string[] =>
    [
      gapSentence(advice, book, language),
      verdictSentence(advice, language),
      ...advice.channels.map((channel) => channelSentence(channel, language)),
      deadlineSentence(advice, language),
      elsewhereSentence(advice, book, language),
      ...sideSentences(advice, 'employee', language),
      ...sideSentences(advice, 'employer', language),
      lateFeeSentence(advice, language),
      overPrincipalSentence(advice, language),
      doubtfulSentence(advice, language),
      missingSentence(advice, language),
    ].filter((sentence) => sentence !== '');
  return { zh: inOne('zh'), en: inOne('en') };
}

function gapSentence({ cells, region }: Advice, book: PolicyBook, language: Language): string {
  const months = listText([...new Set(cells.map(({ month }) => monthText(month, language)))], language);
  const insurances = insuranceText([...new Set(cells.map(({ insurance }) => insurance))], language);
  const place = book.regionName(region)[language];
  return language === 'zh'
    ? `断缴风险：${place} ${months} 未见${insurances}缴费。`
    : `Risk of a break in cover: no ${insurances} contribution was found for ${months} in ${place}.`;
}

function verdictSentence({ verdict }: Advice, language: Language): string {
  switch (verdict) {
    case 'eligible':
      return language === 'zh' ? '按已知规则可以申请补缴。' : 'By the rules known it may be paid back.';
    case 'refused':
      return language === 'zh' ? '按已知规则，所有渠道都不受理。' : 'By the rules known no channel accepts it.';
    case 'unknown':
      return language === 'zh'
        ? '能否补缴未知：缺少当地规则，请询问社保机构。'
        : 'Whether it may be paid back is unknown: the local rule is missing; ask the bureau.';
  }
}

function channelSentence(channel: ChannelAdvice, language: Language): string {
  const name = CHANNEL_WORDS[channel.channel][language];
  const zhVerdicts = { eligible: '可办', refused: '不受理', unknown: '未知' } as const;
  const enVerdicts = { eligible: 'accepted', refused: 'refused', unknown: 'unknown' } as const;
  const verdict = language === 'zh' ? zhVerdicts[channel.verdict] : enVerdicts[channel.verdict];
  const details = [
    ...channel.reasons.map((reason) => reasonText(reason, language)),
    ...channel.conditions.map((condition) => conditionText(condition, language)),
  ];
  return language === 'zh'
    ? `${name}：${verdict}（${details.join('；')}）。`
    : `${capitalised(name)}: ${verdict} (${details.join('; ')}).`;
}

function reasonText(reason: ChannelReason, language: Language): string {
  const zh = language === 'zh';
  switch (reason.code) {
    case 'within-limit':
      return zh
        ? `${onlyText(reason.only, language)}断缴距今 ${reason.months} 个月，未超过 ${reason.limit} 个月，${trust(reason.rule, language)}`
        : `${onlyText(reason.only, language)}${reason.months} months back, not over ${reason.limit}, ${trust(reason.rule, language)}`;
    case 'over-limit':
      return zh
        ? `${onlyText(reason.only, language)}断缴距今 ${reason.months} 个月，超过 ${reason.limit} 个月，${trust(reason.rule, language)}`
        : `${onlyText(reason.only, language)}${reason.months} months back, over ${reason.limit}, ${trust(reason.rule, language)}`;
    case 'no-limit':
      return zh
        ? `${onlyText(reason.only, language)}单位欠费不限月数，${trust(reason.rule, language)}`
        : `${onlyText(reason.only, language)}no limit of months for an employer's arrears, ${trust(reason.rule, language)}`;
    case 'insurance-excluded':
      return zh
        ? `${insuranceText(reason.insurances, language)}不可补缴，${trust(reason.rule, language)}`
        : `${insuranceText(reason.insurances, language)} cannot be paid back, ${trust(reason.rule, language)}`;
    case 'other-year':
      return zh ? `不可跨年补缴，${trust(reason.rule, language)}` : `not across years, ${trust(reason.rule, language)}`;
    case 'past-deadline':
      return zh ? `已过期限 ${reason.deadline}` : `the last day was ${reason.deadline}`;
    case 'limit-unknown':
      return zh ? `规则未知，可设置 ${reason.key}` : `rule unknown, may be set as ${reason.key}`;
  }
}

function conditionText(condition: ChannelCondition, language: Language): string {
  const zh = language === 'zh';
  switch (condition.code) {
    case 'evidence':
      return zh ? `材料：${condition.text.zh}` : `papers: ${condition.text.en}`;
    case 'all-insurances-together':
      return togetherText(condition.alsoNeeded, language);
    case 'window':
      return zh
        ? `每月 ${condition.fromDay}–${condition.untilDay} 日受理`
        : `from day ${condition.fromDay} to ${condition.untilDay} of a month`;
    case 'max-batch':
      return batchText(condition, language);
    case 'processing-days':
      return zh ? `办理约 ${condition.workingDays} 个工作日` : `takes about ${condition.workingDays} working days`;
  }
}

/** `医疗：` where a rule binds some of the insurances only. */
function onlyText(only: readonly Insurance[] | null, language: Language): string {
  if (only === null) return '';
  return `${insuranceText(only, language)}${language === 'zh' ? '' : ': '}`;
}

function togetherText(alsoNeeded: readonly Insurance[], language: Language): string {
  const names = insuranceText(alsoNeeded, language);
  if (language === 'zh') return `各险种须一并补缴${names === '' ? '' : `（还需${names}）`}`;
  return `all insurances together${names === '' ? '' : ` (${names} too)`}`;
}

function batchText(
  { persons, batches }: Extract<ChannelCondition, { readonly code: 'max-batch' }>,
  language: Language,
): string {
  if (language === 'zh') return `每批至多 ${persons} 人${batches > 1 ? `，须分 ${batches} 批` : ''}`;
  return `at most ${persons} persons a batch${batches > 1 ? `, so ${batches} batches` : ''}`;
}

function deadlineSentence(advice: Advice, language: Language): string {
  const accepting = advice.channels.filter(({ verdict }) => verdict === 'eligible');
  const binding = accepting.flatMap(({ deadlines }) => deadlines).find(({ day }) => day === advice.lastDay);
  if (advice.lastDay === null) return registrationText(advice, language);
  const because = binding === undefined ? '' : deadlineText(binding, advice, language);
  return language === 'zh'
    ? `请最迟于 ${advice.lastDay} 提出申请${because}。${registrationText(advice, language)}`
    : `Apply by ${advice.lastDay}${because}. ${registrationText(advice, language)}`;
}

function deadlineText({ because, rule }: Deadline, { hiredOn }: Advice, language: Language): string {
  const zh = language === 'zh';
  const count = rule.record.text;
  switch (because) {
    case 'days-after-hiring':
      return zh
        ? `（入职 ${hiredOn} 之后 ${count} 日内，${trust(rule, language)}）`
        : ` (within ${count} days of hiring on ${hiredOn}, ${trust(rule, language)})`;
    case 'months-after-hiring':
      return zh
        ? `（入职 ${hiredOn} 之后 ${count} 个月内，${trust(rule, language)}）`
        : ` (within ${count} months of hiring on ${hiredOn}, ${trust(rule, language)})`;
    case 'max-months':
      return zh
        ? `（断缴后 ${count} 个月内，${trust(rule, language)}）`
        : ` (within ${count} months of the gap, ${trust(rule, language)})`;
  }
}

function registrationText({ registerUntil }: Advice, language: Language): string {
  if (registerUntil === null) return '';
  return language === 'zh'
    ? `法定参保登记期限为用工之日起三十日内（至 ${registerUntil}，社会保险法第五十八条）。`
    : `The law's own time for registering a new employee is 30 days (until ${registerUntil}, Social Insurance Law art. 58).`;
}

/** One sentence per month: each insurance with base, rate and amount, then the sums. */
function sideSentences({ cells }: Advice, side: 'employee' | 'employer', language: Language): string[] {
  const months = [...new Set(cells.map(({ month }) => month))];
  const words = {
    employee: { zh: '个人部分', en: "Employee's part" },
    employer: { zh: '单位部分', en: "Employer's part" },
  } as const;
  return months.map((month) => {
    const own = cells.filter((cell) => cell.month === month);
    const label =
      months.length === 1 ? words[side][language] : `${words[side][language]} ${monthText(month, language)}`;
    const parts = own.map((cell) => amountText(cell, cell[side], language));
    const separator = language === 'zh' ? '，' : ', ';
    const sums = sumTexts(own, side, language).join(separator);
    return language === 'zh'
      ? `${label}：${parts.join(separator)}；${sums}。`
      : `${label}: ${parts.join(separator)}; ${sums}.`;
  });
}

function amountText(cell: AdvisedCell, side: SideAmount, language: Language): string {
  const insurance = INSURANCE_WORDS[cell.insurance][language];
  if (!side.known || cell.baseFen === null) return language === 'zh' ? `${insurance} 未知` : `${insurance} unknown`;
  const fixed = side.fixedFen === 0 ? '' : ` + ${yuanText(side.fixedFen)}`;
  const mark = side.doubtful ? (language === 'zh' ? '（未核实）' : ' (unverified)') : '';
  return `${insurance} ${yuanText(cell.baseFen)} × ${percentText(side.ratePpm)}${fixed} = ${yuanText(side.fen)}${mark}`;
}

function sumTexts(cells: readonly AdvisedCell[], side: 'employee' | 'employer', language: Language): string[] {
  const together = knownSum(
    cells.filter(({ insurance }) => NAMED_TOGETHER.includes(insurance)),
    side,
  );
  const all = knownSum(cells, side);
  const isSubset =
    side === 'employee' && cells.some(({ insurance }) => !NAMED_TOGETHER.includes(insurance)) && together > 0;
  const name = insuranceText(NAMED_TOGETHER, language);
  const named =
    language === 'zh' ? `${name}合计 ${yuanText(together)} 元` : `${name} together ${yuanText(together)} yuan`;
  const total = language === 'zh' ? `共 ${yuanText(all)} 元` : `${yuanText(all)} yuan in all`;
  return isSubset ? [named, total] : [total];
}

function knownSum(cells: readonly AdvisedCell[], side: 'employee' | 'employer'): Fen {
  return addFen(...cells.flatMap((cell) => (cell[side].known ? [cell[side].fen] : [])));
}

function lateFeeSentence({ cells, totals, asOf }: Advice, language: Language): string {
  const unknown = [...new Set(cells.flatMap(({ lateFee }) => (lateFee.known ? [] : lateFee.missing)))];
  if (unknown.length > 0) {
    return language === 'zh'
      ? `滞纳金未知：缺少 ${listText(unknown, language)}；如有，由单位承担。`
      : `Late fee unknown: ${listText(unknown, language)} missing; if any, the employer bears it.`;
  }
  return language === 'zh'
    ? `如按欠费处理，${asOf} 缴纳的滞纳金为 ${yuanText(totals.lateFeeFen)} 元（社会保险法第八十六条，由单位承担）。`
    : `If treated as arrears and paid on ${asOf}, the late fee is ${yuanText(totals.lateFeeFen)} yuan (Social Insurance Law art. 86, borne by the employer).`;
}

/** 行政强制法 art. 45: a surcharge may not pass the principal; whether that binds here is unsettled, so a person looks. */
function overPrincipalSentence({ cells }: Advice, language: Language): string {
  const fees = cells.flatMap(({ lateFee }) => (lateFee.known && lateFee.exceedsPrincipal ? [lateFee] : []));
  if (fees.length === 0) return '';
  const isCapped = fees.every(({ cappedAtPrincipal }) => cappedAtPrincipal);
  if (language === 'zh') {
    return isCapped
      ? '有月份的滞纳金超过本金，已按本金封顶。'
      : '注意：有月份的滞纳金超过本金；行政强制法第四十五条是否适用尚有争议，请与社保机构核对。';
  }
  return isCapped
    ? 'For some months the late fee passed the principal and was cut to it.'
    : 'Mind: for some months the late fee passes the principal; whether art. 45 of the Administrative Enforcement Law binds is unsettled, so ask the bureau.';
}

function elsewhereSentence({ region, hukouRegion }: Advice, book: PolicyBook, language: Language): string {
  if (hukouRegion === null || !workplaceRule({ workplace: region, hukouRegion }).isElsewhere) return '';
  const [here, there] = [book.regionName(region)[language], book.regionName(hukouRegion)[language]];
  return language === 'zh'
    ? `按工作地（${here}）的政策办理，与户籍地（${there}）无关。`
    : `The rules of the place of work (${here}) count, not those of the household's registration (${there}).`;
}

function doubtfulSentence({ doubtful }: Advice, language: Language): string {
  if (doubtful.length === 0) return '';
  const figures = doubtful.map(
    ({ insurance, parameter, value, status, source }) =>
      `${INSURANCE_WORDS[insurance][language]} ${parameter} ${value} [${STATUS_WORDS[status][language]}, ${source}]`,
  );
  return language === 'zh'
    ? `以下数字未核实或暂沿用，办理前请与社保机构核对：${figures.join('；')}。`
    : `These figures are unverified or carried over; check them with the bureau before money moves: ${figures.join('; ')}.`;
}

function missingSentence({ missing }: Advice, language: Language): string {
  if (missing.length === 0) return '';
  return language === 'zh' ? `缺少：${listText(missing, language)}。` : `Missing: ${listText(missing, language)}.`;
}

function trust(rule: Known<unknown>, language: Language): string {
  return STATUS_WORDS[rule.status][language];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
