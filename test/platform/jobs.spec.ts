/** Whether facts travel exactly as their transactions say, and survive the death of who works on them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { OperationsDue } from '../../src/domain/facts.js';
import { silentLog } from '../../src/platform/log/log.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';
import { transpile } from '../support/transpile.mjs';

const due = (connectionId: string): OperationsDue => ({ fact: 'OperationsDue', tenantId: 'north', connectionId });

describe('jobs', () => {
  let test: TestDatabase;
  let jobs: Jobs;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    test = await openTestDatabase();
    jobs = new Jobs({ database: test.database, url: test.url, log: silentLog(), sweepMs: 200 });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await jobs.stop();
    await test.close();
  });

  /** Starts the jobs and resolves with the connections they named, once `count` of them ran. */
  async function collect(count: number, concurrency = 1): Promise<string[]> {
    const ran: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const note = (fact: OperationsDue): Promise<void> => {
        ran.push(fact.connectionId);
        if (ran.length === count) resolve();
        return Promise.resolve();
      };
      jobs.start({ OperationsDue: note }, { concurrency }).catch(reject);
    });
    return ran;
  }

  it('runs what was committed, once, and never what was rolled back', async () => {
    await expect(
      test.database.inTenant('north', async (em) => {
        await jobs.post(em, due('rolled-back'));
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    await test.database.inTenant('north', (em) => jobs.post(em, due('first')));
    await test.database.inTenant('north', (em) => jobs.post(em, due('last')));
    expect(await collect(2)).toEqual(['first', 'last']);
    await jobs.stop();
    expect(await waitingJobs(test)).toBe(0);
  });

  it('wakes for a new job at once', async () => {
    const began = await new Promise<{ postedAt: number; ranAt: number }>((resolve, reject) => {
      let postedAt = 0;
      const handler = (fact: OperationsDue): Promise<void> => {
        if (fact.connectionId === 'warm') {
          void test.database
            .inTenant('north', (em) => ((postedAt = performance.now()), jobs.post(em, due('timed'))))
            .catch(reject);
        } else resolve({ postedAt, ranAt: performance.now() });
        return Promise.resolve();
      };
      jobs
        .start({ OperationsDue: handler }, { concurrency: 2 })
        .then(() => test.database.inTenant('north', (em) => jobs.post(em, due('warm'))))
        .catch(reject);
    });
    expect(began.ranAt - began.postedAt).toBeLessThan(900);
  });

  it('keeps one job per key and the newest fact in it', async () => {
    for (const id of ['old', 'newer', 'newest'])
      await test.database.inTenant('north', (em) => jobs.post(em, due(id), { key: 'north/push' }));
    expect(await collect(1)).toEqual(['newest']);
  });

  it('runs the jobs of one queue one after another', async () => {
    for (let index = 0; index < 6; index += 1)
      await test.database.inTenant('north', (em) => jobs.post(em, due(`c${index}`), { queue: 'north/pull' }));
    let active = 0;
    let most = 0;
    const order: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const handler = async (fact: OperationsDue): Promise<void> => {
        most = Math.max(most, (active += 1));
        await test.database.acrossTenants((em) => em.query('SELECT pg_sleep(0.01)'));
        active -= 1;
        order.push(fact.connectionId);
        if (order.length === 6) resolve();
      };
      jobs.start({ OperationsDue: handler }, { concurrency: 4 }).catch(reject);
    });
    expect({ most, order }).toEqual({ most: 1, order: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'] });
  });

  it('leaves no job of one queue waiting because another queue was looked at in the same moment', async () => {
    jobs = new Jobs({ database: test.database, url: test.url, log: silentLog(), pollMs: 600_000 });
    const begun: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const all: (() => void)[] = [];
      const late = setTimeout(() => {
        for (const each of all) each();
        reject(new Error(`Only ${begun.join()} began.`));
      }, 10_000);
      // Each ends only when both have begun: by two workers, as nobody looks again by himself for ten minutes.
      const handler = ({ connectionId }: OperationsDue): Promise<void> => {
        begun.push(connectionId);
        return new Promise((end) => {
          all.push(end);
          if (all.length === 2) for (const each of [...all, () => clearTimeout(late), resolve]) each();
        });
      };
      const post = (name: string): Promise<void> =>
        test.database.inTenant('north', (em) => jobs.post(em, due(name), { queue: `north/${name}` }));
      const known = (): Promise<void> =>
        test.database.acrossTenants((em) =>
          em.query('INSERT INTO graphile_worker._private_job_queues (queue_name) VALUES ($1)', ['north/first']),
        );
      const missed = (): Promise<void> =>
        test.database.acrossTenants(async (em) => {
          // As whoever takes a job of any queue does for a moment.
          await em.query('SELECT FROM graphile_worker._private_job_queues FOR UPDATE');
          await post('first');
          await em.query('SELECT pg_sleep(0.3)');
        });
      jobs
        .start({ OperationsDue: handler }, { concurrency: 2 })
        .then(known)
        .then(missed)
        .then(() => post('second'))
        .catch(reject);
    });
    expect(begun.sort()).toEqual(['first', 'second']);
  });

  it('begins the next job of a queue as soon as the former is written down as done, however long that takes', async () => {
    jobs = new Jobs({ database: test.database, url: test.url, log: silentLog(), pollMs: 600_000 });
    for (const id of ['former', 'next'])
      await test.database.inTenant('north', (em) => jobs.post(em, due(id), { queue: 'north/pull' }));
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('The next job did not begin.')), 10_000);
      const handler = ({ connectionId }: OperationsDue): Promise<void> => {
        if (connectionId === 'next') {
          clearTimeout(late);
          resolve();
          return Promise.resolve();
        }
        // The former ends when its queue is held, and cannot be written down before that is let go.
        return new Promise((end) => {
          test.database
            .acrossTenants(async (em) => {
              await em.query('SELECT FROM graphile_worker._private_job_queues FOR UPDATE');
              end();
              await em.query('SELECT pg_sleep(0.3)');
            })
            .catch(reject);
        });
      };
      jobs.start({ OperationsDue: handler }, { concurrency: 2 }).catch(reject);
    });
    await jobs.stop();
    expect(await waitingJobs(test)).toBe(0);
  });

  it('tries a failed job again and keeps no values of its failure', async () => {
    await test.database.inTenant('north', (em) => jobs.post(em, due('shaky')));
    let attempts = 0;
    await new Promise<void>((resolve, reject) => {
      const handler = async (): Promise<void> => {
        attempts += 1;
        if (attempts === 1) throw new Error('wage of 12,345.00 yuan');
        const kept = await test.database.acrossTenants((em) =>
          em.query<{ last_error: string }[]>('SELECT last_error FROM graphile_worker._private_jobs'),
        );
        expect(kept).toEqual([{ last_error: 'Error' }]);
        resolve();
      };
      jobs
        .start(
          {
            OperationsDue: () =>
              handler().catch((error: Error) => {
                if (attempts > 1) reject(error);
                throw error;
              }),
          },
          { concurrency: 1 },
        )
        .catch(reject);
    });
    expect(attempts).toBe(2);
  });

  it('does not hand a malformed payload to the handler', async () => {
    await test.database.acrossTenants((em) =>
      em.query(
        `SELECT graphile_worker.add_job('OperationsDue', '{"fact":"OperationsDue"}', job_key => 'bad', max_attempts => 1)`,
      ),
    );
    await test.database.inTenant('north', (em) => jobs.post(em, due('good')));
    expect(await collect(1)).toEqual(['good']);
    await jobs.stop();
    const rows = await test.database.acrossTenants((em) =>
      em.query<{ last_error: string }[]>('SELECT last_error FROM graphile_worker._private_jobs'),
    );
    expect(rows[0]?.last_error).toMatch(/^job-payload: .*tenantId, connectionId/);
  });

  it('refuses a job for another tenant and keeps the job tables closed to the app role', async () => {
    await expect(test.database.inTenant('south', (em) => jobs.post(em, due('x')))).rejects.toThrow('another tenant');
    await expect(
      test.database.inTenant('north', (em) => em.query('SELECT * FROM graphile_worker._private_jobs')),
    ).rejects.toThrow('permission denied');
    expect(await waitingJobs(test)).toBe(0);
  });

  it('outlives a database connection that breaks in the moment a job ends', async () => {
    const wire = await breakableWire(test.url);
    const overWire = new Jobs({ database: test.database, url: wire.url, log: silentLog(), sweepMs: 60_000 });
    const handler = (): Promise<void> => Promise.resolve(wire.breakAtNextByte());
    try {
      await test.database.inTenant('north', (em) => jobs.post(em, due('cut')));
      await overWire.start({ OperationsDue: handler }, { concurrency: 1 });
      await wire.broken;
      while ((await waitingJobs(test)) > 0)
        await test.database.acrossTenants((em) => em.query('SELECT pg_sleep(0.05)'));
      expect(overWire.isRunning).toBe(true);
    } finally {
      await overWire.stop();
      wire.close();
    }
  });

  it('frees a queue that a living worker holds although the job it ran there was finished by another', async () => {
    const sql = (text: string): Promise<unknown> => test.database.acrossTenants((em) => em.query(text));
    await sql(`INSERT INTO graphile_worker._private_job_queues (queue_name) VALUES ('north/held')`);
    await test.database.inTenant('north', (em) => jobs.post(em, due('first')));
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('The queue stays held.')), 20_000);
      const handler = async ({ connectionId }: OperationsDue): Promise<void> => {
        if (connectionId === 'held') {
          clearTimeout(late);
          return resolve();
        }
        await sql(`UPDATE graphile_worker._private_job_queues q SET locked_by = j.locked_by, locked_at = now()
                     FROM graphile_worker._private_jobs j WHERE j.locked_by IS NOT NULL AND q.queue_name = 'north/held'`);
        await test.database.inTenant('north', (em) => jobs.post(em, due('held'), { queue: 'north/held' }));
      };
      jobs.start({ OperationsDue: handler }, { concurrency: 2 }).catch(reject);
    });
    await jobs.stop();
    expect(await waitingJobs(test)).toBe(0);
  });

  it('runs the job of a killed worker again', async () => {
    await test.database.inTenant('north', (em) => jobs.post(em, due('deadly')));
    const program = `
      const { Database } = await import(${JSON.stringify(transpile('src/platform/database/database.ts'))});
      const { Jobs } = await import(${JSON.stringify(transpile('src/platform/jobs/jobs.ts'))});
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const url = ${JSON.stringify(test.url)};
      const database = await Database.open({ url, allowUnsafeFsync: true, log });
      await new Jobs({ database, url, log }).start({ OperationsDue: () => { console.log('began'); return new Promise(() => setInterval(() => {}, 1000)); } }, { concurrency: 1 });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout });
    expect((await once(lines, 'line'))[0]).toBe('began');
    child.kill('SIGKILL');
    expect(await collect(1)).toEqual(['deadly']);
  });
});

/** The database through a proxy that resets the connection on which the next byte is sent, once. */
async function breakableWire(
  url: string,
): Promise<{ url: string; broken: Promise<void>; breakAtNextByte(): void; close(): void }> {
  const { hostname, port } = new URL(url);
  let isArmed = false;
  let tell = (): void => undefined;
  const broken = new Promise<void>((resolve) => (tell = resolve));
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on('data', (chunk) => {
      if (!isArmed) return void far.write(chunk);
      isArmed = false;
      near.resetAndDestroy();
      tell();
    });
    far.on('data', (chunk) => near.write(chunk));
    near.on('close', () => far.destroy()).on('error', () => undefined);
    far.on('close', () => near.destroy()).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  Object.assign(through, { hostname: '127.0.0.1', port: String((proxy.address() as AddressInfo).port) });
  return {
    url: through.href,
    broken,
    breakAtNextByte: () => void (isArmed = true),
    close: () => void proxy.close(),
  };
}

async function waitingJobs(test: TestDatabase): Promise<number> {
  const rows = await test.database.acrossTenants((em) =>
    em.query<{ count: number }[]>('SELECT count(*)::int AS count FROM graphile_worker._private_jobs'),
  );
  return rows[0]?.count ?? -1;
}
