/** `buduan policy quote`: what a month costs on a wage, each figure with its source. */
import type { Command } from 'commander';
import { answerQuote } from '../../policy/answer-requests.js';
import { quoteRequest, readRequest } from '../../policy/policy-request.schema.js';
import { quoteInWords } from '../../policy/quote-sentences.js';
import {
  type LanguageOption,
  type PolicyOptions,
  languageOption,
  openPolicy,
  policyCommand,
  today,
} from './open-policy.js';
import { insuredOptions, requestOf } from './request-options.js';

export function registerQuoteCommand(policy: Command): void {
  insuredOptions(
    policyCommand(
      policy,
      'quote',
      'range, base, rates and both sides’ amounts of a month, with the source of every figure',
    ),
  )
    .requiredOption('--month <month>', 'the month the contribution is for, YYYY-MM')
    .option('--known-at <day>', 'only what was published by this day (default: today)')
    .addOption(languageOption())
    .action(quoteCommand);
}

async function quoteCommand(
  options: PolicyOptions & LanguageOption & Readonly<Record<string, unknown>>,
): Promise<void> {
  const request = readRequest(quoteRequest, requestOf(options, quoteRequest));
  const { book, terminal } = await openPolicy(options);
  const answer = answerQuote(request, { book, today: today() });
  const text = quoteInWords(answer, options.lang);
  terminal.say(text.title);
  terminal.table(text.head, text.rows);
  for (const line of [...text.figures, ...text.remarks]) terminal.say(line);
  terminal.json(answer);
}
