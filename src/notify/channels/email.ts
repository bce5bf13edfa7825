/** How a message leaves as e-mail: over a socket to a checked address, one connection per message. */
import { connect, isIP, type Socket } from 'node:net';
import { createTransport, type Transporter } from 'nodemailer';
import { ConnectorError } from '../../connectors/connector-error.js';
import { AddressPolicy } from '../../connectors/http/address-policy.js';
import { checkedLookup, type EgressPolicy } from '../../connectors/http/egress.js';
import type { MessageEndpoint } from '../../platform/config/notify-config.js';
import type { Channel, Delivery, Outgoing } from '../channel.js';
import { deliveryOfFault } from './delivery-of-fault.js';

type EmailEndpoint = Extract<MessageEndpoint, { channel: 'email' }>;

const CONNECT_WITHIN_MS = 5_000;
const SILENCE_MS = 8_000;

export class EmailChannel implements Channel {
  readonly atOnce = 1;
  readonly perMinute = null;
  private readonly transport: Transporter;
  private readonly addresses: AddressPolicy;

  constructor(
    private readonly endpoint: EmailEndpoint,
    egress: EgressPolicy,
  ) {
    const { host, port, security, user, secrets } = endpoint;
    this.addresses = new AddressPolicy(egress);
    const pass = secrets.password?.reveal();
    this.transport = createTransport({
      ...{
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
      },
      ...(user === undefined || pass === undefined ? {} : { auth: { user, pass } }),
      // An address has no name to ask for.
      tls: { ...(isIP(host) === 0 ? { servername: host } : {}), minVersion: 'TLSv1.2' },
      ...{ greetingTimeout: SILENCE_MS, socketTimeout: SILENCE_MS, connectionTimeout: CONNECT_WITHIN_MS },
      ...{ disableFileAccess: true, disableUrlAccess: true, logger: false },
      getSocket: (_options, done) => {
        this.openSocket().then(
          (connection) => done(null, { connection }),
          (error: unknown) => done(error as Error, false),
        );
      },
    });
  }

  async send({ text, to, notificationId, tenantId }: Outgoing): Promise<Delivery> {
    try {
      const sent = await this.transport.sendMail({
        from: this.endpoint.from,
        to: [...(to.length > 0 ? to : this.endpoint.to)],
        subject: text.title,
        text: `${text.body}\n`,
        // The same for every attempt: mail systems drop what they have already.
        messageId: `<${notificationId}@${tenantId}.buduan>`,
        // Source: RFC 3834; out-of-office answers are not sent to this.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return (sent.rejected ?? []).length === 0
        ? { outcome: 'delivered' }
        : { outcome: 'delivered', note: 'some-receivers-refused' };
    } catch (error) {
      return deliveryOfMailFault(error);
    }
  }

  /** Throws ConnectorError for a host or address that the operator's rules do not allow. */
  private async openSocket(): Promise<Socket> {
    const { host, port, security } = this.endpoint;
    const literal = host.includes(':') ? `[${host}]` : host;
    this.addresses.checkUrl(new URL(`${security === 'none' ? 'http' : 'https'}://${literal}/`));
    const socket = connect({ host, port, lookup: checkedLookup(this.addresses), timeout: CONNECT_WITHIN_MS });
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(socket.setTimeout(0).removeAllListeners('error')));
      socket.once('timeout', () => socket.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' })));
      socket.once('error', reject);
    });
  }
}

/** The library's errors hold addresses and what the server said; only their kind is kept. */
function deliveryOfMailFault(error: unknown): Delivery {
  if (error instanceof ConnectorError) return deliveryOfFault(error);
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  if (typeof responseCode === 'number' && responseCode >= 500)
    return { outcome: 'refused', code: code === 'EAUTH' ? 'login-rejected' : `smtp-${responseCode}` };
  if (typeof responseCode === 'number' && responseCode >= 400)
    return { outcome: 'failed', code: `smtp-${responseCode}`, waitMs: null };
  if (code === 'EAUTH') return { outcome: 'refused', code: 'login-rejected' };
  if (code === 'EENVELOPE') return { outcome: 'refused', code: 'receiver-invalid' };
  const kind = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code.toLowerCase() : 'unknown';
  return { outcome: 'failed', code: `mail-${kind}`, waitMs: null };
}
