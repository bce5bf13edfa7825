/** The samples that vendors publish for their callbacks, each opened by our own code. */
import { callbackSignature, openCallback } from './callback-crypto.js';
import { openFeishu } from './feishu-crypto.js';
import { standardKey } from './compile-scheme.js';
import { hmacOf } from './signature.js';

const WECOM_KEYS = {
  token: 'QDG6eK',
  aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  owner: 'wx5823bf96d3bd56c7',
};
const WECOM_MESSAGE =
  'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==';

it('DingTalk: the sealed "success", padded over more than one block of the cipher', () => {
  const keys = {
    token: '123456',
    aesKey: '1234567890123456789012345678901234567890123',
    owner: 'dingsnotzck6pm5veliw',
  };
  const encrypted = 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==';
  const stamp = { timestamp: '1614767836', nonce: 'A7Co0cJLMzIDtMMI' };
  expect(callbackSignature(keys.token, stamp, encrypted)).toBe('9a95a004dd16f5c307e849b994173f76aa26e5eb');
  expect(openCallback(keys, encrypted)).toBe('success');
  expect(openCallback({ ...keys, owner: 'dingsomebodyelse' }, encrypted)).toBeNull();
});

it('WeCom: the check of the address', () => {
  const encrypted = 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==';
  const stamp = { timestamp: '1409659589', nonce: '263014780' };
  expect(callbackSignature(WECOM_KEYS.token, stamp, encrypted)).toBe('5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3');
  expect(openCallback(WECOM_KEYS, encrypted)).toBe('1616140317555161061');
});

it('WeCom: a message', () => {
  const stamp = { timestamp: '1409659813', nonce: '1372623149' };
  expect(callbackSignature(WECOM_KEYS.token, stamp, WECOM_MESSAGE)).toBe('477715d11cdb4164915debcba66cb864d751f3e6');
  expect(openCallback(WECOM_KEYS, WECOM_MESSAGE)).toContain('<Content><![CDATA[hello]]></Content>');
});

it('Feishu: a text under the hash of its key', () => {
  expect(openFeishu('test key', 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=')).toBe('hello world');
});

it('Standard Webhooks: the signature of a body', () => {
  const key = standardKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const signed = Buffer.from('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}');
  expect(hmacOf('sha256', key, signed, 'base64')).toBe('g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
