/** `buduan policy quote`: what a month costs on a wage, each figure with its source. */
import type { Command } from 'commander';
import { answerQuote } from '../../policy/answer-requests.js';
import { quoteRequest } from '../../policy/policy-request.schema.js';
import { quoteInWords } from '../../policy/quote-sentences.js';
import { languageOption, policyCommand, today } from './open-policy.js';
import { type AskedOptions, askPolicy, insuredOptions } from './request-options.js';

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

async function quoteCommand(options: AskedOptions): Promise<void> {
  const { request, book, terminal } = await askPolicy(options, quoteRequest);
  const answer = answerQuote(request, { book, today: today() });
  const text = quoteInWords(answer, options.lang);
  terminal.say(text.title);
  terminal.table(text.head, text.rows);
  for (const line of [...text.figures, ...text.remarks]) terminal.say(line);
  terminal.json(answer);
}
