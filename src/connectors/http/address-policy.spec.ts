/** Facts about where the hub may connect to. */
import { ConnectorError } from '../connector-error.js';
import { AddressPolicy, type EgressPolicy } from './address-policy.js';

function outcome(url: string, policy: EgressPolicy = { allow: [] }): string {
  try {
    new AddressPolicy(policy).checkUrl(new URL(url));
    return 'allowed';
  } catch (error) {
    if (error instanceof ConnectorError) return error.code;
    throw error;
  }
}

it.each(['https://hr.example.com/', 'https://1.1.1.1/', 'https://[2606:4700::1111]/', 'https://[::ffff:1.1.1.1]/'])(
  'lets public https through: %s',
  (url) => {
    expect(outcome(url)).toBe('allowed');
  },
);

it.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0.0.0.0/',
  'https://10.1.2.3/',
  'https://172.31.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/',
  'https://100.100.100.200/',
  'https://100.64.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'https://[::127.0.0.1]/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://198.18.0.1/',
])('refuses an address that is not public, however it is written: %s', (url) => {
  expect(outcome(url)).toBe('address-refused');
});

it.each(['http://hr.example.com/', 'ftp://hr.example.com/', 'file:///etc/passwd', 'https://user:pw@hr.example.com/'])(
  'refuses %s',
  (url) => {
    expect(outcome(url)).toBe('host-refused');
  },
);

describe('an operator', () => {
  const policy: EgressPolicy = {
    allow: [
      { host: 'HR.local', http: true, addresses: ['10.0.0.0/8', 'fd00::/8'] },
      { host: '127.0.0.1', http: true, addresses: ['127.0.0.0/8'] },
    ],
  };

  it('allows http and a private range for one host only', () => {
    expect(outcome('http://hr.local./', policy)).toBe('allowed');
    expect(outcome('http://127.0.0.1:4101/', policy)).toBe('allowed');
    expect(outcome('http://127.0.0.2/', policy)).toBe('host-refused');
    expect(outcome('http://other.local/', policy)).toBe('host-refused');
  });

  it('does not open other ranges by that', () => {
    const addresses = new AddressPolicy(policy);
    expect(() => addresses.checkAddress('hr.local', '10.9.9.9')).not.toThrow();
    expect(() => addresses.checkAddress('hr.local', '::ffff:10.9.9.9')).not.toThrow();
    expect(() => addresses.checkAddress('hr.local', 'fd12::1')).not.toThrow();
    expect(() => addresses.checkAddress('hr.local', '192.168.0.1')).toThrow(ConnectorError);
    expect(() => addresses.checkAddress('other.local', '10.9.9.9')).toThrow(ConnectorError);
    expect(() => addresses.checkAddress('hr.local', 'not an address')).toThrow(ConnectorError);
  });
});
