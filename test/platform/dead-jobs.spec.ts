/** Whether a job that failed for the last time is found with its cause, by its tenant only, and runs again when told to. */
import { HubError } from '../../src/domain/hub-error.js';
import { listDeadJobs, reviveJobs } from '../../src/platform/jobs/dead-jobs.reader.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { openTestDatabase } from '../support/test-database.js';

it('a job that failed for the last time is found with its cause and runs again when it is revived', async () => {
  const test = await openTestDatabase();
  const { database } = test;
  const jobs = new Jobs({ database, url: test.url, log: silentLog() });
  const dead = (tenant: string): ReturnType<typeof listDeadJobs> =>
    database.acrossTenants((em) => listDeadJobs(em, tenant, 10));
  const tried: string[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const handler = (): Promise<void> => {
        tried.push('once');
        if (tried.length > 1) resolve();
        return Promise.reject(new HubError({ code: 'poison', next: 'bug', message: 'A record nobody expected.' }));
      };
      const revive = async (): Promise<void> => {
        await jobs.start({ OperationsDue: handler }, { concurrency: 1 });
        await database.inTenant('north', (em) =>
          jobs.post(em, { fact: 'OperationsDue', tenantId: 'north', connectionId: 'hr' }, { maxAttempts: 1 }),
        );
        let [job] = await dead('north');
        while (job === undefined) [job] = await dead('north');
        expect(job).toMatchObject({
          fact: 'OperationsDue',
          attempts: 1,
          connectionId: 'hr',
          cause: expect.stringContaining('poison'),
        });
        expect(await dead('south')).toEqual([]);
        const { jobId } = job;
        expect(await database.acrossTenants((em) => reviveJobs(em, 'south', [jobId]))).toBe(0);
        expect(await database.acrossTenants((em) => reviveJobs(em, 'north', [jobId]))).toBe(1);
      };
      revive().catch(reject);
    });
    expect(tried).toHaveLength(2);
  } finally {
    await jobs.stop();
    await test.close();
  }
});
