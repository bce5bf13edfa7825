/** Facts about receiving calls: who is let in, for how long, what is read from an event, and that no changed bit passes. */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import type { WebhookCall, WebhookReceiver } from '../../webhook-port.js';
import { readManifest } from '../load-manifest.js';
import { ConfigError } from '../../../platform/config/config-error.js';
import { callbackSignature, openCallback, sealCallback } from './callback-crypto.js';
import { feishuSignature } from './feishu-crypto.js';
import { openWebhook, webhookProblems } from './open-webhook.js';
import { standardKey } from './compile-scheme.js';
import { hmacOf } from './signature.js';

const NOW = new Date('2023-03-20T09:00:00+08:00');
const SECONDS = String(NOW.getTime() / 1000);
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const KEYS = { token: 'tkn', aesKey: '1234567890123456789012345678901234567890123', owner: 'ding-app' };
const FEISHU = { encryptKey: 'feishu key', token: 'feishu token' };
const HMAC_KEY = 'a-key-of-sixteen-and-more-bytes';

function manifestText(webhook: string): string {
  return `manifest: 1
id: maple
version: 1.0.0
title: { zh: 枫叶, en: Maple }
role: payroll
config: { app: { type: text, about: Application } }
secrets: [key]
baseUrl: https://hr.example.com
auth: { type: none }
reads:
  people:
    request: { get: /people }
    rows: people
    paging: { type: none }
    owner: no
    emit: { wages: { key: [month], fields: { month: { path: m, as: month }, grossFen: { path: gross, as: yuan } } } }
webhook:
${webhook}
`;
}

function receiver(webhook: string, secrets: Record<string, string>): WebhookReceiver {
  const opened = openWebhook(readManifest(manifestText(webhook), 'm.yaml'), {
    config: { app: 'ding-app' },
    secrets: { key: 'k', ...secrets },
  });
  if (opened === null) throw new Error('no receiver');
  return opened;
}

function call(parts: Partial<WebhookCall> & { readonly text?: string }): WebhookCall {
  const body = parts.body ?? Buffer.from(parts.text ?? '', 'utf8');
  return { method: 'POST', rawQuery: '', headers: {}, now: NOW, ...parts, body };
}

const EVENT = '{"type":"paid","id":"e-1","data":{"no":1007}}';
const OWNERS = '  owners: [data.no]';

function standardCall(text: string, { secret = SECRET, at = SECONDS, id = 'msg_1' } = {}): WebhookCall {
  const signature = hmacOf('sha256', standardKey(secret), Buffer.from(`${id}.${at}.${text}`), 'base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
  return call({ text, headers });
}
const standard = (): WebhookReceiver =>
  receiver(`  scheme: { type: standard-webhooks, secret: hook }\n${OWNERS}`, { hook: `${SECRET} ${OLD_SECRET}` });

function sealedCall(text: string, at = SECONDS): WebhookCall {
  const encrypt = sealCallback(KEYS, text, Buffer.alloc(16, 3));
  const stamp = { timestamp: at, nonce: 'n0nce' };
  const rawQuery = `msg_signature=${callbackSignature(KEYS.token, stamp, encrypt)}&timestamp=${at}&nonce=${stamp.nonce}`;
  return call({ rawQuery, text: JSON.stringify({ encrypt }) });
}
const dingtalk = (): WebhookReceiver =>
  receiver(
    `  scheme: { type: dingtalk, token: hookToken, aesKey: hookKey, owner: '\${config.app}' }\n  owners: [userIds]`,
    { hookToken: KEYS.token, hookKey: KEYS.aesKey },
  );

function wecomCall(text: string): WebhookCall {
  const sealed = sealedCall(text);
  const { encrypt } = JSON.parse(sealed.body.toString('utf8')) as { encrypt: string };
  return { ...sealed, body: Buffer.from(`<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`) };
}
const wecom = (): WebhookReceiver =>
  receiver(
    `  scheme: { type: wecom, token: hookToken, aesKey: hookKey, owner: '\${config.app}' }\n  owners: [UserID]`,
    {
      hookToken: KEYS.token,
      hookKey: KEYS.aesKey,
    },
  );

function sealFeishu(text: string): string {
  const key = createHash('sha256').update(FEISHU.encryptKey).digest();
  const iv = Buffer.alloc(16, 9);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}
function feishuCall(text: string): WebhookCall {
  const body = Buffer.from(JSON.stringify({ encrypt: sealFeishu(text) }));
  const stamp = { timestamp: SECONDS, nonce: 'n0nce' };
  const headers = {
    'x-lark-request-timestamp': stamp.timestamp,
    'x-lark-request-nonce': stamp.nonce,
    'x-lark-signature': feishuSignature(FEISHU.encryptKey, stamp, body),
  };
  return call({ headers, body });
}
const feishu = (): WebhookReceiver =>
  receiver(`  scheme: { type: feishu, encryptKey: hookKey, token: hookToken }\n  owners: [event.user_id]`, {
    hookKey: FEISHU.encryptKey,
    hookToken: FEISHU.token,
  });

function hmacCall(text: string): WebhookCall {
  const signature = createHmac('sha512', HMAC_KEY).update(`d-1|${SECONDS}|${text}`).digest('hex');
  return call({ text, headers: { 'x-time': SECONDS, 'x-id': 'd-1', 'x-sig': `sha512=${signature}` } });
}
const HMAC = `  scheme:
    type: hmac
    algorithm: sha512
    secret: hook
    header: X-Sig
    prefix: sha512=
    over: '\${id}|\${timestamp}|\${body}'
    timestamp: { header: X-Time }
    id: { header: X-Id }
${OWNERS}`;
const hmac = (): WebhookReceiver => receiver(HMAC, { hook: HMAC_KEY });

const SCHEMES: readonly (readonly [string, () => WebhookReceiver, WebhookCall])[] = [
  ['standard-webhooks', standard, standardCall(EVENT)],
  ['dingtalk', dingtalk, sealedCall('{"EventType":"user_modify_org","eventId":"7","userIds":["u1"]}')],
  ['wecom', wecom, wecomCall('<xml><MsgId>9</MsgId><UserID>u1</UserID></xml>')],
  ['feishu', feishu, feishuCall('{"header":{"event_id":"f1"},"event":{"user_id":"u1"}}')],
  ['hmac', hmac, hmacCall(EVENT)],
];

/** Every call that differs from this one in one bit of its body, its query or the value of one header. */
function* flipped(sample: WebhookCall): Generator<WebhookCall> {
  for (const body of flips(sample.body)) yield { ...sample, body };
  for (const text of flips(Buffer.from(sample.rawQuery, 'latin1')))
    yield { ...sample, rawQuery: text.toString('latin1') };
  for (const [name, value] of Object.entries(sample.headers))
    for (const text of flips(Buffer.from(value ?? '', 'latin1')))
      yield { ...sample, headers: { ...sample.headers, [name]: text.toString('latin1') } };
}
function* flips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}

describe.each(SCHEMES)('a call signed by %s', (_name, open, sample) => {
  it('is let in as it was sent', () => {
    expect(open().verify(sample).verdict).toBe('delivery');
  });

  it('is refused by its head alone where it is unsigned or late, never where the body could make it good', () => {
    const { body: _body, ...head } = sample;
    const end = open();
    expect(end.refusalOf(head)).toBeNull();
    const late = new Date(NOW.getTime() + 3_600_000);
    expect(end.refusalOf({ ...head, now: late })).toBe('stale');
    // Feishu checks an address by a call without a signature: only its body says whether it is one.
    const bare = end.refusalOf({ ...head, headers: {}, rawQuery: '' });
    expect(bare).toBe(_name === 'feishu' ? null : 'unsigned');
    for (const changed of flipped(sample))
      if (end.refusalOf(changed) !== null) expect(end.verify(changed).verdict).toBe('refused');
  });

  it('is refused with any single bit changed', () => {
    const end = open();
    let tried = 0;
    const passed: WebhookCall[] = [];
    for (const changed of flipped(sample)) {
      tried += 1;
      if (end.verify(changed).verdict !== 'refused') passed.push(changed);
    }
    expect(tried).toBeGreaterThan(500);
    expect(passed).toEqual([]);
  });

  it('is refused unsigned, five minutes late, five minutes early, and by GET', () => {
    const end = open();
    const refusal = (other: Partial<WebhookCall>): unknown => end.verify({ ...sample, ...other });
    expect(refusal({ headers: {}, rawQuery: '' })).toEqual({ verdict: 'refused', reason: 'unsigned' });
    expect(refusal({ now: new Date(NOW.getTime() + 300_000) })).toMatchObject({ verdict: 'delivery' });
    expect(refusal({ now: new Date(NOW.getTime() + 300_001) })).toEqual({ verdict: 'refused', reason: 'stale' });
    expect(refusal({ now: new Date(NOW.getTime() - 300_001) })).toEqual({ verdict: 'refused', reason: 'stale' });
    expect(refusal({ method: 'GET' })).toMatchObject({ verdict: 'refused' });
  });
});

describe('what a delivery says', () => {
  it('is its id, its type and whom it concerns', () => {
    expect(standard().verify(standardCall(EVENT))).toEqual({
      verdict: 'delivery',
      answer: { contentType: 'application/json', body: '{"received":true}' },
      delivery: { deliveryId: 'msg_1', eventType: 'paid', ownerKeys: ['1007'], kind: 'event', text: EVENT },
    });
    expect(dingtalk().verify(SCHEMES[1]?.[2] ?? standardCall(EVENT))).toMatchObject({
      delivery: { deliveryId: '7', eventType: 'user_modify_org', ownerKeys: ['u1'] },
    });
    expect(wecom().verify(SCHEMES[2]?.[2] ?? standardCall(EVENT))).toMatchObject({
      answer: { contentType: 'text/plain', body: '' },
      delivery: { deliveryId: '9', ownerKeys: ['u1'] },
    });
    expect(hmac().verify(hmacCall(EVENT))).toMatchObject({ delivery: { deliveryId: 'd-1', ownerKeys: ['1007'] } });
  });

  it('is let in under any live secret', () => {
    expect(standard().verify(standardCall(EVENT, { secret: OLD_SECRET })).verdict).toBe('delivery');
    expect(standard().verify(standardCall(EVENT, { secret: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' })).verdict).toBe(
      'refused',
    );
  });

  it('counts one body with two ids as two, and long ids by their hash', () => {
    const ids = ['a', 'b', 'x'.repeat(300)].map((id) => standard().verify(standardCall(EVENT, { id })));
    expect(ids.map((verdict) => (verdict.verdict === 'delivery' ? verdict.delivery.deliveryId.length : 0))).toEqual([
      1, 1, 64,
    ]);
  });

  it('is kept as not understood when it is rightly signed and no event', () => {
    expect(standard().verify(standardCall('not json'))).toMatchObject({
      delivery: { kind: 'not-understood', ownerKeys: [] },
    });
  });

  it('is unwanted where the manifest does not list its type', () => {
    const end = receiver(
      `  scheme: { type: standard-webhooks, secret: hook }\n  event: { path: type, in: [hired] }\n${OWNERS}`,
      { hook: SECRET },
    );
    expect(end.verify(standardCall(EVENT))).toMatchObject({ delivery: { kind: 'unwanted', ownerKeys: [] } });
  });

  it('may hold the rows themselves, mapped like the read they look like', () => {
    const end = receiver(
      `  scheme: { type: standard-webhooks, secret: hook }\n${OWNERS}\n  apply: { read: people, rows: data, version: rev }`,
      { hook: SECRET },
    );
    const payload = end.payloadOf('{"rev":4,"data":{"no":1007,"m":"2023-02","gross":"18000.00"}}');
    expect(payload).toMatchObject({
      read: 'people',
      version: 4,
      records: [{ stream: 'wages', ownerKey: '1007', item: { month: '2023-02', grossFen: 1_800_000 } }],
    });
    expect(end.payloadOf('{"data":{"no":1007}}')).toBeNull();
  });
});

describe('the check of an address', () => {
  it('by DingTalk gets a sealed and signed "success"', () => {
    const verdict = dingtalk().verify(sealedCall('{"EventType":"check_url"}'));
    if (verdict.verdict !== 'address-check') throw new Error(verdict.verdict);
    const { msg_signature, timeStamp, nonce, encrypt } = JSON.parse(verdict.answer.body) as Record<string, string>;
    expect(msg_signature).toBe(
      callbackSignature(KEYS.token, { timestamp: timeStamp ?? '', nonce: nonce ?? '' }, encrypt ?? ''),
    );
    expect(openCallback(KEYS, encrypt ?? '')).toBe('success');
  });

  it('by WeCom gets its text back, bare, also when "+" became a blank on its way', () => {
    const { rawQuery } = sealedCall('1616140317555161061');
    const { encrypt } = JSON.parse(sealedCall('1616140317555161061').body.toString()) as { encrypt: string };
    for (const echo of [encodeURIComponent(encrypt), encrypt, encrypt.replaceAll('+', '%20')]) {
      const check = call({ method: 'GET', rawQuery: `${rawQuery}&echostr=${echo}` });
      expect(wecom().verify(check)).toEqual({
        verdict: 'address-check',
        answer: { contentType: 'text/plain', body: '1616140317555161061' },
      });
    }
  });

  it('by Feishu is believed by the token inside and gets its challenge back', () => {
    const check = (token: string): WebhookCall =>
      call({
        text: JSON.stringify({
          encrypt: sealFeishu(JSON.stringify({ type: 'url_verification', challenge: 'c', token })),
        }),
      });
    expect(feishu().verify(check(FEISHU.token))).toEqual({
      verdict: 'address-check',
      answer: { contentType: 'application/json', body: '{"challenge":"c"}' },
    });
    expect(feishu().verify(check('another'))).toEqual({ verdict: 'refused', reason: 'forged' });
  });
});

describe('a connection', () => {
  const manifest = readManifest(manifestText(HMAC), 'm.yaml');

  it('without the secret receives nothing', () => {
    expect(openWebhook(manifest, { config: {}, secrets: { key: 'k' } })).toBeNull();
    expect(webhookProblems(manifest, { key: 'k' })).toEqual([]);
  });

  it('is told of secrets that are too short, malformed or alone', () => {
    expect(webhookProblems(manifest, { hook: 'short' })).toEqual([
      'secrets.hook is too short to sign with, expected at least 16 bytes as utf8',
    ]);
    const ding = readManifest(
      manifestText(`  scheme: { type: dingtalk, token: t, aesKey: a, owner: x }\n  owners: [u]`),
      'm.yaml',
    );
    expect(webhookProblems(ding, { a: 'x' })).toEqual([
      'secrets.t is missing beside a',
      'secrets.a is not an AES key of callbacks, expected the 43 letters and digits of the console',
    ]);
  });
});

it.each([
  [
    "over: '${id}|${timestamp}|${body}'",
    "over: '${timestamp}|${body}'",
    'm.yaml:24:11  webhook.scheme.over  does not sign the id',
  ],
  ["over: '${id}|${timestamp}|${body}'", "over: '${id}|${timestamp}'", 'does not sign the body'],
  ["over: '${id}|${timestamp}|${body}'", "over: '${id}|${timestamp}|${body}${query}'", 'names something else'],
  ['secret: hook', 'secret: key', 'm.yaml:18:3  webhook.scheme  uses the secret "key"'],
  ['owners: [data.no]', 'owners: [data..no]', 'm.yaml:27:12  webhook.owners[0]  has an empty step'],
  ['header: X-Sig', 'header: X Sig', 'is not a header name'],
])('a manifest with %s turned into %s is told so with its line', (from, to, problem) => {
  const text = manifestText(HMAC);
  expect(text).toContain(from);
  try {
    readManifest(
      text.replace(from, () => to),
      'm.yaml',
    );
    throw new Error('it was accepted');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.join('\n')).toContain(problem);
  }
});
