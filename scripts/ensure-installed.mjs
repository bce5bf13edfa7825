/** Whether this checkout can run: a Node that is new enough, and dependencies no older than package-lock.json; installs them when they are not. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const LOCK = join(ROOT, 'package-lock.json');
/** npm writes it at the end of every install. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
/** The lock file that was installed here: its time alone changes with every checkout of another branch and back. */
const STAMP = join(ROOT, 'node_modules', '.buduan-installed');

const NEEDED = [20, 19];
/** Last day of support per major; odd majors end with the next even one. */
const END_OF_LIFE = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
};

checkNode();
if (!isInstalled()) install();

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
    stop(`Node ${process.versions.node} is too old: buduan needs ${NEEDED.join('.')} or newer; 24 LTS is recommended.`);
  }
  const end = END_OF_LIFE[major];
  if (end !== undefined && end < new Date().toISOString().slice(0, 10)) {
    tell(`Node ${major} gets no security fixes since ${end}; it still works here, but move to 24 LTS.`);
  }
}

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8') === lockHash();
  return statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
}

/** Also works where install scripts are blocked: nothing here needs one to have run. */
function install() {
  tell('Installing dependencies (npm ci) …');
  const command = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result =
    npm !== undefined && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...command], { cwd: ROOT, stdio: ['ignore', 2, 2] })
      : spawnSync('npm', command, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0)
    stop('npm ci failed; see its output above. Behind a proxy or mirror, check the registry setting of npm.');
  writeFileSync(STAMP, lockHash());
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}

function tell(line) {
  process.stderr.write(`buduan: ${line}\n`);
}

function stop(line) {
  tell(line);
  process.exit(1);
}
