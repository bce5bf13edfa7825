/** What docs/notifications.md shows is true: its example is a sound configuration, its events are those there are, its verifier verifies. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES } from '../../src/domain/events.js';
import { standardSignature } from '../../src/notify/channels/standard-signature.js';
import { loadHubConfig } from '../../src/platform/config/hub-config.js';
import { SIGNING_SECRET } from './notify-world.js';

const guide = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text]) => (name === language ? [text ?? ''] : []));

it('its configuration can be used as it stands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'notify-guide-'));
  writeFileSync(join(folder, 'm.yaml'), 'manifest: 1');
  const notify = (blocks('yaml')[0] ?? '').replace(/^/gm, '    ');
  const text = `version: 1\ntenants:\n  - id: company-a\n    name: A\n    connections: [{ id: attendance, manifest: m.yaml }]\n${notify}`;
  writeFileSync(join(folder, 'hub.yaml'), text);
  const names = ['WECOM_ROBOT_KEY', 'SMTP_PASSWORD', 'DINGTALK_APP_SECRET'];
  const variables = { ...Object.fromEntries(names.map((name) => [name, 'x'])), ERP_WEBHOOK_SECRET: SIGNING_SECRET };
  const [tenant] = loadHubConfig(join(folder, 'hub.yaml'), variables).tenants;
  rmSync(folder, { recursive: true });
  expect(tenant?.notify.map(({ channel }) => channel)).toEqual(['webhook', 'wecom-robot', 'email', 'dingtalk-work']);
});

it('its events are valid JSON and of the list, and each type of the list is explained', () => {
  const shown = blocks('json').map((text) => (JSON.parse(text) as { type: string }).type);
  expect(shown.filter((type) => !type.startsWith('case.') && !EVENT_TYPES.some((known) => known === type))).toEqual([]);
  expect(EVENT_TYPES.filter((type) => !guide.includes(`\`${type}\``))).toEqual([]);
});

it('its verifier takes what the hub signs, and nothing else', () => {
  const body = '{"type":"run.completed","data":{"name":"断"}}';
  const id = 'e1';
  const timestampSeconds = 1_679_000_000;
  const signature = standardSignature([`whsec_${Buffer.alloc(24).toString('base64')}`, SIGNING_SECRET], {
    ...{ id, timestampSeconds, body },
  });
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature };
  const cases = [
    [headers, body, SIGNING_SECRET, timestampSeconds + 299],
    [headers, body, SIGNING_SECRET, timestampSeconds + 301],
    [headers, `${body} `, SIGNING_SECRET, timestampSeconds],
    [headers, body, `whsec_${Buffer.alloc(24, 1).toString('base64')}`, timestampSeconds],
    [{ ...headers, 'webhook-id': 'e2' }, body, SIGNING_SECRET, timestampSeconds],
    [{ ...headers, 'webhook-timestamp': 'now' }, body, SIGNING_SECRET, timestampSeconds],
    [{}, body, SIGNING_SECRET, timestampSeconds],
  ];
  const program = `${blocks('js')[0] ?? ''}
console.log(JSON.stringify(${JSON.stringify(cases)}.map((each) => isFromTheHub(...each))));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([true, false, false, false, false, false, false]);
});
