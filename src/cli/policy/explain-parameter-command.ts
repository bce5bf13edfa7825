/** `buduan policy explain`: which record gives a parameter its value, and what all others say. */
import type { Command } from 'commander';
import { HubError } from '../../domain/hub-error.js';
import { nearestWord } from '../../platform/config/check-schema.js';
import { type Candidate, type ParameterExplanation, explainParameter } from '../../policy/explain-parameter.js';
import { PARAMETER_NAMES, type ParameterName, isParameterName } from '../../policy/parameter-catalogue.js';
import { parameterRequest } from '../../policy/policy-request.schema.js';
import { figureText } from '../../policy/quote-sentences.js';
import { firstDay } from '../../domain/month.js';
import { resolveRegion } from '../../policy/resolve-region.js';
import { languageOption, policyCommand, today } from './open-policy.js';
import { type AskedOptions, askPolicy } from './request-options.js';

export function registerExplainParameterCommand(policy: Command): void {
  policyCommand(policy, 'explain', 'why one parameter has its value: the record that won, and every other up the tree')
    .requiredOption('--region <region>', 'code or name of the insured place')
    .requiredOption('--insurance <insurance>', 'for which insurance')
    .requiredOption('--parameter <name>', 'for example base_floor; all of them stand in docs/policy.md')
    .requiredOption('--month <month>', 'YYYY-MM')
    .option('--known-at <day>', 'only what was published by this day (default: today)')
    .addOption(languageOption())
    .action(explainCommand);
}

async function explainCommand(options: AskedOptions): Promise<void> {
  const { request, book, terminal } = await askPolicy(options, parameterRequest);
  const { insurance, month } = request;
  const explanation = explainParameter(
    {
      region: resolveRegion(request.region, book, firstDay(month)),
      insurance,
      parameter: knownParameter(request.parameter),
      month,
      knownAt: request.knownAt ?? today(),
    },
    book,
  );
  terminal.say(headline(explanation, options.lang));
  terminal.table(
    ['', 'layer', 'region', 'scope', 'from', 'to', 'value', 'status', 'published', 'document', 'sources', 'file'],
    explanation.candidates.map(candidateRow),
  );
  for (const line of explanation.candidates.flatMap(conflictLines)) terminal.say(line);
  terminal.json(explanation);
}

function headline({ value, key, month, knownAt, policyVersion }: ParameterExplanation, language: 'zh' | 'en'): string {
  const zh = language === 'zh';
  const says =
    value === null
      ? zh
        ? `未知；可在 overlay 中设置 ${key}`
        : `unknown; an overlay may set ${key}`
      : figureText(value, language);
  return zh
    ? `${key} ${month}（政策 ${policyVersion}，按 ${knownAt} 已知）：${says}`
    : `${key} ${month} (policy ${policyVersion}, as known on ${knownAt}): ${says}`;
}

function candidateRow({ verdict, layer, figure, origin }: Candidate): string[] {
  return [
    verdict,
    layer,
    `${figure.region} ${figure.regionName.zh}`,
    figure.scope,
    figure.effectiveFrom ?? 'undated',
    figure.effectiveTo ?? '',
    figure.value,
    figure.status,
    figure.publishedOn ?? '',
    figure.documentNo ?? '',
    figure.overlay === null ? figure.sources.join(', ') : `${figure.overlay.by}, ${figure.overlay.on}`,
    origin.replace(/^.*\/(?=[^/]+\/[^/]+$)/, ''),
  ];
}

function conflictLines({ figure, conflictReason }: Candidate): string[] {
  return figure.conflicts.map(
    ({ value, source }) =>
      `conflict: ${figure.region} ${figure.scope} ${figure.effectiveFrom ?? 'undated'}: ${figure.value} was chosen, ${source} says ${value}` +
      (conflictReason === null ? '' : ` (${conflictReason})`),
  );
}

function knownParameter(text: string): ParameterName {
  if (isParameterName(text)) return text;
  const near = nearestWord(text, PARAMETER_NAMES);
  throw new HubError({
    code: 'unknown-parameter',
    next: 'fix-config',
    message: `There is no parameter "${text.slice(0, 60)}"; ${near === null ? 'docs/policy.md lists all' : `did you mean "${near}"?`}`,
  });
}
