/** Whether dist/ is what src/ and policy/ say: compiles when a source is newer, and makes the command executable. `--clean` begins from nothing. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const COMMAND = join(DIST, 'cli', 'main.js');
const STAMP = join(DIST, '.built');
const COMPILED_POLICY = join(DIST, 'policy.compiled.json');
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/build.mjs'];

if (process.argv.includes('--clean')) rmSync(DIST, { recursive: true, force: true });
if (!isFresh()) build();
if (!isPolicyFresh()) compilePolicy();

function isFresh() {
  if (!existsSync(COMMAND) || !existsSync(STAMP)) return false;
  const builtMs = statSync(STAMP).mtimeMs;
  return Math.max(changedMs('src'), ...CONFIGURATION.map((file) => statSync(join(ROOT, file)).mtimeMs)) < builtMs;
}

function isPolicyFresh() {
  if (!existsSync(COMPILED_POLICY)) return false;
  return Math.max(changedMs('policy'), statSync(STAMP).mtimeMs) < statSync(COMPILED_POLICY).mtimeMs;
}

/** When something in a folder last changed. Folders count too: their time moves when a file is removed. */
function changedMs(folder) {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

function compilePolicy() {
  const script = join(ROOT, 'scripts', 'compile-policy.mjs');
  const { status } = spawnSync(process.execPath, [script], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

function build() {
  const startedMs = Date.now();
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
  if (existsSync(COMMAND)) chmodSync(COMMAND, 0o755);
  writeFileSync(STAMP, `${new Date(startedMs).toISOString()}\n`);
}
