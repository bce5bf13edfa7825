/** Messages in Feishu 飞书: a group's robot, and an application's message. Shapes and codes: open.feishu.cn, custom bots and im/v1/messages. */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../platform/clock/clock.js';
import type { MessageEndpoint } from '../../platform/config/notify-config.js';
import type { Channel, Delivery, Outgoing } from '../channel.js';
import { clip, DELIVERED, VendorApi, type VendorParts } from './vendor-api.js';

/**
 * Errors come with HTTP 200. 99991400 and 11232: too many, with the seconds to wait in a header. 19021: signature or time,
 * 19022: address, 19024: keyword. 230013: the receiver may not use the application, 230029: has left.
 */
const REPLIES = [
  { when: { path: 'code', in: [0] }, is: 'success' },
  {
    when: { path: 'code', in: [99991400, 11232] },
    is: 'throttled',
    wait: { header: 'x-ogw-ratelimit-reset', unit: 'seconds' },
  },
  { when: { status: 429 }, is: 'throttled', wait: { header: 'x-ogw-ratelimit-reset', unit: 'seconds' } },
  { when: { path: 'code', in: [99991661, 99991663] }, is: 'auth-expired' },
  { when: { path: 'code', in: [99991672, 99991401, 99991403, 19021, 19022, 19024] }, is: 'auth-rejected' },
  { when: { path: 'code', present: true }, is: 'rejected' },
  { when: { status: '2xx' }, is: 'drift' },
];
/** 100 a minute and 5 a second; 20 KB. */
const ROBOT = { perMinute: 100, perSecond: 5, maxBytes: 16_000 };

export class FeishuRobot implements Channel {
  readonly atOnce = 1;
  readonly perMinute = ROBOT.perMinute;
  private readonly api: VendorApi;
  private readonly clock: Clock;

  constructor(
    private readonly endpoint: Extract<MessageEndpoint, { channel: 'feishu-robot' }>,
    parts: VendorParts,
  ) {
    this.clock = parts.clock;
    const { baseUrl } = endpoint;
    const requestsPerSecond = ROBOT.perSecond;
    const declaration = {
      baseUrl,
      auth: { type: 'none' },
      replies: REPLIES,
      secrets: {},
      config: {},
      requestsPerSecond,
    };
    this.api = new VendorApi(declaration, parts);
  }

  send({ text }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const timestamp = String(Math.floor(this.clock.now().getTime() / 1000));
    const { hook, sign } = this.endpoint.secrets;
    const content = { text: clip(`${text.title}\n${text.body}`, ROBOT.maxBytes) };
    const body = { timestamp, sign: feishuSign(timestamp, sign.reveal()), msg_type: 'text', content };
    const path = `/open-apis/bot/v2/hook/${encodeURIComponent(hook.reveal())}`;
    return this.api.call({ name: 'robot message', path, body }, signal, DELIVERED);
  }
}

/** The key is the text and the signed message is empty: that is how this vendor does it. */
export function feishuSign(timestampSeconds: string, secret: string): string {
  return createHmac('sha256', `${timestampSeconds}\n${secret}`).update('').digest('base64');
}

export class FeishuApp implements Channel {
  readonly atOnce = 1;
  readonly perMinute = null;
  private readonly api: VendorApi;

  constructor(
    private readonly endpoint: Extract<MessageEndpoint, { channel: 'feishu-app' }>,
    parts: VendorParts,
  ) {
    const auth = {
      type: 'token',
      request: {
        post: '/open-apis/auth/v3/tenant_access_token/internal',
        json: { app_id: '${config.appId}', app_secret: '${secret.appSecret}' },
      },
      success: { path: 'code', in: [0] },
      token: 'tenant_access_token',
      expiresIn: { path: 'expire' },
      place: { header: 'Authorization', prefix: 'Bearer ' },
    };
    const secrets = { appSecret: endpoint.secrets.appSecret.reveal() };
    const config = { appId: endpoint.appId };
    this.api = new VendorApi(
      { baseUrl: endpoint.baseUrl, auth, replies: REPLIES, secrets, config, requestsPerSecond: 5 },
      parts,
    );
  }

  /** One call per receiver; sent again after a fault half-way, the vendor drops by `uuid` what it has already. */
  async send({ text, to, notificationId }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const receivers = to.length > 0 ? to : this.endpoint.to;
    const content = JSON.stringify({ text: clip(`${text.title}\n${text.body}`, ROBOT.maxBytes) });
    let refused: Delivery | null = null;
    let delivered = 0;
    for (const [place, receiver] of receivers.entries()) {
      const body = { receive_id: receiver, msg_type: 'text', content, uuid: `${notificationId}-${place}` };
      const query = { receive_id_type: this.endpoint.receiveIdType };
      const call = { name: 'app message', path: '/open-apis/im/v1/messages', query, body };
      const outcome = await this.api.call(call, signal, DELIVERED);
      if (outcome.outcome === 'refused') refused = outcome;
      else if (outcome.outcome !== 'delivered') return outcome;
      else delivered += 1;
    }
    if (refused === null) return { outcome: 'delivered' };
    return delivered > 0 ? { outcome: 'delivered', note: 'some-receivers-refused' } : refused;
  }
}
