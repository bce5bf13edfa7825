/**
 * Races over back-payment cases: in each, 20 workers propose overlapping months of one person at the same moment, as HR and as the
 * employee. What the database holds afterwards is judged: every month in exactly one live case, and no error but a lost race.
 * The workers of a race are spread over three nodes on one database. A race mostly waits for the disk, commit after commit under
 * the lock of one person: several are run beside each other, each lane in a tenant of its own, and the disk takes their commits together.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProposeCases } from '../dist/backpay/propose-cases.js';
import { sandboxVariables } from '../dist/cli/demo/sandbox-variables.js';
import { findPerson } from '../dist/cli/find-person.js';
import { openHub } from '../dist/cli/open-hub.js';
import { runOnce } from '../dist/cli/run-once.js';
import { loadHubConfig } from '../dist/platform/config/hub-config.js';
import { createLog } from '../dist/platform/log/log.js';
import { startSandbox } from '../dist/sandbox/sandbox.js';
import { Secret } from '../dist/platform/config/secrets.js';
import { KEYS, makeDatabase, startServer } from './databases.mjs';
import { randomOf } from './random.mjs';

const WORKERS = 20;
const NODES = 3;
const LANES = 2;
const AS_OF = '2023-03-20';
const INSURANCES = ['pension', 'medical', 'unemployment'];

/** `{ races, doubleHeld, unheld, errors }`: everything but `races` has to be 0. */
export async function playCaseRaces(seed, races) {
  const random = randomOf(seed);
  const dataDir = await mkdtemp(join(tmpdir(), 'buduan-races-'));
  const server = await startServer();
  const { url } = await makeDatabase(server.url);
  const sandbox = await startSandbox({ employees: 60, seed: 11, profile: 'demo' });
  const file = fileURLToPath(new URL('../examples/demo/hub.yaml', import.meta.url));
  const one = loadHubConfig(file, sandboxVariables(sandbox.urls));
  const tenants = await Promise.all(
    Array.from({ length: LANES }, (_, lane) => tenantOf(one.tenants[0], dataDir, lane)),
  );
  const database = { url: new Secret(url), allowUnsafeFsync: false };
  const keys = {
    current: 'k1',
    identity: { k1: new Secret(KEYS.FAULTS_IDENTITY_KEY) },
    blindIndex: { current: 'k1', keys: { k1: new Secret(KEYS.FAULTS_BLIND_INDEX_KEY) } },
  };
  const config = { ...one, dataDir, tenants, database, keys };
  const hubs = [];
  const result = { races, doubleHeld: 0, unheld: 0, errors: 0 };
  try {
    for (let node = 0; node < NODES; node += 1) hubs.push(await openHub(config, createLog({ level: 'error' })));
    const [hub] = hubs;
    await hub.work();
    for (const tenant of tenants) await runOnce(hub, { tenant, asOf: AS_OF, dryRun: false });
    await hub.rest();
    let left = races;
    const playLane = async ({ id: tenantId }) => {
      const { personId } = await findPerson(hub, tenantId, 'payroll:E000001');
      while (left > 0) {
        left -= 1;
        await playRace(hubs, { tenantId, personId, random, result });
      }
    };
    await Promise.all(tenants.map(playLane));
    return result;
  } finally {
    for (const hub of hubs) await hub.close();
    await sandbox.stop();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The demo's tenant under another name; an overlay belongs to one tenant. */
async function tenantOf(tenant, dataDir, lane) {
  const id = `company-${lane}`;
  const overlay = join(dataDir, `${id}.yaml`);
  const text = await readFile(tenant.overlay, 'utf8');
  await writeFile(overlay, text.replace(`tenant: ${tenant.id}`, `tenant: ${id}`));
  return { ...tenant, id, overlay };
}

async function playRace(hubs, { tenantId, personId, random, result }) {
  const sql = (text) => hubs[0].database.inTenant(tenantId, (em) => em.query(text, [tenantId, personId]));
  await sql('DELETE FROM buduan.back_payment_case WHERE tenant_id = $1 AND person_id = $2');
  const proposals = Array.from({ length: WORKERS }, (_, worker) => {
    // Every insurance is asked for by somebody; each worker leaves some out.
    const only = INSURANCES.filter((_insurance, place) => worker % 3 === place || random() < 0.5);
    const origin = random() < 0.5 ? 'hr' : 'employee';
    const actor = origin === 'hr' ? `HR ${worker}` : `employee:${personId}`;
    return hubs[worker % NODES].app.get(ProposeCases).propose({
      ...{ personId, origin, act: { tenantId, actor, today: AS_OF } },
      only: only.map((insurance) => ({ insurance, month: '2023-01' })),
    });
  });
  for (const outcome of await Promise.allSettled(proposals))
    if (outcome.status === 'rejected' && outcome.reason?.code !== 'case-overlaps') result.errors += 1;
  const held = await sql(
    'SELECT insurance, count(*)::int AS cases FROM buduan.case_line WHERE tenant_id = $1 AND person_id = $2 AND live GROUP BY insurance',
  );
  result.doubleHeld += held.filter(({ cases }) => cases > 1).length;
  result.unheld += INSURANCES.length - held.length;
}
