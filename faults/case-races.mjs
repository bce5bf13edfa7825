/**
 * Races over back-payment cases: in each, 20 workers propose overlapping months of one person at the same moment, as HR and as the
 * employee. What the database holds afterwards is judged: every month in exactly one live case, and no error but a lost race.
 */
import { mkdtemp, rm } from 'node:fs/promises';
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
import { randomOf } from './random.mjs';

const WORKERS = 20;
const AS_OF = '2023-03-20';
const INSURANCES = ['pension', 'medical', 'unemployment'];

/** `{ races, doubleHeld, unheld, errors }`: everything but `races` has to be 0. */
export async function playCaseRaces(seed, races) {
  const random = randomOf(seed);
  const dataDir = await mkdtemp(join(tmpdir(), 'buduan-races-'));
  const sandbox = await startSandbox({ employees: 60, seed: 11, profile: 'demo' });
  const file = fileURLToPath(new URL('../examples/demo/hub.yaml', import.meta.url));
  const config = { ...loadHubConfig(file, sandboxVariables(sandbox.urls)), dataDir };
  const hub = await openHub(config, createLog({ level: 'error' }));
  const result = { races, doubleHeld: 0, unheld: 0, errors: 0 };
  try {
    await hub.work();
    const [tenant] = config.tenants;
    await runOnce(hub, { tenant, asOf: AS_OF, dryRun: false });
    await hub.rest();
    const { personId } = await findPerson(hub, tenant.id, 'payroll:E000001');
    for (let race = 0; race < races; race += 1) await playRace(hub, { tenantId: tenant.id, personId, random, result });
    return result;
  } finally {
    await hub.close();
    await sandbox.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function playRace(hub, { tenantId, personId, random, result }) {
  const sql = (text) => hub.database.inTenant(tenantId, (em) => em.query(text, [tenantId, personId]));
  await sql('DELETE FROM buduan.back_payment_case WHERE tenant_id = $1 AND person_id = $2');
  const proposals = Array.from({ length: WORKERS }, (_, worker) => {
    // Every insurance is asked for by somebody; each worker leaves some out.
    const only = INSURANCES.filter((_insurance, place) => worker % 3 === place || random() < 0.5);
    const origin = random() < 0.5 ? 'hr' : 'employee';
    const actor = origin === 'hr' ? `HR ${worker}` : `employee:${personId}`;
    return hub.app.get(ProposeCases).propose({
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
