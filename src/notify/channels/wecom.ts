/** Messages in WeCom 企业微信: a group's robot, and an application's message to members. Shapes and codes: developer.work.weixin.qq.com, paths 91770 and 90236. */
import type { Json } from '../../connectors/port.js';
import type { MessageEndpoint } from '../../platform/config/notify-config.js';
import type { Channel, Delivery, Outgoing } from '../channel.js';
import { clip, DELIVERED, VendorApi, type VendorParts } from './vendor-api.js';

/** Errors come with HTTP 200. 93000: no such robot. 45009: too many; 45033: too many at once. 81013: none of the receivers exists. */
const REPLIES = [
  { when: { path: 'errcode', in: [0] }, is: 'success' },
  { when: { path: 'errcode', in: [45009, 45033] }, is: 'throttled' },
  { when: { path: 'errcode', in: [-1, 301026, 301057] }, is: 'unavailable' },
  { when: { path: 'errcode', in: [40014, 42001] }, is: 'auth-expired' },
  { when: { path: 'errcode', in: [40001, 40013, 48002, 60011, 60020, 301055, 93000] }, is: 'auth-rejected' },
  { when: { path: 'errcode', present: true }, is: 'rejected' },
  { when: { status: '2xx' }, is: 'drift' },
];
/** 20 messages a minute; a text of at most 2,048 bytes. */
const ROBOT = { perMinute: 20, maxBytes: 2048 };
/** Doubles within half an hour are dropped by the vendor: a message sent again after a lost answer is not seen twice. */
const DUPLICATE_SECONDS = 1800;

export class WecomRobot implements Channel {
  readonly atOnce = 1;
  readonly perMinute = ROBOT.perMinute;
  private readonly api: VendorApi;

  constructor(endpoint: Extract<MessageEndpoint, { channel: 'wecom-robot' }>, parts: VendorParts) {
    const secrets = { key: endpoint.secrets.key.reveal() };
    const auth = { type: 'api-key', value: '${secret.key}', place: { query: 'key' } };
    this.api = new VendorApi({ baseUrl: endpoint.baseUrl, auth, replies: REPLIES, secrets, config: {} }, parts);
  }

  send({ text }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const content = clip(`${text.title}\n${text.body}`, ROBOT.maxBytes);
    const body = { msgtype: 'text', text: { content } };
    return this.api.call({ name: 'robot message', path: '/webhook/send', body }, signal, DELIVERED);
  }
}

export class WecomApp implements Channel {
  readonly atOnce = 1;
  /** 30 a minute and member are dropped without a word beyond that: all messages together stay below it. */
  readonly perMinute = 30;
  private readonly api: VendorApi;

  constructor(
    private readonly endpoint: Extract<MessageEndpoint, { channel: 'wecom-app' }>,
    parts: VendorParts,
  ) {
    const auth = {
      type: 'token',
      request: { get: '/gettoken', query: { corpid: '${config.corpId}', corpsecret: '${secret.appSecret}' } },
      success: { path: 'errcode', in: [0] },
      token: 'access_token',
      expiresIn: { path: 'expires_in' },
      place: { query: 'access_token' },
    };
    const secrets = { appSecret: endpoint.secrets.appSecret.reveal() };
    const config = { corpId: endpoint.corpId };
    this.api = new VendorApi({ baseUrl: endpoint.baseUrl, auth, replies: REPLIES, secrets, config }, parts);
  }

  send({ text, to }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const receivers = to.length > 0 ? to : this.endpoint.to;
    const body = {
      touser: receivers.join('|'),
      msgtype: 'text',
      agentid: this.endpoint.agentId,
      text: { content: clip(`${text.title}\n${text.body}`, ROBOT.maxBytes) },
      enable_duplicate_check: 1,
      duplicate_check_interval: DUPLICATE_SECONDS,
    };
    return this.api.call({ name: 'app message', path: '/message/send', body }, signal, (reply) =>
      concludeApp(reply, receivers.length),
    );
  }
}

/** Members who do not exist are named although the call succeeded. */
function concludeApp(reply: Json, receivers: number): Delivery {
  const invalid = textAt(reply, 'invaliduser')
    .split('|')
    .filter((user) => user !== '').length;
  if (invalid === 0) return { outcome: 'delivered' };
  return invalid >= receivers
    ? { outcome: 'refused', code: 'receiver-invalid' }
    : { outcome: 'delivered', note: 'some-receivers-invalid' };
}

function textAt(reply: Json, key: string): string {
  if (typeof reply !== 'object' || reply === null || !(key in reply)) return '';
  const value = (reply as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : '';
}
