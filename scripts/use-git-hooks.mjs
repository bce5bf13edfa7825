/** Whether a push from this checkout is checked first: points git at .githooks, in a git checkout whose hooks are nobody else's. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

if (existsSync(join(ROOT, '.git')) && !process.env.CI) {
  const configured = git('config', '--get', 'core.hooksPath');
  if (configured === '') git('config', 'core.hooksPath', '.githooks');
}

/** What git answers; '' where it has no answer or is not installed. An install must not fail for want of a hook. */
function git(...command) {
  const { status, stdout } = spawnSync('git', command, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
