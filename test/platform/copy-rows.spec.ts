/** Whether every value comes out of a copy as it went in. */
import { type CopyValue, copyRows } from '../../src/platform/database/copy-rows.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

const EVIL = [
  '',
  '\\N',
  '\\.',
  'tab\there',
  'line\nfeed',
  'carriage\rreturn',
  '\r\n',
  'back\\slash',
  '\\\\',
  '\\n',
  '\\x41',
  '"quoted"',
  "it's",
  '王小明',
  '𠮷野家 😀',
  '\u0001\u001f',
  '{"a":"\\u4e2d\\n"}',
  ' leading and trailing ',
];

describe('copied rows', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(() => test.close());

  it('come back unchanged, whatever is in them', async () => {
    const rows: CopyValue[][] = EVIL.map((text, index) => [
      index,
      text,
      Buffer.from(text),
      index % 2 === 0,
      index % 3 === 0 ? null : new Date(Date.UTC(2023, 2, 20, 1, 2, 3, index)),
      -0.5 * index,
    ]);
    const read = await test.database.inTenant('north', async (em) => {
      await em.query(
        'CREATE TEMP TABLE strange (n int, t text, b bytea, f boolean, d timestamptz, x float8) ON COMMIT DROP',
      );
      expect(await copyRows(em, 'strange', ['n', 't', 'b', 'f', 'd', 'x'], rows)).toBe(EVIL.length);
      return em.query<Record<string, unknown>[]>('SELECT n, t, b, f, d, x FROM strange ORDER BY n');
    });
    expect(read.map(({ n, t, b, f, d, x }) => [n, t, b, f, d, x === 0 ? 0 : x])).toEqual(
      rows.map((row) => row.map((value) => (value === 0 ? 0 : value))),
    );
  });

  it('arrive in order and in bounded pieces however many there are', async () => {
    function* many(): Generator<CopyValue[]> {
      for (let index = 0; index < 50_000; index += 1) yield [index, `wage of person ${index}`];
    }
    const sums = await test.database.inTenant('north', async (em) => {
      await em.query('CREATE TEMP TABLE plenty (n int, t text) ON COMMIT DROP');
      await copyRows(em, 'plenty', ['n', 't'], many());
      return em.query<unknown[]>('SELECT count(*)::int AS rows, sum(n)::bigint AS sum, max(t) AS last FROM plenty');
    });
    expect(sums).toEqual([{ rows: 50_000, sum: '1249975000', last: 'wage of person 9999' }]);
  });

  it('need no row', async () => {
    const count = await test.database.inTenant('north', (em) =>
      copyRows(em, 'buduan.run_batch', ['tenant_id', 'run_id', 'batch_no', 'person_ids'], []),
    );
    expect(count).toBe(0);
  });

  it('leave a usable pool behind when their source fails half-way', async () => {
    function* broken(): Generator<CopyValue[]> {
      for (let index = 0; index < 20_000; index += 1) yield [index];
      throw new Error('the source broke');
    }
    for (let round = 0; round < 12; round += 1) {
      const copying = test.database.inTenant('north', async (em) => {
        await em.query('CREATE TEMP TABLE halves (n int) ON COMMIT DROP');
        await copyRows(em, 'halves', ['n'], broken());
      });
      await expect(copying).rejects.toThrow('the source broke');
    }
    expect(await test.database.inTenant('north', (em) => em.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('refuse a value the column cannot hold and say so without the value', async () => {
    const copying = test.database.inTenant('north', async (em) => {
      await em.query('CREATE TEMP TABLE numbers (n int) ON COMMIT DROP');
      await copyRows(em, 'numbers', ['n'], [['440305199001010010']]);
    });
    const failure: unknown = await copying.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: '22003', where: undefined });
    expect((failure as Error).stack).not.toContain('440305199001010010');
  });

  it('are refused outside a transaction and for a name that is not one', async () => {
    await expect(
      test.database.inTenant('north', (em) => copyRows(em, 'buduan.run; drop', ['n'], [])),
    ).rejects.toMatchObject({ code: 'not-an-identifier' });
  });
});
