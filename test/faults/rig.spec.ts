/** Facts about the short set of `npm run faults`, and that each deliberately broken variant is caught by the rig. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildDist } from '../support/build-dist.js';
import { ROOT } from '../support/repository-files.js';

const MINUTES = 60_000;

interface Counts {
  readonly duplicates: number;
  readonly losses: number;
}

interface Result {
  readonly payments?: Counts & { readonly kills: number; readonly pauses: number; readonly restarts: number };
  readonly nights?: Counts & { readonly wrong: number; readonly falseGaps: number; readonly kills: number };
  readonly variants?: Readonly<Record<string, { readonly caught: boolean }>>;
}

/** Runs the rig and reads its last line. */
function faults(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'faults', 'run.mjs'), ...args, '--json'], { cwd: ROOT });
    let output = '';
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (told = `${told}${chunk.toString('utf8')}`.slice(-4000)));
    child.on('exit', (code) => {
      const line = output.trim().split('\n').at(-1) ?? '';
      if (line === '') reject(new Error(`The rig ended with code ${String(code)}: ${told}`));
      else resolve(JSON.parse(line) as Result);
    });
  });
}

beforeAll(buildDist, 5 * MINUTES);

it(
  'under kills, pauses, cuts and a restart of the database nothing is lost, nothing is twice and no gap is false',
  async () => {
    const { payments, nights } = await faults('--short');
    expect(payments).toMatchObject({ kills: 5, pauses: expect.any(Number), restarts: 1, duplicates: 0, losses: 0 });
    expect(payments?.pauses).toBeGreaterThanOrEqual(5);
    expect(nights).toMatchObject({ duplicates: 0, losses: 0, wrong: 0, falseGaps: 0 });
    expect(nights?.kills).toBeGreaterThan(0);
  },
  10 * MINUTES,
);

it.each(['naive-retry', 'no-lock', 'no-fence', 'checkpoint-before-commit', 'absence-from-incomplete', 'no-brake'])(
  'the rig sees what goes wrong with %s, and nothing with the program as it is',
  async (variant) => {
    expect((await faults('--broken', variant)).variants?.[variant]).toMatchObject({ caught: true });
  },
  10 * MINUTES,
);
