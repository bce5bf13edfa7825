/** Writes dist/policy.compiled.json: the shipped pack as it is read from its files, so that no command has to parse them again. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const policyDir = join(ROOT, 'policy');
const { readPackContent } = await import(new URL('../dist/policy/load.js', import.meta.url));
const { COMPILED_FILE, compiledText, digestOf } = await import(
  new URL('../dist/policy/load-compiled.js', import.meta.url)
);

try {
  const content = readPackContent(policyDir);
  writeFileSync(COMPILED_FILE, compiledText(content, { policyDir, digest: digestOf(policyDir) }));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
