/** Whether real hub processes, killed, paused and cut off, lose nothing and say nothing twice; and whether the rig would see it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildDist } from '../support/build-dist.js';
import { ROOT } from '../support/repository-files.js';

interface Strikes {
  readonly plan: string;
  readonly kills: number;
  readonly pauses: number;
  readonly cuts: number;
  readonly duplicates: number;
  readonly losses: number;
}

interface Played {
  readonly seed: number;
  readonly complaints: readonly string[];
  readonly payments: Strikes & { readonly operations: number; readonly payments: number; readonly restarts: number };
  readonly nights: Strikes & { readonly expected: number; readonly wrong: number; readonly falseGaps: number };
  readonly variants: Readonly<Record<string, { readonly caught: boolean }>>;
  readonly model: { readonly commands: number };
  readonly clock: { readonly instants: number; readonly harm: number };
}

/** About a hundred seconds of two idle cores; the rest is for machines that have other things to do. */
const WITHIN_MS = 900_000;
const SEED = '20230320';

describe('the fault rig', () => {
  it(
    'finds nothing lost, nothing twice and no false gap, and catches every broken variant',
    async () => {
      await buildDist();
      const played = await play(['--seed', SEED, '--json']);
      process.stdout.write(`npm run faults -- --seed ${played.seed}: ${JSON.stringify(played)}\n`);
      expect(played.complaints).toEqual([]);
      const { payments, nights, variants } = played;
      expect(payments).toMatchObject({ operations: 60, payments: 60, duplicates: 0, losses: 0 });
      expect(nights).toMatchObject({ duplicates: 0, losses: 0, wrong: 0, falseGaps: 0 });
      expect(nights.expected).toBeGreaterThan(0);
      for (const struck of [payments.kills, payments.pauses, payments.cuts, payments.restarts, nights.kills])
        expect(struck).toBeGreaterThan(0);
      expect(Object.entries(variants).filter(([, { caught }]) => !caught)).toEqual([]);
      expect(Object.keys(variants).sort()).toEqual([
        ...['absence-from-incomplete', 'checkpoint-before-commit', 'naive-retry', 'no-brake', 'no-fence', 'no-lock'],
      ]);
      expect(played.model.commands).toBeGreaterThanOrEqual(250);
      expect(played.clock).toMatchObject({ harm: 0 });
      expect(played.clock.instants).toBeGreaterThan(200);
    },
    WITHIN_MS,
  );

  it('lets twenty workers race for the months of one person, and finds each month held once', async () => {
    await buildDist();
    const races = await play(['--case-races', '6', '--json']);
    expect(races).toMatchObject({ races: 6, doubleHeld: 0, unheld: 0, errors: 0 });
  }, 240_000);

  it('plays the same plan for the same seed and another for another', async () => {
    const { planHash, planStrikes } = (await import(join(ROOT, 'faults', 'strike-plan.mjs'))) as StrikePlan;
    const planOf = (seed: number): string => planHash(planStrikes(seed, { kills: 5, pauses: 5, cuts: 3 }));
    expect(planOf(7)).toBe(planOf(7));
    expect(planOf(7)).not.toBe(planOf(8));
  });
});

/** A restart waited for a pause that waited for the restart: a part of the full set never came to its end. */
describe('a pause and a restart of the database', () => {
  it('never lie within each other, and none waits for ever', async () => {
    const { PauseGate } = (await import(join(ROOT, 'faults', 'pause-gate.mjs'))) as PauseGates;
    const gate = new PauseGate();
    const order: string[] = [];
    const first = handWork(order, 'first pause');
    const early = gate.pause(first.work);
    const restart = handWork(order, 'restart');
    const restarted = gate.restart(restart.work);
    const late = gate.pause(() => Promise.resolve(order.push('late pause')));
    await settle();
    expect(order).toEqual(['first pause begins']);
    first.end();
    await early;
    await settle();
    expect(order).toEqual(['first pause begins', 'first pause ends', 'restart begins']);
    restart.end();
    await Promise.all([restarted, late]);
    expect(order.slice(3)).toEqual(['restart ends', 'late pause']);
  });

  it('are let go by a pause and by a restart that fail', async () => {
    const { PauseGate } = (await import(join(ROOT, 'faults', 'pause-gate.mjs'))) as PauseGates;
    const gate = new PauseGate();
    const failing = (): Promise<never> => Promise.reject(new Error('struck'));
    await expect(gate.pause(failing)).rejects.toThrow('struck');
    await expect(gate.restart(failing)).rejects.toThrow('struck');
    await expect(gate.restart(() => Promise.resolve('restarted'))).resolves.toBe('restarted');
    await expect(gate.pause(() => Promise.resolve('paused'))).resolves.toBe('paused');
  });
});

/** Work that ends when it is told to. */
function handWork(order: string[], name: string): { readonly work: () => Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const work = async (): Promise<void> => {
    order.push(`${name} begins`);
    await ended;
    order.push(`${name} ends`);
  };
  return { work, end: () => end() };
}

/** Everything that can go on without somebody's end has gone on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface PauseGates {
  readonly PauseGate: new () => {
    pause<T>(work: () => Promise<T>): Promise<T>;
    restart<T>(work: () => Promise<T>): Promise<T>;
  };
}

interface StrikePlan {
  planHash(strikes: unknown): string;
  planStrikes(
    seed: number,
    counts: { readonly kills: number; readonly pauses: number; readonly cuts: number },
  ): unknown;
}

async function play(args: readonly string[]): Promise<Played> {
  const rig = spawn(process.execPath, [join(ROOT, 'faults', 'run.mjs'), ...args], { cwd: ROOT });
  let told = '';
  let output = '';
  rig.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  rig.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await new Promise((resolve) => rig.once('close', resolve));
  if (output === '') throw new Error(`The rig ended without a result:\n${told.slice(-4000)}`);
  return JSON.parse(output) as Played;
}
