/** Facts about the registry: one open connection each, and clear words where configuration and manifest do not fit. */
import { fileURLToPath } from 'node:url';
import { ConnectionRegistry } from '../../src/connectors/registry.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import type { ConnectionConfig, TenantConfig } from '../../src/platform/config/hub-config.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { silentLog } from '../../src/platform/log/log.js';

const MANIFEST = fileURLToPath(new URL('../../manifests/sandbox-payroll.yaml', import.meta.url));

function registry(changes: Partial<ConnectionConfig> = {}): ConnectionRegistry {
  const connection: ConnectionConfig = {
    id: 'payroll-main',
    manifest: MANIFEST,
    config: { baseUrl: 'http://127.0.0.1:4102' },
    secrets: { apiKey: new Secret('k') },
    freshHours: 36,
    maintenance: [],
    ...changes,
  };
  const tenant = { id: 'company-a', connections: [connection] } as unknown as TenantConfig;
  return new ConnectionRegistry({
    config: { tenants: [tenant], egress: { allow: [] } },
    log: silentLog(),
    clock: fixedClock('2023-03-20T09:00:00+08:00'),
  });
}

it('opens a connection once and sends nothing', async () => {
  const open = registry();
  const connection = open.open('company-a', 'payroll-main');
  expect(open.open('company-a', 'payroll-main')).toBe(connection);
  expect(open.all('company-a')).toEqual([connection]);
  expect(connection.declaration).toMatchObject({ id: 'sandbox-payroll', role: 'payroll' });
  expect(
    connection.declaration.reads.map((read) => [
      read.name,
      read.streams,
      read.after,
      read.includesLeavers,
      read.targeted,
    ]),
  ).toEqual([
    ['employees', ['persons', 'employments'], [], true, true],
    ['wages', ['wages'], ['employees'], false, true],
  ]);
  await open.close();
  await open.close();
});

it('names a connection or tenant that is not configured', () => {
  expect(() => registry().open('company-a', 'payroll')).toThrow(/has no connection payroll; configured: payroll-main/);
  expect(() => registry().open('company-b', 'payroll-main')).toThrow(/configured: none/);
  expect(registry().all('company-b')).toEqual([]);
});

it('tells every value that does not fit, and no value', () => {
  const wrong = registry({ config: { baseUrl: 'not-a-url', port: 1 }, secrets: { key: new Secret('hidden') } });
  expect(() => wrong.open('company-a', 'payroll-main')).toThrow(
    'Connection payroll-main does not fit manifest sandbox-payroll: config.baseUrl is not a URL, expected for example https://hr.example.com; config.port is unknown, expected baseUrl; secrets.apiKey is missing; secrets.key is unknown, expected apiKey, webhookSecret.',
  );
});
