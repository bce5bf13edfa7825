/** Which options of a command are fields of a request to the policy. */
import type { Command } from 'commander';
import type { z } from 'zod';

/** What a quote and a back-payment ask about the insured alike; checked by the request's schema, all at once. */
export function insuredOptions(command: Command): Command {
  return command
    .requiredOption('--region <region>', 'code or name of the insured place, for example 440300')
    .requiredOption('--wage <yuan>', 'monthly wage the base is made from, for example 18000')
    .option('--insurance <list>', 'insurances separated by commas (default: those usual in the region)')
    .option('--hukou <kind>', 'household registered in the region: local or other')
    .option('--industry-class <class>', 'the employer’s industry class, 1–8, for work injury');
}

/** The options that the schema names, as they were typed. */
export function requestOf(
  options: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}
