/** The compiled `buduan` as a process of its own, with a configuration, a database and a running sandbox. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxVariables } from '../../src/cli/demo/sandbox-variables.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js';
import { DIST, packedProgram } from '../support/build-dist.js';
import { ROOT } from '../support/repository-files.js';
import { openTestDatabase } from '../support/test-database.js';

export interface CliOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliWorld {
  /** For files of a test; gone after `close`. */
  readonly folder: string;
  readonly sandbox: Sandbox;
  /** Runs `buduan <args>` to its end; `variables` win over those of the world. */
  buduan(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<CliOutcome>;
  /** The same, killed (-9) as soon as standard error shows `sign`; its code is then null. */
  killedAt(sign: string, args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<CliOutcome>;
  /** The same with the program as it is installed, not in one piece. */
  installed(args: readonly string[]): Promise<CliOutcome>;
  close(): Promise<void>;
}

const KEY = Buffer.alloc(32, 7).toString('base64');

/** Builds the program, starts the sandbox of 400 employees and writes hub.yaml, which every command finds by itself. */
export async function openCliWorld(): Promise<CliWorld> {
  const program = await packedProgram();
  const test = await openTestDatabase({ poolSize: 1 });
  const sandbox = await startSandbox({ employees: 400, seed: 5, profile: 'demo' });
  const folder = mkdtempSync(join(tmpdir(), 'buduan-cli-'));
  const config = join(folder, 'hub.yaml');
  writeFileSync(config, hubYaml());
  const running = new Set<ChildProcess>();
  const base = {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm',
    BUDUAN_CONFIG: config,
    BUDUAN_LOG_LEVEL: 'warn',
    BUDUAN_LOG_FORMAT: 'json',
    DATABASE_URL: test.url,
    BUDUAN_IDENTITY_KEY: KEY,
    BUDUAN_BLIND_INDEX_KEY: KEY,
    ...sandboxVariables(sandbox.urls),
  };
  return {
    folder,
    sandbox,
    buduan: (args, variables = {}) => runCli({ program, args, env: { ...base, ...variables }, running, killAt: null }),
    killedAt: (killAt, args, variables = {}) =>
      runCli({ program, args, env: { ...base, ...variables }, running, killAt }),
    installed: (args) => runCli({ program: join(DIST, 'cli', 'main.js'), args, env: base, running, killAt: null }),
    close: async () => {
      // A test that ran out of time leaves its command at work: it would keep Jest's worker from ending, and hold the database.
      for (const child of running) child.kill('SIGKILL');
      await sandbox.stop();
      await test.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The demo's configuration, on a database of its own. */
function hubYaml(): string {
  return readFileSync(join(ROOT, 'examples/demo/hub.yaml'), 'utf8')
    .replaceAll('../../manifests/', join(ROOT, 'manifests/'))
    .replaceAll('../overlays/', join(ROOT, 'examples/overlays/'))
    .replace(
      /^dataDir: .*$/m,
      [
        'dataDir: state',
        "database: { url: '${DATABASE_URL}', allowUnsafeFsync: true }",
        "keys: { current: k1, identity: { k1: '${BUDUAN_IDENTITY_KEY}' }, blindIndex: '${BUDUAN_BLIND_INDEX_KEY}' }",
      ].join('\n'),
    );
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Those that have not ended. */
  readonly running: Set<ChildProcess>;
  readonly killAt: string | null;
}

function runCli({ program, args, env, running, killAt }: Command): Promise<CliOutcome> {
  const child = spawn(process.execPath, [program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (killAt !== null && stderr.includes(killAt)) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
