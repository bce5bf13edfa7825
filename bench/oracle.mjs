/**
 * npm run bench -- oracle [--cases N] [--seed S] [--json]
 * The engine of src/policy against a second calculation written apart (test/policy/oracle.ts) on random cases: bases, amounts, late fees
 * and back-payments must agree to the fen. Ends with code 1 on any disagreement and shows the first ones.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transpile } from '../test/support/transpile.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      cases: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '20261124' },
      json: { type: 'boolean', default: false },
    },
  });
  const [cases, seed] = [Number(values.cases), Number(values.seed)];
  if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed) || seed < 1)
    throw new Error('--cases and --seed are whole numbers above zero.');
  const { runOracle } = await import(transpile('test/policy/oracle-run.ts'));
  const begun = performance.now();
  const run = runOracle({
    cases,
    seed,
    policyDir: join(ROOT, 'policy'),
    demoOverlay: join(ROOT, 'examples/overlays/company-a.yaml'),
  });
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
  const { first, ...counts } = run;
  if (values.json) console.log(JSON.stringify({ ...run, seed, seconds }));
  else {
    console.table({ oracle: { ...counts, seconds, seed } });
    for (const each of first) console.log(JSON.stringify(each, null, 2));
  }
  process.exitCode = run.disagreements === 0 ? 0 : 1;
}
