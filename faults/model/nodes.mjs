/** What all worlds of a model run share: two nodes' handles on one database, and the rig's own eye on it. */
import pg from 'pg';
import { Jobs } from '../../dist/platform/jobs/jobs.js';
import { silentLog } from '../../dist/platform/log/log.js';
import { openDatabase } from '../databases.mjs';

export async function openNodes({ name, url }) {
  const eye = await openEye(url);
  // What a power cut takes is asked elsewhere (payments); here a hundred thousand commands would wait for the disk.
  await eye.sql(`ALTER DATABASE ${name} SET synchronous_commit = off`);
  const databases = [await openDatabase(url), await openDatabase(url)];
  return {
    databases,
    eye,
    jobs: databases.map((database) => new Jobs({ database, url, log: silentLog() })),
    close: () => Promise.all([eye.close(), ...databases.map((database) => database.close())]),
  };
}

/** One connection outside the nodes' pools: what it asks after each command is one way there and back, parsed and planned once. */
async function openEye(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const names = new Map();
  const nameOf = (text) => names.get(text) ?? names.set(text, `eye_${names.size}`).get(text);
  return {
    sql: async (text, parameters = []) => (await client.query({ name: nameOf(text), text, values: parameters })).rows,
    /** Rows of one tenant at a time are seen. */
    turnTo: (tenantId) => client.query("SELECT set_config('buduan.tenant', $1, false)", [tenantId]),
    close: () => client.end(),
  };
}
