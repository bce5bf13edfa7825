/** Whether a small tenant gets its turn while a large one has filled the queue. */
import { randomUUID } from 'node:crypto';
import { day } from '../../src/domain/month.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { judgeAgain } from '../../src/sync/judge-again.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

const BIG_BATCHES = 100;
const PERSONS_PER_BATCH = 500;

describe('a small tenant', () => {
  let test: TestDatabase;
  let jobs: Jobs;
  beforeEach(async () => {
    test = await openTestDatabase();
    jobs = new Jobs({ database: test.database, url: test.url, log: silentLog() });
    await test.database.acrossTenants((em) =>
      em.query(`INSERT INTO buduan.tenant (tenant_id, name) VALUES ('big', 'big'), ('small', 'small')`),
    );
  });
  afterEach(async () => {
    await jobs.stop();
    await test.close();
  });

  async function judge(tenantId: string, batches: number): Promise<void> {
    const personIds = Array.from({ length: batches * PERSONS_PER_BATCH }, () => randomUUID());
    const request = { tenantId, personIds, asOf: day('2023-03-20'), policyVersion: 'p1', startedBy: 'test' };
    await test.database.inTenant(tenantId, (em) => judgeAgain(em, { jobs }, request));
  }

  it('waits for as many batches of a large one as it has itself, not for all that stood there before', async () => {
    await judge('big', BIG_BATCHES);
    const ran: string[] = [];
    let postedAfter = 0;
    await new Promise<void>((resolve, reject) => {
      const note = async ({ tenantId }: { readonly tenantId: string }): Promise<void> => {
        ran.push(tenantId);
        if (ran.length === 10) {
          // In the middle of the large run, before the next job is taken.
          await judge('small', 3);
          postedAfter = ran.length;
        }
        if (ran.length === BIG_BATCHES + 3) resolve();
      };
      jobs.start({ RecordsChanged: note }, { concurrency: 1 }).catch(reject);
    });
    const small = ran.flatMap((tenantId, at) => (tenantId === 'small' ? [at] : []));
    expect(small).toHaveLength(3);
    expect((small.at(-1) ?? BIG_BATCHES) - postedAfter).toBeLessThan(6);
    expect(ran.filter((tenantId) => tenantId === 'big')).toHaveLength(BIG_BATCHES);
  });
});
