/** The compiled program for tests that run it: built when a source is newer, by one test process at a time. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from './repository-files.js';

export const DIST = join(ROOT, 'dist');

/** Held by the connection, so that a test process that dies frees it. */
const BUILD_LOCK = 0x6275696c64;

/** Throws with the compiler's complaints when the sources do not compile. */
export async function buildDist(): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['BUDUAN_TEST_DATABASE_URL'] });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK]);
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`The program could not be built:\n${stderr}`);
  } finally {
    await client.end();
  }
}
