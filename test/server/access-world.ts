/** A serving hub of two companies with a token and keys of every scope, for tests of who may do what. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServingHub, serveHub } from '../../src/cli/serve/serve-hub.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { SCOPES, type Scope } from '../../src/platform/access/permission.js';
import { type HubConfig, loadHubConfig } from '../../src/platform/config/hub-config.js';
import { silentLog } from '../../src/platform/log/log.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

export const TOKEN = 'a-token-of-thirty-two-characters';
const KEY = Buffer.alloc(32, 7).toString('base64');

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface AccessWorld {
  readonly test: TestDatabase;
  readonly config: HubConfig;
  readonly serving: ServingHub;
  /** Of company-a, one scope each. */
  readonly keys: Readonly<Record<Scope, string>>;
  /** Of company-b, with every scope. */
  readonly strangersKey: string;
  ask(
    path: string,
    options?: { readonly key?: string; readonly method?: string; readonly body?: unknown },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** `server`: further lines of the section of that name. */
export async function openAccessWorld(server = ''): Promise<AccessWorld> {
  const test = await openTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'access-'));
  const config = loadHubConfig(writeConfig(folder, server), { DATABASE_URL: test.url, KEY, TOKEN });
  const serving = await serveHub({ config, log: silentLog(), threads: 0, role: 'server' });
  const apiKeys = serving.hub.app.get(ApiKeys);
  const make = async (tenant: string, name: string, scopes: readonly Scope[]): Promise<string> =>
    (await apiKeys.create({ tenant: { id: tenant, name: tenant }, name, scopes, days: 1, by: 'test' })).key;
  const keys = Object.fromEntries(
    await Promise.all(SCOPES.map(async (scope) => [scope, await make('company-a', `${scope}-desk`, [scope])])),
  ) as Record<Scope, string>;
  return {
    ...{ test, config, serving, keys, strangersKey: await make('company-b', 'somebody', SCOPES) },
    ask: async (path, { key, method = 'GET', body } = {}) => {
      const reply = await fetch(`${serving.url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined
            ? {}
            : { 'content-type': Buffer.isBuffer(body) ? 'application/pdf' : 'application/json' }),
        },
        ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      const text = await reply.text();
      const isJson = reply.headers.get('content-type')?.includes('json') === true;
      return { status: reply.status, body: isJson ? JSON.parse(text) : text };
    },
    close: async () => {
      await serving.stop();
      rmSync(folder, { recursive: true });
      await test.close();
    },
  };
}

function writeConfig(folder: string, server: string): string {
  const file = join(folder, 'hub.yaml');
  writeFileSync(
    file,
    [
      'version: 1',
      'workThreads: 0',
      'database: { url: "${DATABASE_URL}", allowUnsafeFsync: true }',
      'keys: { current: k1, identity: { k1: "${KEY}" }, blindIndex: "${KEY}" }',
      `server: { port: 0, token: "\${TOKEN}"${server} }`,
      'tenants: [{ id: company-a, name: 甲公司 }, { id: company-b, name: 乙公司 }]',
      '',
    ].join('\n'),
  );
  return file;
}
