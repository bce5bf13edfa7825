/** Whether a test that leaves a connection behind is caught. */
import pg from 'pg';
import { openTestDatabase } from '../support/test-database.js';

describe('a test database', () => {
  it('is empty, migrated, and different for everyone', async () => {
    const both = await Promise.all([openTestDatabase(), openTestDatabase()]);
    for (const { database } of both) {
      const rows = await database.acrossTenants((em) =>
        em.query<unknown[]>('SELECT count(*)::int AS tenants FROM buduan.tenant'),
      );
      expect(rows).toEqual([{ tenants: 0 }]);
    }
    expect(both[0].url).not.toBe(both[1].url);
    await Promise.all(both.map((each) => each.close()));
  });

  it('names the connection that was left open', async () => {
    const test = await openTestDatabase();
    const forgotten = new pg.Client({ connectionString: test.url, application_name: 'forgotten' });
    const cut = new Promise((resolve) => forgotten.on('error', resolve));
    await forgotten.connect();
    await expect(test.close()).rejects.toThrow(/left 1 connection\(s\) open:\nforgotten: idle/);
    await cut;
  });
});
