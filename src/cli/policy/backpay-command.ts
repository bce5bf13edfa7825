/** `buduan policy backpay`: may unpaid months be paid back, where, until when, for how much, and what late fee comes on top. */
import type { Command } from 'commander';
import { addDays } from '../../domain/month.js';
import { answerBackPayment, plainAdvice } from '../../policy/answer-requests.js';
import type { AdvisedCell, BackPaymentAdvice } from '../../policy/back-payment.js';
import type { LateFee } from '../../policy/late-fee.js';
import { backPaymentRequest } from '../../policy/policy-request.schema.js';
import { CHANNEL_WORDS, INSURANCE_WORDS, type Language, percentText, yuanText } from '../../policy/wording.js';
import type { Terminal } from '../terminal.js';
import { languageOption, policyCommand, today } from './open-policy.js';
import { type AskedOptions, askPolicy, insuredOptions } from './request-options.js';

const VERDICT_WORDS = {
  eligible: { zh: '可办', en: 'accepted' },
  refused: { zh: '不受理', en: 'refused' },
  unknown: { zh: '未知', en: 'unknown' },
} as const;

export function registerBackPaymentCommand(policy: Command): void {
  insuredOptions(
    policyCommand(
      policy,
      'backpay',
      'whether unpaid months may be paid back, through which channel, until when, for how much',
    ),
  )
    .requiredOption('--gap <months>', 'the unpaid months, YYYY-MM separated by commas')
    .requiredOption('--hired <day>', 'day of hiring, YYYY-MM-DD')
    .option('--as-of <day>', 'the day of asking and paying (default: today)')
    .addOption(languageOption())
    .action(backPaymentCommand);
}

async function backPaymentCommand(options: AskedOptions): Promise<void> {
  const { request, book, terminal } = await askPolicy(options, backPaymentRequest);
  const advice = answerBackPayment(request, { book, today: today() });
  sayAdvice(terminal, advice, options.lang);
  terminal.json(plainAdvice(advice, book));
}

function sayAdvice(terminal: Terminal, advice: BackPaymentAdvice, language: Language): void {
  const zh = language === 'zh';
  for (const sentence of advice.text[language]) terminal.say(sentence);
  terminal.table(
    zh ? ['渠道', '结论', '最迟'] : ['channel', 'verdict', 'last day'],
    advice.channels.map(({ channel, verdict, lastDay }) => [
      CHANNEL_WORDS[channel][language],
      VERDICT_WORDS[verdict][language],
      lastDay ?? '–',
    ]),
  );
  terminal.table(
    zh
      ? ['月份', '险种', '基数', '个人', '单位', '滞纳金', '天数与日费率']
      : ['month', 'insurance', 'base', 'employee', 'employer', 'late fee', 'days and daily rate'],
    advice.cells.map((cell) => cellRow(cell, language)),
  );
}

function cellRow(
  { month, insurance, baseFen, employee, employer, lateFee }: AdvisedCell,
  language: Language,
): string[] {
  const unknown = language === 'zh' ? '未知' : 'unknown';
  return [
    month,
    INSURANCE_WORDS[insurance][language],
    baseFen === null ? unknown : yuanText(baseFen),
    employee.known ? yuanText(employee.fen) : unknown,
    employer.known ? yuanText(employer.fen) : unknown,
    lateFee.known ? yuanText(lateFee.fen) : unknown,
    segmentsText(lateFee),
  ];
}

/** `22 × 0.05% (2023-02-26 – 2023-03-19)`: both days are counted. */
function segmentsText(lateFee: LateFee): string {
  if (!lateFee.known) return lateFee.missing.join(', ');
  return lateFee.segments
    .map(({ from, until, days, ratePpm }) => `${days} × ${percentText(ratePpm)} (${from} – ${addDays(until, -1)})`)
    .join('; ');
}
