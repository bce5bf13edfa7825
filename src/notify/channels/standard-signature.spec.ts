/** That what is signed is what the standard and the vendors publish. */
import { feishuSign } from './feishu.js';
import { standardSignature } from './standard-signature.js';
import { clip } from './vendor-api.js';
import { webhookBody } from './webhook-body.js';

// Source: the example of the Standard Webhooks specification.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNED = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1614265330, body: '{"test": 2432232314}' };

it('signs the published example as published, and with several secrets each', () => {
  const published = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  expect(standardSignature([SECRET], SIGNED)).toBe(published);
  const both = standardSignature([`whsec_${Buffer.alloc(32).toString('base64')}`, SECRET], SIGNED).split(' ');
  expect([both.length, both[1]]).toEqual([2, published]);
});

it('signs for a group of Feishu with an empty message under time and secret', () => {
  // Computed with: printf '' | openssl dgst -sha256 -hmac "$(printf '1599360473\\ndemo')" -binary | base64
  expect(feishuSign('1599360473', 'demo')).toBe('l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=');
});

it('writes the stored data into the body as they are, whatever the format', () => {
  const event = {
    eventId: 'e1',
    tenantId: 't1',
    type: 'run.completed',
    occurredAt: new Date(0),
    body: '{"b":1, "a":2}',
  } as const;
  expect(webhookBody('standard', event).body).toBe(
    '{"type":"run.completed","timestamp":"1970-01-01T00:00:00.000Z","data":{"b":1, "a":2}}',
  );
  expect(webhookBody('cloudevents', event).body).toMatch(
    /^\{"specversion":"1.0","id":"e1",.*,"data":\{"b":1, "a":2\}\}$/,
  );
});

it('cuts texts between characters and within the bytes allowed', () => {
  expect(clip('断缴', 6)).toBe('断缴');
  expect(clip('断缴风险', 9)).toBe('断缴…');
  expect(Buffer.byteLength(clip('😀'.repeat(10), 20))).toBeLessThanOrEqual(20);
});
