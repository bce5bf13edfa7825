/** Whether further threads of one process share a run's connections and change nothing about its result. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../src/cli/run-summary.js';
import { type CliOutcome, type CliWorld, openCliWorld } from './run-cli.js';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
}, 120_000);
afterAll(() => world.close());

function runWith(threads: number): Promise<CliOutcome> {
  const config = join(world.folder, `hub-${threads}.yaml`);
  const text = readFileSync(join(world.folder, 'hub.yaml'), 'utf8');
  writeFileSync(config, text.replace(/^version: 1$/m, `version: 1\nworkThreads: ${threads}`));
  return world.buduan(['run', '--config', config, '--as-of', '2023-03-20', '--json'], { BUDUAN_LOG_LEVEL: 'info' });
}

interface LogLine {
  readonly msg: string;
  readonly connectionId?: string;
  readonly thread?: number;
}

function readsOf({ stderr }: CliOutcome): LogLine[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg === 'A read has ended.');
}

describe('a run on several threads', () => {
  it('shares the connections out, reads each in one thread, and leaves the second run nothing to send', async () => {
    const first = await runWith(2);
    expect({ code: first.code }).toEqual({ code: 0 });
    const threadOf = new Map<string, Set<number>>();
    for (const { connectionId = '', thread = 0 } of readsOf(first))
      threadOf.set(connectionId, (threadOf.get(connectionId) ?? new Set()).add(thread));
    expect([...threadOf.keys()].sort()).toEqual(['agency', 'attendance', 'bureau', 'payroll']);
    expect([...threadOf.values()].every((threads) => threads.size === 1)).toBe(true);
    expect(new Set([...threadOf.values()].flatMap((threads) => [...threads])).size).toBe(3);
    const summary = JSON.parse(first.stdout) as RunSummary;
    expect(summary.sent).toBeGreaterThan(0);
    const second = await runWith(0);
    expect(readsOf(second).every(({ thread }) => thread === undefined)).toBe(true);
    expect(JSON.parse(second.stdout)).toMatchObject({
      sent: 0,
      statuses: summary.statuses,
      findings: summary.findings,
    });
  }, 60_000);

  it('names the connection whose read failed in another thread, with the exit code of one thread', async () => {
    const wrong = { SANDBOX_PAYROLL_API_KEY: 'wrong-key-1', SANDBOX_BUREAU_CLIENT_SECRET: 'wrong-secret-1' };
    const config = join(world.folder, 'hub-2.yaml');
    const args = ['run', '--config', config, '--as-of', '2023-03-20', '--json'];
    const { code, stdout } = await world.buduan(args, wrong);
    const { connections } = JSON.parse(stdout) as RunSummary;
    expect(code).not.toBe(0);
    const failed = connections.filter(({ state }) => state !== 'succeeded').map(({ connectionId }) => connectionId);
    expect(failed.sort()).toEqual(['bureau', 'payroll']);
  }, 60_000);
});
