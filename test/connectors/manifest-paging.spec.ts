/** Facts about walking a listing: every paging style, what proves an end, and what makes a read incomplete. */
import type { Json } from '../../src/connectors/port.js';
import { PERSONS_EMIT, connectTo, person, persons, readRequest, system, take } from './manifest-rig.js';
import { sendJson, type Answer } from './wire-server.js';

/** A listing of seven persons, three to a page. */
const ALL = persons(1, 8);
const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'];

function read(request: string, paging: string, rows = 'rows'): { readonly reads: string } {
  return { reads: `  persons:\n    request: ${request}\n    rows: ${rows}\n    paging: ${paging}${PERSONS_EMIT}` };
}

const query = (url: string): URLSearchParams => new URL(url, 'http://system').searchParams;
const slice = (from: number): Json[] => ALL.slice(from, from + 3);
const answering =
  (reply: (asked: URLSearchParams) => unknown): Answer =>
  (request, response) =>
    sendJson(response, reply(query(request.url)));

describe('cursor', () => {
  const cursorRead = read("{ get: /p, query: { cursor: '${cursor}' } }", '{ type: cursor, next: next, total: total }');
  const pageFrom = (from: number): unknown => ({
    rows: slice(from),
    next: from + 3 < ALL.length ? String(from + 3) : null,
    total: 7,
  });

  it('follows the cursor until the source says there is none', async () => {
    const server = await system(answering((asked) => pageFrom(Number(asked.get('cursor') ?? 0))));
    const { names, end } = await take(connectTo(server, cursorRead));
    expect(names).toEqual(NAMES);
    expect(end).toEqual({ complete: true, declaredTotal: 7 });
    expect(server.seen[0]?.url).toBe('/p');
  });

  it('goes on where a former run stopped, and still knows the total', async () => {
    const server = await system(answering((asked) => pageFrom(Number(asked.get('cursor') ?? 0))));
    const connection = connectTo(server, cursorRead);
    const first = await take(connection);
    const resumed = await take(connection, { cursor: first.pages[0]?.next ?? null });
    expect(resumed.names).toEqual(NAMES.slice(3));
    expect(resumed.end).toEqual({ complete: true, declaredTotal: 7 });
  });

  it('a total that does not match makes the read incomplete', async () => {
    const server = await system(answering(() => ({ rows: slice(0), next: null, total: 7 })));
    expect((await take(connectTo(server, cursorRead))).end).toEqual({ complete: false, reason: 'total-mismatch' });
  });

  it('a cursor that comes back is no progress', async () => {
    let page = 0;
    const server = await system(answering(() => ({ rows: [person((page += 1))], next: 'same', total: null })));
    expect((await take(connectTo(server, cursorRead))).end).toEqual({ complete: false, reason: 'repeated-cursor' });
  });

  it('a page without the cursor field proves no end', async () => {
    const server = await system(answering(() => ({ rows: slice(0) })));
    expect((await take(connectTo(server, cursorRead))).end).toEqual({ complete: false, reason: 'end-not-proved' });
  });

  it('a cursor of nineteen digits is followed, not taken for the end', async () => {
    const server = await system((request, response) => {
      const isSecond = query(request.url).get('cursor') === '1234567890123456789';
      const [row, next] = isSecond ? [person(2), 'null'] : [person(1), '1234567890123456789'];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"rows":[${JSON.stringify(row)}],"next":${next},"total":null}`);
    });
    const { names, end } = await take(connectTo(server, cursorRead));
    expect(names).toEqual(['n1', 'n2']);
    expect(end).toEqual({ complete: true, declaredTotal: null });
  });

  it('a cursor that is a map proves no end', async () => {
    const server = await system(answering(() => ({ rows: slice(0), next: { at: 3 }, total: null })));
    expect((await take(connectTo(server, cursorRead))).end).toEqual({ complete: false, reason: 'end-not-proved' });
  });

  it('unless the manifest says that the field is left out on the last page', async () => {
    const server = await system(answering(() => ({ rows: slice(0) })));
    const manifest = read("{ get: /p, query: { cursor: '${cursor}' } }", '{ type: cursor, next: next, absent: end }');
    expect((await take(connectTo(server, manifest))).end).toEqual({ complete: true, declaredTotal: null });
  });

  it('a next page that grows for ever ends at the first empty page where the manifest says so', async () => {
    const server = await system(
      answering((asked) => ({
        rows: slice(Number(asked.get('cursor') ?? 0) * 3),
        next: Number(asked.get('cursor') ?? 0) + 1,
      })),
    );
    const manifest = read(
      "{ get: /p, query: { cursor: '${cursor}' } }",
      '{ type: cursor, next: next, lastPage: empty }',
    );
    const { names, end } = await take(connectTo(server, manifest));
    expect(names).toEqual(NAMES);
    expect(end).toMatchObject({ complete: true });
  });

  it('a listing without end stops at the page cap', async () => {
    let page = 0;
    const server = await system(answering(() => ({ rows: [person((page += 1))], next: `c${page}` })));
    const manifest = read("{ get: /p, query: { cursor: '${cursor}' } }", '{ type: cursor, next: next, maxPages: 5 }');
    expect((await take(connectTo(server, manifest))).end).toEqual({ complete: false, reason: 'page-cap' });
    expect(server.seen).toHaveLength(5);
  });
});

describe('page', () => {
  it.each([
    ['counted from 1, with the number of pages', '{ type: page, first: 1, pages: pages }', 1],
    ['counted from 0, with the number of pages', '{ type: page, first: 0, pages: pages }', 0],
    ['counted from 1, with a total', '{ type: page, first: 1, total: total }', 1],
    ['counted from 1, with a sign for more', '{ type: page, first: 1, more: more }', 1],
    ['counted from 1, ending with a short page', '{ type: page, first: 1, lastPage: short, size: 3 }', 1],
  ])('%s', async (_, paging, first) => {
    const server = await system(
      answering((asked) => {
        const index = Number(asked.get('page')) - first;
        return { rows: slice(index * 3), pages: 3, total: 7, more: index < 2 };
      }),
    );
    const { names, end } = await take(connectTo(server, read("{ get: /p, query: { page: '${page}' } }", paging)));
    expect(names).toEqual(NAMES);
    expect(end).toMatchObject({ complete: true });
    expect(server.seen).toHaveLength(3);
  });

  it('a page past the end that repeats the last page ends the read as incomplete', async () => {
    const server = await system(
      answering((asked) => ({ rows: slice(Math.min((Number(asked.get('page')) - 1) * 3, 3)) })),
    );
    const { names, end } = await take(
      connectTo(server, read("{ get: /p, query: { page: '${page}' } }", '{ type: page, first: 1, lastPage: empty }')),
    );
    expect(end).toEqual({ complete: false, reason: 'repeated-page' });
    expect(names).toEqual(NAMES.slice(0, 6));
  });

  it('a system that ignores the page number is found out at the second page', async () => {
    const server = await system(answering(() => ({ rows: slice(0), total: 7 })));
    const { end } = await take(
      connectTo(server, read("{ get: /p, query: { page: '${page}' } }", '{ type: page, first: 1, total: total }')),
    );
    expect(end).toEqual({ complete: false, reason: 'repeated-page' });
  });

  it('pages that stop coming before the declared total are incomplete', async () => {
    const server = await system(answering((asked) => ({ rows: asked.get('page') === '1' ? slice(0) : [], total: 7 })));
    const { end } = await take(
      connectTo(server, read("{ get: /p, query: { page: '${page}' } }", '{ type: page, first: 1, total: total }')),
    );
    expect(end).toEqual({ complete: false, reason: 'total-mismatch' });
  });

  it('fetches the next page before this one has been committed', async () => {
    const server = await system(answering((asked) => ({ rows: slice((Number(asked.get('page')) - 1) * 3), pages: 3 })));
    const connection = connectTo(
      server,
      read("{ get: /p, query: { page: '${page}' } }", '{ type: page, first: 1, pages: pages }'),
    );
    const pages = connection.read(readRequest())[Symbol.asyncIterator]();
    await pages.next();
    for (let turn = 0; turn < 200 && server.seen.length < 2; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(server.seen).toHaveLength(2);
    await pages.return?.();
  });
});

describe('offset', () => {
  it('goes on by the rows that came and ends where the system says', async () => {
    const server = await system((request, response) => {
      const { offset } = JSON.parse(request.body) as { offset: number };
      sendJson(response, { result: { list: slice(offset), has_more: offset + 3 < ALL.length, total: 7 } });
    });
    const { names, end } = await take(
      connectTo(
        server,
        read(
          "{ post: /p, json: { offset: '${offset}', size: 3 } }",
          '{ type: offset, limit: 3, more: result.has_more, total: result.total }',
          'result.list',
        ),
      ),
    );
    expect(names).toEqual(NAMES);
    expect(end).toEqual({ complete: true, declaredTotal: 7 });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ offset: 0, size: 3 });
  });
});

describe('next link', () => {
  it.each([
    ['absolute', (base: string, from: number) => `${base}/p?from=${from}`],
    ['relative', (_: string, from: number) => `/p?from=${from}`],
  ])('in the body, %s', async (_, link) => {
    let base = '';
    const server = await system((request, response) => {
      const from = Number(query(request.url).get('from') ?? 0);
      sendJson(response, {
        rows: slice(from),
        links: { next: from + 3 < ALL.length ? link(base, from + 3) : null },
        total: 7,
      });
    });
    base = server.baseUrl;
    const { names, end } = await take(
      connectTo(
        server,
        read('{ get: /p, query: { limit: 3 } }', '{ type: next-link, path: links.next, total: total }'),
      ),
    );
    expect(names).toEqual(NAMES);
    expect(end).toEqual({ complete: true, declaredTotal: 7 });
  });

  it('in the Link header', async () => {
    const server = await system((request, response) => {
      const from = Number(query(request.url).get('from') ?? 0);
      const link =
        from + 3 < ALL.length
          ? `</p?from=0>; rel="first", </p?from=${from + 3}>; rel="next"`
          : '</p?from=0>; rel="first"';
      sendJson(response, slice(from), { headers: { Link: link } });
    });
    const { names, end } = await take(
      connectTo(server, read('{ get: /p }', '{ type: next-link, header: true }', '"."')),
    );
    expect(names).toEqual(NAMES);
    expect(end).toMatchObject({ complete: true });
  });

  it('that leads to another host is refused', async () => {
    const server = await system(
      answering(() => ({ rows: slice(0), links: { next: 'https://elsewhere.example/p?from=3' } })),
    );
    const reading = take(connectTo(server, read('{ get: /p }', '{ type: next-link, path: links.next }')));
    await expect(reading).rejects.toMatchObject({ code: 'foreign-link' });
  });
});

it('scroll: the first reply opens it, an empty page ends it', async () => {
  let from = 0;
  const server = await system((request, response) => {
    if (request.url === '/open') from = 0;
    sendJson(response, { rows: slice(from), scrollId: 's1' });
    from += 3;
  });
  const { names, end } = await take(
    connectTo(
      server,
      read(
        '{ post: /open, json: { size: 3 } }',
        "{ type: scroll, id: scrollId, next: { post: /next, json: { scrollId: '${scroll}' } } }",
      ),
    ),
  );
  expect(names).toEqual(NAMES);
  expect(end).toMatchObject({ complete: true });
  expect(server.seen.map((request) => request.url)).toEqual(['/open', '/next', '/next', '/next']);
});

describe('rows that are no list', () => {
  it('true instead of [] is drift, naming the path, and the read is incomplete', async () => {
    const server = await system(answering(() => ({ rows: true })));
    const { end, pages } = await take(connectTo(server, {}));
    expect(end).toEqual({ complete: false, reason: 'unexpected-answer' });
    expect(pages.at(-1)?.drift).toEqual({ rows: 1 });
  });

  it('true means no rows where the manifest says so', async () => {
    const server = await system(answering(() => ({ rows: true })));
    expect(
      (await take(connectTo(server, read('{ get: /p }', '{ type: none }', '{ path: rows, none: [true, null] }')))).end,
    ).toMatchObject({ complete: true });
  });
});
