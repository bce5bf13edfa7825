/** What the section "notify" of a tenant may say, and what its author is told when it cannot be used. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError } from './config-error.js';
import { loadHubConfig } from './hub-config.js';
import type { NotifyConfig } from './notify-config.js';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'notify-config-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function load(notify: string): NotifyConfig {
  writeFileSync(join(folder, 'm.yaml'), 'manifest: 1');
  writeFileSync(join(folder, 'people.csv'), 'E1,u1');
  const text = `version: 1
tenants:
  - id: company-a
    name: 甲公司
    connections: [{ id: hr, manifest: m.yaml }]
    notify: ${notify}
`;
  writeFileSync(join(folder, 'hub.yaml'), text);
  return loadHubConfig(join(folder, 'hub.yaml'), { SECRET, CANARY: 'CANARY' }).tenants[0]?.notify ?? [];
}

function problems(notify: string): string[] {
  try {
    load(notify);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(`${error.message}${inspect(error)}`).not.toContain('CANARY');
    return error.problems.map((line) => line.replace(/^.*hub\.yaml:\d+:\d+\s+/, ''));
  }
  return [];
}

it('a tenant that says nothing tells nobody', () => {
  expect(load('{}')).toEqual([]);
});

it('webhooks tell everything, messages what HR has to look at, employees their own case', () => {
  const endpoints = load(`
      language: en
      webhooks: [{ id: erp, url: 'https://erp.example.com/in', secrets: ['\${SECRET}'] }]
      messages:
        - { id: group, channel: wecom-robot, secrets: { key: '\${SECRET}' } }
        - { id: staff, channel: dingtalk-work, appKey: k, agentId: 1, address: { connection: hr, file: people.csv }, secrets: { appSecret: '\${SECRET}' }, language: zh-CN }
        - { id: mail, channel: email, host: smtp.example.com, from: a@example.com, to: [b@example.com] }`);
  expect(
    endpoints.map((each) => [each.id, each.channel, each.events, 'language' in each ? each.language : null]),
  ).toEqual([
    ['erp', 'webhook', ['*'], null],
    ['group', 'wecom-robot', ['run.suspended', 'finding.opened', 'operation.dead', 'connection.*', 'case.*'], 'en'],
    ['staff', 'dingtalk-work', ['case.*'], 'zh-CN'],
    ['mail', 'email', expect.any(Array), 'en'],
  ]);
  const [, , staff] = endpoints;
  expect(staff !== undefined && 'address' in staff ? staff.address : null).toEqual({
    ...{ connection: 'hr', prefix: '', suffix: '', file: join(folder, 'people.csv') },
  });
});

it.each([
  [
    "{ webhooks: [{ id: a, url: 'https://a.b', secrets: ['${CANARY}'] }] }",
    /secrets\[0\]\s+is not a signing secret; expected whsec_/,
  ],
  ["{ webhooks: [{ id: a, url: 'https://a.b', secrets: ['whsec_CANARY'] }] }", /a secret is written in the file/],
  ["{ webhooks: [{ id: a, url: 'ftp://a.b', secrets: ['${SECRET}'] }] }", /is not an address; expected https/],
  [
    "{ webhooks: [{ id: a, url: 'https://a.b', secrets: ['${SECRET}'], events: [run.done] }] }",
    /is not an event; expected/,
  ],
  [
    "{ webhooks: [{ id: a, url: 'https://a.b', secrets: ['${SECRET}'] }], messages: [{ id: a, channel: wecom-robot, secrets: { key: '${SECRET}' } }] }",
    /the id a is already taken/,
  ],
  ['{ messages: [{ id: a, channel: email, host: h, from: f }] }', /needs either receivers under "to", or "address"/],
  [
    '{ messages: [{ id: a, channel: email, host: h, from: f, to: [x@y.z], user: hub }] }',
    /has no password for the user/,
  ],
  [
    '{ messages: [{ id: a, channel: email, host: h, from: f, address: { connection: other } }] }',
    /no such connection; expected one of: hr/,
  ],
  [
    '{ messages: [{ id: a, channel: email, host: h, from: f, address: { connection: hr, file: gone.csv } }] }',
    /there is no such file/,
  ],
  ['{ messages: [{ id: a, channel: pigeon }] }', /channel/],
])('%s is refused with advice', (notify, advice) => {
  expect(problems(notify).join('\n')).toMatch(advice);
});
