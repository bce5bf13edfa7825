/** How many rows reach a table at once: COPY in text format on the transaction's own connection. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { EntityManager } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';

export type CopyValue = string | number | boolean | Buffer | Date | null;

/** Measured: below 16 KB the socket writes dominate, above 128 KB nothing is gained. */
const CHUNK_CHARACTERS = 65_536;
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;

let stageCount = 0;

/**
 * Writes rows into `buduan.<table>` or a temporary table; returns how many. Values stand in the order of `columns`;
 * null is NULL, a Buffer is bytea, a Date is written in UTC; json and arrays arrive as their text. PostgreSQL has no
 * COPY into a table under row-level security: such a target is reached through a temporary table, and its policy decides.
 */
// eslint-disable-next-line max-params -- reads like the statement it becomes: COPY table (columns) FROM rows.
export async function copyRows(
  em: EntityManager,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly CopyValue[]>,
): Promise<number> {
  const target = quoteTable(table);
  const list = columns.map(quoteName).join(', ');
  const client = await ownClient(em);
  if (!(await isFenced(em, table))) return copyInto(client, `${target} (${list})`, rows);
  stageCount += 1;
  const stage = `copy_stage_${stageCount}`;
  await em.query(`CREATE TEMP TABLE ${stage} ON COMMIT DROP AS SELECT ${list} FROM ${target} WITH NO DATA`);
  const count = await copyInto(client, `${stage} (${list})`, rows);
  await em.query(`INSERT INTO ${target} (${list}) SELECT ${list} FROM ${stage}`);
  await em.query(`DROP TABLE ${stage}`);
  return count;
}

/** One value in COPY's text format: backslash, tab, line feed and carriage return escaped, NULL as `\N`. */
export function copyText(value: CopyValue): string {
  switch (typeof value) {
    case 'string':
      return escapeText(value);
    case 'number':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      if (value === null) return '\\N';
      return Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : value.toISOString();
  }
}

const NEEDS_ESCAPE = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : text;
}

async function copyInto(client: pg.ClientBase, target: string, rows: Iterable<readonly CopyValue[]>): Promise<number> {
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN`));
  await pipeline(Readable.from(chunksOf(rows), { objectMode: true, highWaterMark: 1 }), stream);
  return stream.rowCount;
}

function* chunksOf(rows: Iterable<readonly CopyValue[]>): Generator<Buffer> {
  let chunk = '';
  for (const row of rows) {
    for (let index = 0; index < row.length; index += 1)
      chunk += (index === 0 ? '' : '\t') + copyText(row[index] ?? null);
    chunk += '\n';
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(chunk, 'utf8');
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk, 'utf8');
}

async function isFenced(em: EntityManager, table: string): Promise<boolean> {
  if (!table.includes('.')) return false;
  const rows: { fenced: boolean }[] = await em.query('SELECT row_security_active($1) AS fenced', [table]);
  return rows[0]?.fenced ?? false;
}

async function ownClient(em: EntityManager): Promise<pg.ClientBase> {
  const runner = em.queryRunner;
  if (!runner?.isTransactionActive) {
    throw new HubError({
      code: 'no-transaction',
      next: 'bug',
      message: 'Rows are copied inside a transaction of the database only.',
    });
  }
  return (await runner.connect()) as pg.ClientBase;
}

function quoteTable(table: string): string {
  return table.split('.').map(quoteName).join('.');
}

function quoteName(name: string): string {
  if (!IDENTIFIER.test(name))
    throw new HubError({
      code: 'not-an-identifier',
      next: 'bug',
      message: 'A table or column of a copy is not a plain lower-case name.',
    });
  return `"${name}"`;
}
