/** What exactly an employee is shown about a case, and the hash of that text. Pure. */
import { createHash } from 'node:crypto';
import type { CaseView } from '../backpay/cases.reader.js';
import { addFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import { CHANNEL_WORDS, INSURANCE_WORDS, type Language, listText, monthText, yuanText } from '../policy/wording.js';
import { WORDS } from './pages/words.js';

export interface CaseStatement {
  readonly language: Language;
  readonly found: readonly string[];
  readonly head: readonly string[];
  /** As wide as `head`. */
  readonly rows: readonly (readonly string[])[];
  readonly terms: readonly string[];
  /** Everything above, line by line, as it is kept: who agreed, agreed to this. */
  readonly text: string;
  /** SHA-256 of `text`, hex. */
  readonly hash: string;
}

/** null = the amounts are not known, and nobody is asked. No name and no identity number stands in it. */
export function caseStatement(
  view: CaseView,
  { language, companyName }: { readonly language: Language; readonly companyName: string },
): CaseStatement | null {
  const { content, totals, hash } = view;
  if (content === null || totals === null || hash === null) return null;
  const found = foundLines(content.lines, language, companyName);
  const head = HEAD.map((word) => WORDS[word][language]);
  const rows = content.lines.map((line) => [
    monthText(line.month, language),
    INSURANCE_WORDS[line.insurance][language],
    yuanText(line.baseFen),
    yuanText(line.employeeFen),
    yuanText(line.employerFen),
    line.lateFeeFen === null ? WORDS.later[language] : yuanText(line.lateFeeFen),
  ]);
  const terms = termLines({ ...view, content, totals, hash }, language);
  const text = [...found, head.join(' | '), ...rows.map((row) => row.join(' | ')), ...terms].join('\n');
  return { language, found, head, rows, terms, text, hash: createHash('sha256').update(text).digest('hex') };
}

const HEAD = ['month', 'insurance', 'base', 'you', 'company', 'lateFee'] as const;

function foundLines(
  lines: readonly { readonly month: Month; readonly insurance: Insurance }[],
  language: Language,
  companyName: string,
): string[] {
  const months = [...new Set(lines.map(({ month }) => month))];
  const gaps = months.map((month) => {
    const insurances = lines.filter((line) => line.month === month).map(({ insurance }) => INSURANCE_WORDS[insurance]);
    const names = listText(
      insurances.map((word) => word[language]),
      language,
    );
    return language === 'zh' ? `${monthText(month, 'zh')}（${names}）` : `${month} (${names})`;
  });
  return language === 'zh'
    ? [
        `${companyName}核对社保记录时发现，您有以下月份没有缴费：${listText(gaps, 'zh')}。`,
        '这些月份可以补缴，金额如下。',
      ]
    : [
        `${companyName} compared the social-insurance records and found no contribution of yours for: ${listText(gaps, 'en')}.`,
        'These months may be paid back. The amounts:',
      ];
}

type Complete = CaseView & {
  readonly content: NonNullable<CaseView['content']>;
  readonly totals: NonNullable<CaseView['totals']>;
  readonly hash: string;
};

function termLines({ content, totals, lastDay, hash, round }: Complete, language: Language): string[] {
  const you = yuanText(totals.employeeFen);
  const company = yuanText(totals.employerFen);
  const both = yuanText(addFen(totals.employeeFen, totals.employerFen));
  const fee = totals.lateFeeFen === null ? null : yuanText(totals.lateFeeFen);
  const channel = CHANNEL_WORDS[content.channel][language];
  const seal = `${hash.slice(0, 16)}-${round}`;
  if (language === 'zh')
    return [
      `您承担个人部分，共 ${you} 元。`,
      `公司承担单位部分，共 ${company} 元；两者合计 ${both} 元。`,
      fee === null
        ? '滞纳金由公司承担，金额由社保机构在缴费时计算。'
        : `滞纳金由公司承担，按 ${content.lateFeeOn} 计算为 ${fee} 元，最终以缴费日为准。`,
      `办理渠道：${channel}。${lastDay === null ? '' : `最晚申报日：${lastDay}。`}`,
      '您同意后，由公司另一位负责人审批，然后提交办理。在此之前如内容有变，会重新请您确认。',
      `内容编号：${seal}`,
    ];
  return [
    `You pay the employee part: ${you} yuan.`,
    `The company pays the employer part: ${company} yuan; together ${both} yuan.`,
    fee === null
      ? 'The company pays the late fee; the bureau computes it when the money is paid.'
      : `The company pays the late fee: ${fee} yuan as of ${content.lateFeeOn}; the day of payment decides.`,
    `Channel: ${channel}.${lastDay === null ? '' : ` Last day to apply: ${lastDay}.`}`,
    'When you agree, another person of the company approves, and then it is submitted. Should anything change before, you will be asked again.',
    `Content number: ${seal}`,
  ];
}
