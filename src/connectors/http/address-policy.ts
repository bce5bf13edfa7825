/** Which hosts and addresses the hub may call: public https by default, more only where the operator allowed it. */
import { BlockList, isIP } from 'node:net';
import { ConnectorError } from '../connector-error.js';

export interface EgressAllowance {
  /** Host name or address, exactly as URLs carry it. */
  readonly host: string;
  /** Allows plain http to this host. */
  readonly http?: boolean | undefined;
  /** Address ranges this host may lead to although they are not public, in CIDR form. */
  readonly addresses?: readonly string[] | undefined;
}

export interface EgressPolicy {
  readonly allow: readonly EgressAllowance[];
}

/** Source: IANA special-purpose address registries; 100.64.0.0/10 holds the metadata address 100.100.100.200. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

interface HostRule {
  readonly http: boolean;
  readonly addresses: BlockList | null;
}

/** Answers for one hub; built once from `egress.allow`, whose ranges the config schema has checked. */
export class AddressPolicy {
  private readonly notPublic = blockListOf(NOT_PUBLIC);
  private readonly rules: ReadonlyMap<string, HostRule>;

  constructor(policy: EgressPolicy) {
    this.rules = new Map(
      policy.allow.map((entry) => [
        foldHost(entry.host),
        { http: entry.http ?? false, addresses: entry.addresses ? blockListOf(entry.addresses) : null },
      ]),
    );
  }

  /** Throws ConnectorError `host-refused` or `address-refused` for a URL that may not be called, before anything is resolved. */
  checkUrl(url: URL): void {
    const isHttps = url.protocol === 'https:';
    const mayUseHttp = url.protocol === 'http:' && (this.rules.get(foldHost(url.hostname))?.http ?? false);
    if (!isHttps && !mayUseHttp) throw new ConnectorError({ fault: 'host-refused', saying: 'https only' });
    if (url.username !== '' || url.password !== '')
      throw new ConnectorError({ fault: 'host-refused', saying: 'credentials inside the URL' });
    const host = foldHost(url.hostname);
    if (isIP(host) !== 0) this.checkAddress(host, host);
  }

  /** Throws ConnectorError `address-refused` unless the address is public or inside a range allowed for the host. */
  checkAddress(host: string, address: string): void {
    // IPv4 addresses inside IPv6 (`::ffff:a00:1`) are judged by the IPv4 ranges: BlockList sees through them.
    const plain = address.split('%')[0] ?? '';
    const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
    if (isIP(plain) !== 0) {
      if (this.rules.get(foldHost(host))?.addresses?.check(plain, family)) return;
      if (!this.notPublic.check(plain, family)) return;
    }
    throw new ConnectorError({ fault: 'address-refused', detail: { family } });
  }
}

function foldHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  }
  return list;
}
