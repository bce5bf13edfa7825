/** Facts about windows, batches of ids and reads of given persons. */
import { connectTo, ownersOf, person, system, take } from './manifest-rig.js';
import { sendJson, type Answer } from './wire-server.js';

const query = (url: string): URLSearchParams => new URL(url, 'http://system').searchParams;

const MONTHS = {
  reads: `  roster:
    request: { get: /roster }
    rows: rows
    paging: { type: none }
    owner: id
    emit: { persons: { fields: { name: name } } }
  months:
    owners: { from: roster, batch: 2 }
    window: { stream: attendance, unit: month }
    request: { post: /months, json: { ids: '\${owners}', from: '\${window.firstDay|date:yyyy-MM-dd}', to: '\${window.lastDay|date:yyyy-MM-dd}' } }
    targeted: { batch: 2 }
    rows: { header: columns, values: rows }
    paging: { type: none }
    owner: id
    emit:
      attendance:
        key: [month]
        fields:
          month: { path: month, as: month }
          requiredDaysHundredths: { path: required, as: hundredths }
          workedDaysHundredths: { path: worked, as: hundredths }`,
};

interface MonthsBody {
  readonly ids: string[];
  readonly from: string;
  readonly to: string;
}

const table: Answer = (request, response) => {
  const { ids, from } = JSON.parse(request.body) as MonthsBody;
  sendJson(response, {
    columns: ['id', 'month', 'required', 'worked'],
    rows: ids.map((id) => [id, from.slice(0, 7), 21.5, '20.00']),
  });
};

describe('a read driven by ids of another read', () => {
  it('asks every batch for every month, and gives one page per batch', async () => {
    const server = await system(table);
    const { pages, records, end } = await take(connectTo(server, MONTHS), {
      read: 'months',
      listOwners: ownersOf(['a', 'b', 'c']),
    });
    expect(pages.map((page) => page.records.length)).toEqual([12, 6]);
    expect(end).toEqual({ complete: true, declaredTotal: null });
    expect(records[0]).toEqual({
      stream: 'attendance',
      ownerKey: 'a',
      itemKey: '2022-09',
      identity: null,
      item: { month: '2022-09', requiredDaysHundredths: 2150, workedDaysHundredths: 2000 },
    });
    expect(records.slice(0, 12).map((record) => record.itemKey)).toEqual(
      ['wang', 'li'].flatMap(() => ['2022-09', '2022-10', '2022-11', '2022-12', '2023-01', '2023-02']),
    );
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ ids: ['a', 'b'], from: '2022-09-01', to: '2022-09-30' });
  });

  it('goes on after the last committed batch', async () => {
    const server = await system(table);
    const connection = connectTo(server, MONTHS);
    const first = await take(connection, { read: 'months', listOwners: ownersOf(['a', 'b', 'c']) });
    const resumed = await take(connection, {
      read: 'months',
      listOwners: ownersOf(['a', 'b', 'c']),
      cursor: first.pages[0]?.next ?? null,
    });
    expect(new Set(resumed.records.map((record) => record.ownerKey))).toEqual(new Set(['c']));
  });

  it('nobody to ask about is a complete read of nothing', async () => {
    const server = await system(table);
    expect(await take(connectTo(server, MONTHS), { read: 'months' })).toMatchObject({
      records: [],
      end: { complete: true },
    });
    expect(server.seen).toHaveLength(0);
  });

  it('an answer about others is left out and makes the read incomplete', async () => {
    const server = await system((request, response) => {
      const { from } = JSON.parse(request.body) as MonthsBody;
      sendJson(response, {
        columns: ['id', 'month', 'required', 'worked'],
        rows: [
          ['a', from.slice(0, 7), 21, 20],
          ['stranger', from.slice(0, 7), 21, 20],
        ],
      });
    });
    const { records, end } = await take(connectTo(server, MONTHS), { read: 'months', listOwners: ownersOf(['a']) });
    expect(end).toEqual({ complete: false, reason: 'unexpected-answer' });
    expect(new Set(records.map((record) => record.ownerKey))).toEqual(new Set(['a']));
  });
});

describe('windows', () => {
  const yearly = {
    reads: `  wages:
    window: { stream: wages, unit: year }
    request: { get: /payslips, query: { year: '\${window.from|month:yyyy}', page: '\${page}' } }
    rows: list
    paging: { type: page, first: 1, pages: pages, total: total }
    owner: id
    emit:
      wages:
        key: [month]
        expand: { type: zip, arrays: [gross], skipWhenEmpty: gross, position: position }
        fields: { month: { path: position, as: month-of-year, year: { path: parent.year } }, grossFen: { path: gross, as: yuan } }`,
  };

  it('a calendar year at a time, in order, resumable in the middle of the second', async () => {
    const server = await system((request, response) => {
      const year = Number(query(request.url).get('year'));
      const page = Number(query(request.url).get('page'));
      const gross = Array.from({ length: 12 }, (_, index) => (year === 2023 && index > 1 ? null : 100 + index));
      sendJson(response, { list: [{ id: `E${page}`, year, gross }], pages: 2, total: 2 });
    });
    const connection = connectTo(server, yearly);
    const all = await take(connection, { read: 'wages' });
    expect(all.pages).toHaveLength(4);
    expect(all.end).toEqual({ complete: true, declaredTotal: 4 });
    expect(all.records).toHaveLength(28);
    const rest = await take(connection, { read: 'wages', cursor: all.pages[2]?.next ?? null });
    expect(rest.records.map((record) => [record.ownerKey, record.itemKey])).toEqual([
      ['E2', '2023-01'],
      ['E2', '2023-02'],
    ]);
    expect(rest.end).toMatchObject({ complete: true });
  });

  it('a cursor of other months starts the read anew', async () => {
    const server = await system((_, response) => sendJson(response, { list: [], pages: 1, total: 0 }));
    const connection = connectTo(server, yearly);
    const { pages } = await take(connection, {
      read: 'wages',
      cursor: { v: 1, w: 1, f: '2019-01-01', p: 2, k: 1, n: 1, t: null, h: null },
    });
    expect(pages).toHaveLength(2);
  });

  it('at most so many days a request', async () => {
    const server = await system((_, response) => sendJson(response, { rows: [] }));
    const weekly = {
      reads: `  days:
    window: { stream: attendance, unit: day, days: 31 }
    request: { get: /days, query: { from: '\${window.firstDay|date:yyyyMMdd}', to: '\${window.lastDay|date:yyyyMMdd}' } }
    rows: rows
    paging: { type: none }
    owner: id
    emit: { attendance: { key: [month], fields: { month: { path: m, as: month }, requiredDaysHundredths: { path: r, as: hundredths }, workedDaysHundredths: { path: w, as: hundredths } } } }`,
    };
    await take(connectTo(server, weekly), { read: 'days' });
    expect(server.seen.map((request) => request.url)).toEqual([
      '/days?from=20220901&to=20221001',
      '/days?from=20221002&to=20221101',
      '/days?from=20221102&to=20221202',
      '/days?from=20221203&to=20230102',
      '/days?from=20230103&to=20230202',
      '/days?from=20230203&to=20230228',
    ]);
  });
});

describe('given persons', () => {
  const targeted = (parts: string): { readonly reads: string } => ({
    reads: `  persons:
    request: { get: /p, query: { page: '\${page}' } }
    targeted: ${parts}
    rows: rows
    paging: { type: page, first: 1, pages: pages, total: total }
    owner: id
    emit: { persons: { fields: { name: name } } }`,
  });
  const inLists = targeted("{ batch: 2, request: { get: /p, query: { ids: '${owners|join:,}' } } }");

  it('are asked for in lists of the declared length', async () => {
    const server = await system((request, response) => {
      const ids = (query(request.url).get('ids') ?? '').split(',');
      sendJson(response, { rows: ids.map((id) => ({ id, name: `name of ${id}` })) });
    });
    const { records, end } = await take(connectTo(server, inLists), { owners: ['a', 'b', 'c', 'a'] });
    expect(records.map((record) => record.ownerKey)).toEqual(['a', 'b', 'c']);
    expect(end).toMatchObject({ complete: true });
    expect(server.seen).toHaveLength(2);
  });

  it('a filter that is silently ignored is found out: asked for one, got fifty', async () => {
    const server = await system((_, response) =>
      sendJson(response, { rows: Array.from({ length: 50 }, (__, index) => person(index)) }),
    );
    const { records, end } = await take(connectTo(server, inLists), { owners: ['E007'] });
    expect(records.map((record) => record.ownerKey)).toEqual(['E007']);
    expect(end).toEqual({ complete: false, reason: 'unexpected-answer' });
  });

  it('an answer that says there are further pages is not taken for whole', async () => {
    const server = await system((_, response) => sendJson(response, { rows: [{ id: 'a', name: 'x' }], pages: 3 }));
    expect((await take(connectTo(server, inLists), { owners: ['a', 'b'] })).end).toEqual({
      complete: false,
      reason: 'end-not-proved',
    });
  });

  it('one by one: a person who is not there is simply absent, and an id cannot lead to another path', async () => {
    const server = await system((request, response) =>
      sendJson(response, request.url === '/p/a' ? { rows: [{ id: 'a', name: 'x' }] } : {}, {
        status: request.url === '/p/a' ? 200 : 404,
      }),
    );
    const oneByOne = targeted('{ batch: 1, request: { get: "/p/${owner}" } }');
    const { records, end } = await take(connectTo(server, oneByOne), { owners: ['a', '../../admin?x=1'] });
    expect(records).toHaveLength(1);
    expect(end).toMatchObject({ complete: true });
    expect(server.seen.map((request) => request.url)).toEqual(['/p/a', '/p/..%2F..%2Fadmin%3Fx%3D1']);
  });

  it('are refused where the manifest has no way to ask', async () => {
    const server = await system((_, response) => sendJson(response, {}));
    expect(() => connectTo(server, {}).read({ owners: ['a'], read: 'persons' } as never)).toThrow(
      /cannot ask for given persons/,
    );
  });
});
