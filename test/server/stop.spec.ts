/** Whether a hub that is told to stop by a signal ends in time and takes its trial database with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DIST, buildDist } from '../support/build-dist.js';

const PROGRAM = join(DIST, 'cli/main.js');
const STOP_WITHIN_MS = 25_000;

describe('buduan start', () => {
  const children: ChildProcess[] = [];
  beforeAll(buildDist, 120_000);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends on %s with 0, and its trial database with it', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'start-'));
    try {
      writeFileSync(
        join(folder, 'hub.yaml'),
        'version: 1\nserver: { port: 0 }\ntenants: [{ id: company-a, name: 甲公司 }]\n',
      );
      const environment = { PATH: '/usr/bin:/bin', HOME: folder, BUDUAN_LOG_FORMAT: 'json' };
      const child = spawn(process.execPath, [PROGRAM, 'start', '--config', join(folder, 'hub.yaml')], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      let log = '';
      child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const url = line.replace(/^buduan listens on (\S+) .*$/, '$1');
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      const port = /"port":(\d+)/.exec(log)?.[1];
      const toldAt = performance.now();
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      expect({ code, isInTime: performance.now() - toldAt < STOP_WITHIN_MS }).toEqual({ code: 0, isInTime: true });
      expect(port).toMatch(/^\d+$/);
      await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    } finally {
      removeTrial(folder);
    }
  });
});

/** The cluster may lie outside the folder, where the account of the server can enter. */
function removeTrial(folder: string): void {
  const note = join(folder, '.buduan', 'cluster-location');
  if (existsSync(note)) rmSync(readFileSync(note, 'utf8').trim(), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
