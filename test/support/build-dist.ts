/** The compiled program for tests that run it: built when a source is newer, by one test process at a time. */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from './repository-files.js';

export const DIST = join(ROOT, 'dist');

/** Held by the connection, so that a test process that dies frees it. */
const BUILD_LOCK = 0x6275696c64;

/** Throws with the compiler's complaints when the sources do not compile. */
export async function buildDist(): Promise<void> {
  await whileNobodyElseBuilds(() => Promise.resolve(compile()));
}

/**
 * The main file of the program in one piece, for tests that start it again and again: a start takes a third of the processor
 * time. What a user starts is `DIST`; one test at least starts that.
 */
export async function packedProgram(): Promise<string> {
  const packed = join(ROOT, '.buduan', 'test-program', 'main.js');
  await whileNobodyElseBuilds(async () => {
    compile();
    if (existsSync(packed) && statSync(packed).mtimeMs > statSync(join(DIST, '.built')).mtimeMs) return;
    const { packProgram } = (await import(join(ROOT, 'faults', 'loader', 'pack.mjs'))) as Packer;
    await packProgram({ dist: DIST, outfile: `${packed}.new` });
    renameSync(`${packed}.new`, packed);
  });
  return packed;
}

interface Packer {
  packProgram(of: { readonly dist: string; readonly outfile: string }): Promise<void>;
}

function compile(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The program could not be built:\n${stderr}`);
}

async function whileNobodyElseBuilds(work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['BUDUAN_TEST_DATABASE_URL'] });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK]);
    await work();
  } finally {
    await client.end();
  }
}
