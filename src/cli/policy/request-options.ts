/** Which options of a command are fields of a request to the policy. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { readRequest } from '../../policy/policy-request.schema.js';
import { type LanguageOption, type OpenPolicy, type PolicyOptions, openPolicy } from './open-policy.js';

/** What a question of the policy is typed as: where the figures come from, the language, and the fields of its request. */
export type AskedOptions = PolicyOptions & LanguageOption & Readonly<Record<string, unknown>>;

/** What a quote and a back-payment ask about the insured alike; checked by the request's schema, all at once. */
export function insuredOptions(command: Command): Command {
  return command
    .requiredOption('--region <region>', 'code or name of the insured place, for example 440300')
    .requiredOption('--wage <yuan>', 'monthly wage the base is made from, for example 18000')
    .option('--insurance <list>', 'insurances separated by commas (default: those usual in the region)')
    .option('--hukou <kind>', 'household registered in the region: local or other')
    .option('--industry-class <class>', 'the employer’s industry class, 1–8, for work injury');
}

/** The checked request, and the policy it is put to. Throws every misfit of the request before anything is opened. */
export async function askPolicy<T extends z.ZodObject>(
  options: AskedOptions,
  schema: T,
): Promise<OpenPolicy & { readonly request: z.output<T> }> {
  const request = readRequest(schema, requestOf(options, schema));
  return { ...(await openPolicy(options)), request };
}

/** The options that the schema names, as they were typed. */
function requestOf(options: Readonly<Record<string, unknown>>, schema: z.ZodObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}
