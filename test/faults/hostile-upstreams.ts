/** The corpus of hostile and broken systems: what each does on the wire, and how a read of it has to end. */
import type { Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FaultName } from '../../src/connectors/error-table.js';
import { persons } from '../connectors/manifest-rig.js';
import type { Answer } from '../connectors/wire-server.js';

/** How a read may end: an error of the table, an incomplete traversal, rows set aside, or right in spite of it. */
export type Ending =
  | { readonly fault: FaultName }
  | { readonly incomplete: string }
  | { readonly rejected: string; readonly names: number }
  | { readonly names: readonly string[] };

export interface Behaviour {
  readonly name: string;
  readonly ends: Ending;
  readonly http?: Answer;
  /** From the moment a connection was made. */
  readonly tcp?: (socket: Socket) => void;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const MEGABYTE = 1024 * 1024;
const LIST = (rows: string, more = ''): string => `{"rows":[${rows}],"next":null,"total":null${more}}`;
const TWO = LIST('{"id":"E1","name":"a"},{"id":"E2","name":"b"}');

const body =
  (text: string | Buffer, headers: Record<string, string> = JSON_TYPE, status = 200): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(text);
const raw =
  (text: string, then: 'end' | 'wait' | 'reset' = 'end') =>
  (socket: Socket): void =>
    void socket.once('data', () => {
      socket.write(text);
      if (then === 'end') socket.end();
      if (then === 'reset') setImmediate(() => socket.resetAndDestroy());
    });

/** Writes `chunk` again and again, as fast as it is taken. */
const pumping =
  (chunk: string | Buffer, head = '') =>
  (socket: Socket): void => {
    socket.write(head);
    const pump = (): void => {
      while (!socket.destroyed && socket.write(chunk));
      if (!socket.destroyed) socket.once('drain', pump);
    };
    pump();
  };

const dripping =
  (head: string, drop: string) =>
  (socket: Socket): void => {
    socket.write(head);
    const timer = setInterval(() => socket.write(drop), 20);
    socket.on('close', () => clearInterval(timer));
  };

const page = (url: string): number => Number(new URL(url, 'http://system').searchParams.get('cursor') ?? 0);
const paged =
  (reply: (at: number) => unknown): Answer =>
  (request, response) =>
    void response.writeHead(200, JSON_TYPE).end(JSON.stringify(reply(page(request.url))));

/** Made once: packing them takes longer than a deadline. */
const GZIP_BOMB = gzipSync(Buffer.alloc(200 * MEGABYTE), { level: 1 });
const BROTLI_BOMB = brotliCompressSync(Buffer.alloc(50 * MEGABYTE), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
});

const gbk = Buffer.concat([
  Buffer.from('{"rows":[{"id":"E1","name":"'),
  Buffer.from([0xd5, 0xc5]),
  Buffer.from('"}],"next":null,"total":1}'),
]);

const SLOW_AND_SILENT: readonly Behaviour[] = [
  { name: 'black hole: takes the request, says nothing', tcp: () => undefined, ends: { fault: 'timed-out' } },
  {
    name: 'slow-loris in the body',
    tcp: dripping(`${HEAD}Content-Length: 5000\r\n\r\n`, ' '),
    ends: { fault: 'timed-out' },
  },
  {
    name: 'slow-loris in the headers',
    tcp: dripping('HTTP/1.1 200 OK\r\nX-Slow: ', 'a'),
    ends: { fault: 'timed-out' },
  },
  { name: 'slow-loris in the status line', tcp: dripping('HTTP/1.1 200 ', 'O'), ends: { fault: 'timed-out' } },
  {
    name: 'slow-loris in chunks',
    tcp: dripping(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
    ends: { fault: 'timed-out' },
  },
  {
    name: 'half-open: closes its sending side without a word',
    tcp: (socket) => void socket.end(),
    ends: { fault: 'connection-cut' },
  },
  {
    name: 'stops in the middle of the body',
    tcp: raw(`${HEAD}Content-Length: 900\r\n\r\n{"rows":[`, 'wait'),
    ends: { fault: 'timed-out' },
  },
  { name: '100 Continue for ever', tcp: dripping('', 'HTTP/1.1 100 Continue\r\n\r\n'), ends: { fault: 'timed-out' } },
];

const CUT_AND_GARBLED: readonly Behaviour[] = [
  {
    name: 'resets before a byte',
    tcp: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    ends: { fault: 'connection-cut' },
  },
  {
    name: 'resets in the body',
    tcp: raw(`${HEAD}Content-Length: 900\r\n\r\n{"rows":[`, 'reset'),
    ends: { fault: 'connection-cut' },
  },
  {
    name: 'ends before its declared length',
    tcp: raw(`${HEAD}Content-Length: 900\r\n\r\n${TWO}`),
    ends: { fault: 'connection-cut' },
  },
  {
    name: 'ends without the last chunk',
    tcp: raw(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{"row\r\n`),
    ends: { fault: 'connection-cut' },
  },
  {
    name: 'a chunk size that is no number',
    tcp: raw(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
    ends: { fault: 'not-json' },
  },
  {
    name: 'a chunk longer than it says',
    tcp: raw(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{"rows":[]}\r\n0\r\n\r\n`),
    ends: { fault: 'not-json' },
  },
  {
    name: 'two different lengths',
    tcp: raw(`${HEAD}Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}`),
    ends: { fault: 'not-json' },
  },
  { name: 'a negative length', tcp: raw(`${HEAD}Content-Length: -1\r\n\r\n{}`), ends: { fault: 'not-json' } },
  {
    name: 'length and chunks at once',
    tcp: raw(`${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
    ends: { fault: 'not-json' },
  },
  {
    name: 'another protocol',
    tcp: (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
    ends: { fault: 'not-json' },
  },
  {
    name: 'random bytes',
    tcp: (socket) => void socket.end(Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 131) % 251))),
    ends: { fault: 'not-json' },
  },
  {
    name: 'text cut off although the transfer was whole',
    http: body('{"rows":[{"id":"E1"'),
    ends: { fault: 'not-json' },
  },
  { name: 'two JSON texts in one body', http: body(`${TWO}${TWO}`), ends: { fault: 'not-json' } },
];

const TOO_MUCH: readonly Behaviour[] = [
  {
    name: 'a body without end',
    tcp: pumping(Buffer.alloc(65_536, 32), `${HEAD}\r\n`),
    ends: { fault: 'reply-too-large' },
  },
  {
    name: 'a declared length of 10 GB',
    tcp: pumping(Buffer.alloc(65_536, 32), `${HEAD}Content-Length: 10737418240\r\n\r\n`),
    ends: { fault: 'reply-too-large' },
  },
  {
    name: 'gzip bomb',
    http: (_, response) => void response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(GZIP_BOMB),
    ends: { fault: 'reply-too-large' },
  },
  {
    name: 'brotli bomb',
    http: (_, response) => void response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'br' }).end(BROTLI_BOMB),
    ends: { fault: 'reply-too-large' },
  },
  {
    name: 'gzip inside gzip',
    http: body(gzipSync(gzipSync(TWO)), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    ends: { fault: 'not-json' },
  },
  {
    name: 'says gzip and is none',
    http: body(TWO, { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    ends: { fault: 'not-json' },
  },
  {
    name: 'gzip cut in the middle',
    http: body(gzipSync(TWO).subarray(0, 20), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    ends: { fault: 'not-json' },
  },
  {
    name: 'a flood of headers',
    tcp: pumping(`X-Header: ${'a'.repeat(200)}\r\n`, 'HTTP/1.1 200 OK\r\n'),
    ends: { fault: 'not-json' },
  },
  {
    name: 'one header of a megabyte',
    tcp: raw(`HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(MEGABYTE)}\r\n\r\n`, 'wait'),
    ends: { fault: 'not-json' },
  },
  {
    name: 'a hundred thousand nested lists',
    http: body('['.repeat(100_000) + ']'.repeat(100_000)),
    ends: { incomplete: 'unexpected-answer' },
  },
  {
    name: 'deep nesting around a long number',
    http: body('['.repeat(100_000) + '1234567890123456789' + ']'.repeat(100_000)),
    ends: { fault: 'not-json' },
  },
  {
    name: 'a row as deep as a well',
    http: body(LIST(`{"id":"E1","name":"a","x":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
    ends: { names: ['a'] },
  },
];

const WRONG_SHAPE: readonly Behaviour[] = [
  {
    name: 'redirect loop',
    http: (request, response) => void response.writeHead(302, { location: request.url }).end(),
    ends: { fault: 'redirected' },
  },
  {
    name: 'redirect to the metadata address',
    http: (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    ends: { fault: 'redirected' },
  },
  {
    name: 'a login page with 200',
    http: body('<html>login</html>', { 'content-type': 'text/html' }),
    ends: { fault: 'not-json' },
  },
  {
    name: 'a web page that says it is JSON',
    http: body('<!doctype html><p>blocked', JSON_TYPE),
    ends: { fault: 'not-json' },
  },
  { name: 'XML', http: body('<rows/>', { 'content-type': 'application/xml' }), ends: { fault: 'not-json' } },
  {
    name: '200 with an error inside',
    http: body('{"errcode":88,"message":"system busy"}'),
    ends: { incomplete: 'unexpected-answer' },
  },
  { name: 'an empty body', http: body(''), ends: { incomplete: 'unexpected-answer' } },
  {
    name: 'rows that are no list',
    http: body('{"rows":{"id":"E1"},"next":null}'),
    ends: { incomplete: 'unexpected-answer' },
  },
  {
    name: 'rows that are no objects',
    http: body('{"rows":[1,"a",null],"next":null,"total":3}'),
    ends: { rejected: 'row-shape', names: 0 },
  },
  { name: 'bytes that are not UTF-8', http: body(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), ends: { fault: 'not-json' } },
  { name: 'GBK without saying so', http: body(gbk), ends: { fault: 'not-json' } },
  { name: 'GBK, said', http: body(gbk, { 'content-type': 'application/json; charset=GBK' }), ends: { names: ['张'] } },
  {
    name: 'says GBK and is UTF-8 beyond ASCII',
    http: body(LIST('{"id":"E1"}', ',"x":"好"').slice(0, -1), { 'content-type': 'application/json; charset=gbk' }),
    ends: { fault: 'not-json' },
  },
  { name: 'a byte order mark', http: body(`\uFEFF${TWO}`), ends: { names: ['a', 'b'] } },
  { name: 'NaN for a value', http: body('{"rows":[{"id":"E1","name":NaN}],"next":null}'), ends: { fault: 'not-json' } },
  {
    name: 'an id that was rounded on the way',
    http: body(LIST('{"id":12345678901234567890,"name":"a"}')),
    ends: { names: ['a'] },
  },
  {
    name: 'money beyond every double',
    http: body(LIST('{"id":"E1","name":"a","base":1e999},{"id":"E2","name":"b","base":1}')),
    ends: { rejected: 'not-money', names: 1 },
  },
  {
    name: 'money as a text in a foreign notation',
    http: body(LIST('{"id":"E1","name":"a","base":"1.234,56"}')),
    ends: { rejected: 'not-money', names: 0 },
  },
  {
    name: 'a rejected row as deep as a well',
    http: body(LIST(`{"id":"E1","name":"a","base":"x","x":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
    ends: { rejected: 'not-money', names: 0 },
  },
  {
    name: 'a prototype for a row',
    http: body(LIST('{"id":"E1","name":"a","__proto__":{"polluted":1}}')),
    ends: { names: ['a'] },
  },
  {
    name: 'rows without an owner',
    http: body(LIST('{"name":"a"},{"id":"E2","name":"b"}')),
    ends: { rejected: 'missing-field', names: 1 },
  },
];

const REFUSALS: readonly Behaviour[] = [
  { name: '401 for ever', http: body('{}', JSON_TYPE, 401), ends: { fault: 'auth-rejected' } },
  {
    name: '403 as a web page',
    http: body('<html>', { 'content-type': 'text/html' }, 403),
    ends: { fault: 'auth-rejected' },
  },
  { name: '429 without a hint', http: body('{}', JSON_TYPE, 429), ends: { fault: 'throttled' } },
  {
    name: '429 until next year',
    http: body('{}', { ...JSON_TYPE, 'retry-after': '31536000' }, 429),
    ends: { fault: 'throttled' },
  },
  {
    name: '429 with nonsense for a time',
    http: body('{}', { ...JSON_TYPE, 'retry-after': 'soon, maybe' }, 429),
    ends: { fault: 'throttled' },
  },
  {
    name: '503 with a web page',
    http: body('<html>', { 'content-type': 'text/html' }, 503),
    ends: { fault: 'unavailable' },
  },
  { name: 'a status nobody knows', http: body('{}', JSON_TYPE, 599), ends: { fault: 'unavailable' } },
];

const LYING_PAGES: readonly Behaviour[] = [
  {
    name: 'the same page again and again',
    http: paged((at) => ({ rows: persons(1, 3), next: at + 1, total: 100 })),
    ends: { incomplete: 'repeated-page' },
  },
  {
    name: 'a cursor that never moves',
    http: paged((at) => ({ rows: persons(at, at + 1), next: 7, total: null })),
    ends: { incomplete: 'repeated-cursor' },
  },
  {
    name: 'a page left out',
    http: paged((at) => ({ rows: at === 0 ? persons(1, 3) : persons(5, 7), next: at === 0 ? 1 : null, total: 6 })),
    ends: { incomplete: 'total-mismatch' },
  },
  { name: 'no sign of an end', http: paged(() => ({ rows: persons(1, 3) })), ends: { incomplete: 'end-not-proved' } },
  {
    name: 'a cursor that is an object',
    http: paged((at) => ({ rows: persons(1, 3), next: { at }, total: null })),
    ends: { incomplete: 'end-not-proved' },
  },
];

/** Nineteen digits, as many systems count: no end, although no JavaScript number holds it. */
const LONG_CURSOR: Behaviour = {
  name: 'a cursor too long for a number',
  http: (request, response) => {
    const next = request.url.includes('cursor=') ? 'null' : '1234567890123456789';
    const row = request.url.includes('cursor=1234567890123456789')
      ? '{"id":"E2","name":"b"}'
      : '{"id":"E1","name":"a"}';
    response.writeHead(200, JSON_TYPE).end(`{"rows":[${row}],"next":${next},"total":null}`);
  },
  ends: { names: ['a', 'b'] },
};

export const CORPUS: readonly Behaviour[] = [
  ...SLOW_AND_SILENT,
  ...CUT_AND_GARBLED,
  ...TOO_MUCH,
  ...WRONG_SHAPE,
  ...REFUSALS,
  ...LYING_PAGES,
  LONG_CURSOR,
];
