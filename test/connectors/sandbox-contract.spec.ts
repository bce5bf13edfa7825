/** The four sandbox systems answer exactly as their manifests say, read with the manifest engine over real HTTP. */
import { fileURLToPath } from 'node:url';
import { createEgress } from '../../src/connectors/http/egress.js';
import type { HttpConnection } from '../../src/connectors/http/http-connection.js';
import { loadManifest } from '../../src/connectors/http/load-manifest.js';
import { openHttpConnection } from '../../src/connectors/http/open-http-connection.js';
import { runContract } from '../../src/connectors/contract/run-contract.js';
import { day } from '../../src/domain/month.js';
import { systemClock } from '../../src/platform/clock/clock.js';
import { silentLog } from '../../src/platform/log/log.js';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/credentials.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { ownersOf, take } from './manifest-rig.js';

const EMPLOYEES = 400;
const SYSTEMS = ['bureau', 'payroll', 'attendance', 'agency'] as const;

let sandbox: Sandbox;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ employees: EMPLOYEES, seed: 7, profile: 'demo' });
});
afterAll(async () => {
  for (const close of closers) await close();
  await sandbox.stop();
});

function manifestOf(system: (typeof SYSTEMS)[number]): ReturnType<typeof loadManifest> {
  return loadManifest(fileURLToPath(new URL(`../../manifests/sandbox-${system}.yaml`, import.meta.url)));
}

function connect(system: (typeof SYSTEMS)[number]): HttpConnection {
  const log = silentLog();
  const egress = createEgress({ allow: [{ host: '127.0.0.1', http: true, addresses: ['127.0.0.0/8'] }] }, log);
  closers.push(() => egress.close());
  return openHttpConnection({
    tenantId: 'company-a',
    connectionId: `${system}-main`,
    manifest: manifestOf(system),
    config: { baseUrl: sandbox.urls[system] },
    secrets: { ...SANDBOX_CREDENTIALS[system] },
    egress,
    log,
    clock: systemClock,
  });
}

describe.each(SYSTEMS)('%s', (system) => {
  it('passes the contract suite', async () => {
    const report = await runContract({
      manifest: manifestOf(system),
      connection: connect(system),
      asOf: day('2023-03-20'),
      pages: 100,
      signal: new AbortController().signal,
    });
    expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    expect(report.checks.length).toBeGreaterThan(8);
  });

  it('every read is complete and maps', async () => {
    const connection = connect(system);
    const owners: string[] = [];
    for (const read of connection.declaration.reads) {
      const { end, records, rejected } = await take(connection, { read: read.name, listOwners: ownersOf(owners) });
      expect({ read: read.name, end }).toMatchObject({ end: { complete: true } });
      // Nobody has applied for anything yet.
      if (read.name !== 'back-payments') expect(records.length).toBeGreaterThan(0);
      expect(new Set(rejected.map(({ reason }) => reason))).toEqual(
        new Set(
          rejected
            .map(({ reason }) => reason)
            .filter((reason) => reason.startsWith('identity-') || reason === 'not-a-string'),
        ),
      );
      owners.push(...records.map((record) => record.ownerKey));
    }
  });
});

it('the bureau takes a case as one application, tells the same one again by its key, and lists its lines', async () => {
  const connection = connect('bureau');
  const line = { month: '2023-01', baseFen: 1_800_000, employeeFen: 144_000, employerFen: 252_000 };
  const item = {
    ...{ operationId: 'op-1', idempotencyKey: 'key-1', ownerKey: '3000000000' },
    values: {
      lines: [
        { ...line, insurance: 'pension' },
        { ...line, insurance: 'medical' },
      ],
    },
  };
  const send = () => connection.write({ kind: 'back-payment', items: [item], signal: new AbortController().signal });
  const first = await send();
  expect(first).toEqual([{ operationId: 'op-1', outcome: 'accepted', remoteRef: expect.stringMatching(/^SQ/) }]);
  expect(await send()).toEqual(first);
  const { records } = await take(connection, { read: 'back-payments', listOwners: ownersOf([]) });
  expect(records.map(({ item: shown }) => shown)).toEqual(
    ['pension', 'medical'].map((insurance) => ({
      ...{ submissionId: 'SQ00000001', kind: 'back-payment', state: 'received', insurance },
      ...{ effectiveMonth: '2023-01', baseFen: 1_800_000 },
    })),
  );
});
