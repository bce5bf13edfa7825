/** Facts about the error table. */
import { ConnectorError } from './connector-error.js';
import { CATEGORIES, FAULTS, faultMeaning, faultOfNetworkCode, faultOfStatus, type FaultName } from './error-table.js';

const names = Object.keys(FAULTS) as FaultName[];

it('gives every category a fault', () => {
  expect([...new Set(names.map((name) => faultMeaning(name).category))].sort()).toEqual([...CATEGORIES].sort());
});

it('never tries a login again inside a call', () => {
  const auth = names.filter((name) => faultMeaning(name).category === 'AUTH');
  expect(auth.length).toBeGreaterThanOrEqual(3);
  expect(auth.filter((name) => faultMeaning(name).retriedInCall)).toEqual([]);
});

it('opens the breaker only for systems that do not answer', () => {
  const opening = names.filter((name) => faultMeaning(name).opensBreaker).map((name) => faultMeaning(name).category);
  expect([...new Set(opening)].sort()).toEqual(['REMOTE_UNAVAILABLE', 'TRANSIENT_NETWORK']);
});

it('says for every fault what happened and what to do', () => {
  for (const name of names) {
    const { message } = new ConnectorError({
      fault: name,
      status: 418,
      place: { tenantId: 't', connectionId: 'c1', call: 'r1' },
    });
    expect(message).toMatch(/^Connection c1, r1: .{10,}; HTTP 418\. .{10,}\.$/);
  }
});

it.each<[number, FaultName | null]>([
  [200, null],
  [204, null],
  [301, 'redirected'],
  [400, 'request-invalid'],
  [401, 'auth-expired'],
  [403, 'auth-rejected'],
  [404, 'not-found'],
  [409, 'conflict'],
  [422, 'request-invalid'],
  [429, 'throttled'],
  [500, 'unavailable'],
  [501, 'wrong-endpoint'],
  [503, 'unavailable'],
  [504, 'unavailable'],
])('reads status %d as %s', (status, fault) => {
  expect(faultOfStatus(status)).toBe(fault);
});

it.each<[string, FaultName]>([
  ['ECONNREFUSED', 'connection-refused'],
  ['ENOTFOUND', 'host-not-found'],
  ['ECONNRESET', 'connection-cut'],
  ['ETIMEDOUT', 'timed-out'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-refused'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-refused'],
  ['CERT_HAS_EXPIRED', 'tls-refused'],
  ['ESOMETHING', 'connection-cut'],
])('reads network code %s as %s', (code, fault) => {
  expect(faultOfNetworkCode(code)).toBe(fault);
});
