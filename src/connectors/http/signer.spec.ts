/** Facts about request signatures. The expected values of symmetric algorithms were computed with the openssl command line. */
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { fixedClock } from '../../platform/clock/clock.js';
import { signSchema, type Sign } from './auth.schema.js';
import { draftRequest, hrefOf, type RequestDraft } from './request-draft.js';
import { compileSigner } from './signer.js';

const clock = fixedClock('2023-03-20T09:00:00+08:00');

function sign(
  section: Record<string, unknown>,
  draft: RequestDraft,
  secrets: Readonly<Record<string, string>>,
  nonce = '12345678',
): RequestDraft {
  const parsed: Sign = signSchema.parse(section);
  compileSigner({
    sign: parsed,
    values: { secret: secrets, config: { entCode: '测试 企业' } },
    variables: [...Object.keys(secrets).map((name) => `secret.${name}`), 'config.entCode'],
    clock,
    nonce: () => nonce,
  })(draft);
  return draft;
}

function post(path: string, body: string | undefined, query: Record<string, string> = {}): RequestDraft {
  const draft = draftRequest({
    method: 'POST',
    baseUrl: 'https://example.com',
    path,
    query,
    headers: {},
    mayLeaveHost: false,
  });
  draft.body = body;
  return draft;
}

describe('a signature over lines of method, path, sorted query, time, nonce and body hash', () => {
  const section = {
    algorithm: 'hmac-sha256',
    key: '${secret.appSecret}',
    over: '${method}\n${path}\n${sortedQuery}\n${timestamp}\n${nonce}\n${bodySha256}',
    timestamp: { unit: 'seconds' },
    headers: {
      'X-App-Key': '${secret.appKey}',
      'X-Timestamp': '${timestamp}',
      'X-Nonce': '${nonce}',
      'X-Signature': '${signature}',
    },
  };

  it('covers exactly what is sent', () => {
    const draft = post('/open/v1/members/status', '{"items":[]}', { limit: '500', b: '张', a: '1' });
    sign(section, draft, { appSecret: 'app-secret-1', appKey: 'k1' }, 'abcdef0123456789abcdef0123456789');
    expect(draft.headers).toMatchObject({
      'X-App-Key': 'k1',
      'X-Timestamp': '1679274000',
      'X-Nonce': 'abcdef0123456789abcdef0123456789',
      'X-Signature': '9e1b1c704850a15875405d127984bca9ea02aab5ead274202ac43b497b43270e',
    });
  });

  it('changes with one changed byte of the body', () => {
    const signatureOf = (body: string): string | undefined =>
      sign(section, post('/x', body), { appSecret: 's', appKey: 'k' }).headers['X-Signature'];
    expect(signatureOf('{"a":1}')).not.toBe(signatureOf('{"a":2}'));
  });

  it('uses a fresh nonce of the declared length for every request', () => {
    const nonces = Array.from({ length: 50 }, () => {
      const draft = post('/x', '');
      compileSigner({
        sign: signSchema.parse({ ...section, nonce: { length: 8 } }),
        values: { secret: { appSecret: 's', appKey: 'k' }, config: {} },
        variables: ['secret.appSecret', 'secret.appKey'],
        clock,
      })(draft);
      return draft.headers['X-Nonce'];
    });
    expect(new Set(nonces).size).toBe(50);
    expect(nonces.every((nonce) => /^[0-9a-f]{8}$/.test(nonce ?? ''))).toBe(true);
  });
});

it('signs like Standard Webhooks, with a base64 key and the published vector', () => {
  const draft = post('/hook', '{"test": 2432232314}');
  const section = {
    algorithm: 'hmac-sha256',
    key: '${secret.key}',
    keyEncoding: 'base64',
    over: 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.${body}',
    encode: 'base64',
    headers: { 'webhook-signature': 'v1,${signature}' },
  };
  sign(section, draft, { key: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
  expect(draft.headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

it('signs the raw body with HMAC-SHA1 into the query, percent-encoded, as 薪人薪事 asks', () => {
  const draft = post('/v5/employee/list', '{"pageNo":0,"pageSize":100}');
  sign(
    {
      algorithm: 'hmac-sha1',
      key: '${secret.appSecret}',
      over: '${body}',
      encode: 'base64',
      query: { sign: '${signature}' },
    },
    draft,
    { appSecret: 'xrxs-secret' },
  );
  expect(hrefOf(draft)).toBe('https://example.com/v5/employee/list?sign=CWblynjBOKFXqOm6k3L6YVp8BvY%3D');
});

it('signs with a plain MD5 over a text that holds the secret', () => {
  const draft = post('/x', undefined);
  const section = {
    algorithm: 'md5',
    over: 'app_key${secret.key}timestamp${timestamp}${secret.word}',
    timestamp: { unit: 'ms' },
    headers: { Sign: '${signature}' },
  };
  sign(section, draft, { key: 'k1', word: 'secret-9' });
  expect(draft.headers['Sign']).toBe('eedc2c4a666d1cf2c577c7688a2efdb6');
});

it('signs nothing with a key made of time and secret, as group robots ask', () => {
  const draft = post('/x', undefined);
  sign(
    {
      algorithm: 'hmac-sha256',
      key: '${timestamp}\n${secret.word}',
      over: '',
      encode: 'base64',
      query: { sign: '${signature}' },
    },
    draft,
    { word: 'SECfeishu' },
  );
  expect(decodeURIComponent(draft.pairs[0]?.[1] ?? '')).toBe('8EsW7ZQbdx13Ow4vypbD7FTp7oyJGjnGyvfIVr9ERhY=');
});

describe('an RSA signature over the sorted plain query, as Moka asks', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const section = {
    algorithm: 'rsa-md5',
    key: '${secret.privateKey}',
    over: '${sortedQueryRaw}',
    timestamp: { unit: 'ms' },
    nonce: { length: 8 },
    encode: 'base64',
    query: {
      entCode: '${config.entCode}',
      apiCode: 'a1',
      nonce: '${nonce}',
      timestamp: '${timestamp}',
      sign: '${signature}',
    },
  };

  it.each(['pem', 'bare base64'])('verifies with the public key (%s)', (form) => {
    const text =
      form === 'pem'
        ? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
        : privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    const draft = sign(section, post('/v1/batch', '{}'), { privateKey: text });
    const signature = decodeURIComponent(draft.pairs.find(([name]) => name === 'sign')?.[1] ?? '');
    const over = 'apiCode=a1&entCode=测试 企业&nonce=12345678&timestamp=1679274000000';
    expect(createVerify('RSA-MD5').update(over).verify(publicKey, signature, 'base64')).toBe(true);
  });

  it('refuses a key that is none, without repeating it', () => {
    expect(() => sign(section, post('/x', ''), { privateKey: 'canary-key' })).toThrow(/not an RSA private key/);
    expect(() => sign(section, post('/x', ''), { privateKey: 'canary-key' })).not.toThrow(/canary/);
  });
});

it('refuses a section without a key or without a place for the signature', () => {
  expect(signSchema.safeParse({ algorithm: 'hmac-sha256', over: 'x', headers: { S: '${signature}' } }).success).toBe(
    false,
  );
  expect(signSchema.safeParse({ algorithm: 'md5', over: 'x' }).success).toBe(false);
});
