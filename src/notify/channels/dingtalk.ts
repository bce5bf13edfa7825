/** Messages in DingTalk 钉钉: a group's robot, and a work notification to employees. Shapes and codes: open.dingtalk.com, custom robots and asyncsend_v2. */
import type { Json } from '../../connectors/port.js';
import type { MessageEndpoint } from '../../platform/config/notify-config.js';
import type { Channel, Delivery, Outgoing } from '../channel.js';
import { clip, DELIVERED, VendorApi, type VendorParts } from './vendor-api.js';

/**
 * Errors come with HTTP 200; old faults of the login as 88 with a `sub_code`. 90001–90014: limits of an API or an application.
 * 410100: a robot beyond its limit. 310000: signature, keyword or address refused. 300005: no such robot. Beyond the limit of an
 * address a page or `status` 1111 comes.
 */
const REPLIES = [
  { when: { path: 'errcode', in: [0] }, is: 'success' },
  { when: { path: 'status', in: [1111] }, is: 'throttled' },
  { when: { path: 'errcode', in: [410100, 90001, 90002, 90003, 90004, 90005, 90006, 90007] }, is: 'throttled' },
  { when: { path: 'errcode', in: [90008, 90009, 90010, 90011, 90012, 90013, 90014] }, is: 'throttled' },
  { when: { path: 'errcode', in: [-1] }, is: 'unavailable' },
  { when: { path: 'errcode', in: [40001, 40014, 42001] }, is: 'auth-expired' },
  { when: { path: 'sub_code', in: ['40001', '40014', '42001', 40001, 40014, 42001] }, is: 'auth-expired' },
  { when: { path: 'errcode', in: [300005, 310000, 40096, 60011, 60020] }, is: 'auth-rejected' },
  { when: { path: 'errcode', present: true }, is: 'rejected' },
  { when: { status: '2xx' }, is: 'drift' },
];
/** 20 messages a minute; the body of a work notification is at most 2,048 bytes. */
const ROBOT_PER_MINUTE = 20;
const MAX_BYTES = 1800;
/** "Taken" is not "delivered": the result is asked for after this, for as long as the vendor keeps it (24 h). */
const ASK_AFTER_MS = 30_000;

export class DingtalkRobot implements Channel {
  readonly atOnce = 1;
  readonly perMinute = ROBOT_PER_MINUTE;
  private readonly api: VendorApi;

  constructor(endpoint: Extract<MessageEndpoint, { channel: 'dingtalk-robot' }>, parts: VendorParts) {
    const auth = { type: 'api-key', value: '${secret.token}', place: { query: 'access_token' } };
    const sign = {
      ...{ algorithm: 'hmac-sha256', key: '${secret.sign}', over: '${timestamp}\n${secret.sign}', encode: 'base64' },
      ...{ timestamp: { unit: 'ms' }, query: { timestamp: '${timestamp}', sign: '${signature}' } },
    };
    const secrets = { token: endpoint.secrets.token.reveal(), sign: endpoint.secrets.sign.reveal() };
    this.api = new VendorApi({ baseUrl: endpoint.baseUrl, auth, sign, replies: REPLIES, secrets, config: {} }, parts);
  }

  send({ text, notificationId }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const content = clip(`${text.title}\n${text.body}`, MAX_BYTES);
    // The vendor drops a second message of the same msgUuid.
    const body = { msgtype: 'text', text: { content }, msgUuid: notificationId };
    return this.api.call({ name: 'robot message', path: '/robot/send', body }, signal, DELIVERED);
  }
}

export class DingtalkWork implements Channel {
  readonly atOnce = 1;
  readonly perMinute = null;
  private readonly api: VendorApi;

  constructor(
    private readonly endpoint: Extract<MessageEndpoint, { channel: 'dingtalk-work' }>,
    parts: VendorParts,
  ) {
    const auth = {
      type: 'token',
      request: { get: '/gettoken', query: { appkey: '${config.appKey}', appsecret: '${secret.appSecret}' } },
      success: { path: 'errcode', in: [0] },
      token: 'access_token',
      expiresIn: { path: 'expires_in' },
      place: { query: 'access_token' },
    };
    const secrets = { appSecret: endpoint.secrets.appSecret.reveal() };
    const config = { appKey: endpoint.appKey };
    this.api = new VendorApi({ baseUrl: endpoint.baseUrl, auth, replies: REPLIES, secrets, config }, parts);
  }

  send({ text, to, receipt }: Outgoing, signal: AbortSignal): Promise<Delivery> {
    if (receipt !== null) return this.ask(receipt, signal);
    const receivers = to.length > 0 ? to : this.endpoint.to;
    const body = {
      agent_id: this.endpoint.agentId,
      userid_list: receivers.join(','),
      msg: { msgtype: 'text', text: { content: clip(`${text.title}\n${text.body}`, MAX_BYTES) } },
    };
    const path = '/topapi/message/corpconversation/asyncsend_v2';
    return this.api.call({ name: 'work notification', path, body }, signal, takenOf);
  }

  private ask(receipt: string, signal: AbortSignal): Promise<Delivery> {
    const body = { agent_id: this.endpoint.agentId, task_id: Number(receipt) };
    const path = '/topapi/message/corpconversation/getsendresult';
    return this.api.call({ name: 'result of a work notification', path, body }, signal, (reply) =>
      concludeResult(reply, receipt),
    );
  }
}

function takenOf(reply: Json): Delivery {
  const task = fieldsOf(reply)['task_id'];
  if (typeof task !== 'number' && typeof task !== 'string') return { outcome: 'failed', code: 'drift', waitMs: null };
  return { outcome: 'taken', receipt: String(task), askAfterMs: ASK_AFTER_MS };
}

/** Somebody has it, read or unread: delivered. Nobody will: refused. Neither yet: asked again. */
function concludeResult(reply: Json, receipt: string): Delivery {
  const result = fieldsOf(fieldsOf(reply)['send_result'] as Json);
  const count = (name: string): number => {
    const list = result[name];
    return Array.isArray(list) ? list.length : 0;
  };
  const failed = {
    'receiver-invalid': count('invalid_user_id_list'),
    'receiver-forbidden': count('forbidden_user_id_list'),
    'receiver-failed': count('failed_user_id_list'),
  };
  const [worst] = Object.entries(failed).filter(([, users]) => users > 0);
  if (count('read_user_id_list') + count('unread_user_id_list') > 0)
    return worst === undefined ? { outcome: 'delivered' } : { outcome: 'delivered', note: `some-${worst[0]}` };
  if (worst !== undefined) return { outcome: 'refused', code: worst[0] };
  return { outcome: 'taken', receipt, askAfterMs: 2 * ASK_AFTER_MS };
}

function fieldsOf(value: Json | undefined): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
