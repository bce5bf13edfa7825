/** Who is told what of a tenant: webhooks to other systems, messages to HR groups and employees. */
import { z } from 'zod';
import { EVENT_TYPES, isEventFilter } from '../../domain/events.js';
import { distinct, id, path, secret, text, wholeNumber } from './schema-words.js';

const events = distinct(
  z.string().refine(isEventFilter, {
    error: `is not an event; expected *, run.*, case.*, … or one of: ${EVENT_TYPES.join(', ')}, case.<state>`,
  }),
);

const url = z.url({ protocol: /^https?$/, error: 'is not an address; expected https://…' });

const webhook = z.strictObject({
  id,
  url,
  /** Standard Webhooks secrets, newest first; every one signs, so that the receiver can change over. */
  secrets: z.array(secret).min(1, { error: 'is empty; expected at least one' }).max(5, { error: 'has more than five' }),
  events: events.default(['*']),
  /** The body: Standard Webhooks' own, or a CloudEvents 1.0 envelope. Both are signed alike. */
  format: z.enum(['standard', 'cloudevents']).default('standard'),
});

/**
 * Where an employee is reached: the key under which a connection's list of persons knows them, between prefix and suffix; or what
 * a file says of that key, in lines `key,address`.
 */
const address = z.strictObject({
  connection: id,
  prefix: z.string().max(100).default(''),
  suffix: z.string().max(100).default(''),
  file: path.optional(),
});

const LANGUAGES = ['zh-CN', 'en'] as const;
const common = { id, events: events.optional(), language: z.enum(LANGUAGES).optional() };
const receivers = z.array(text).max(100, { error: 'has more than 100 receivers' }).default([]);
/** To the named receivers, or with `address` to the employee whom the event is about. */
const personal = { to: receivers, address: address.optional() };
const agentId = wholeNumber(1, 2_147_483_647);
const baseUrl = (standard: string): z.ZodDefault<typeof url> => url.default(standard);

const message = z.discriminatedUnion('channel', [
  z.strictObject({
    ...{ channel: z.literal('wecom-robot'), ...common },
    baseUrl: baseUrl('https://qyapi.weixin.qq.com/cgi-bin'),
    secrets: z.strictObject({ key: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('wecom-app'), ...common, ...personal },
    baseUrl: baseUrl('https://qyapi.weixin.qq.com/cgi-bin'),
    ...{ corpId: text, agentId },
    secrets: z.strictObject({ appSecret: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('dingtalk-robot'), ...common },
    baseUrl: baseUrl('https://oapi.dingtalk.com'),
    secrets: z.strictObject({ token: secret, sign: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('dingtalk-work'), ...common, ...personal },
    baseUrl: baseUrl('https://oapi.dingtalk.com'),
    ...{ appKey: text, agentId },
    secrets: z.strictObject({ appSecret: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('feishu-robot'), ...common },
    baseUrl: baseUrl('https://open.feishu.cn'),
    secrets: z.strictObject({ hook: secret, sign: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('feishu-app'), ...common, ...personal },
    baseUrl: baseUrl('https://open.feishu.cn'),
    ...{
      appId: text,
      receiveIdType: z.enum(['open_id', 'user_id', 'union_id', 'email', 'chat_id']).default('user_id'),
    },
    secrets: z.strictObject({ appSecret: secret }),
  }),
  z.strictObject({
    ...{ channel: z.literal('email'), ...common, ...personal },
    ...{ host: text, port: wholeNumber(1, 65_535).default(465), from: text },
    /** `tls` from the first byte, or `starttls` and nothing before it; `none` only where egress.allow has http for the host. */
    security: z.enum(['tls', 'starttls', 'none']).default('tls'),
    user: text.optional(),
    secrets: z.strictObject({ password: secret.optional() }).prefault({}),
  }),
]);

export const notify = z.strictObject({
  /** Of messages. */
  language: z.enum(LANGUAGES).default('zh-CN'),
  webhooks: z.array(webhook).max(20, { error: 'has more than 20 endpoints' }).default([]),
  messages: z.array(message).max(20, { error: 'has more than 20 endpoints' }).default([]),
});

export type WrittenNotify = z.output<typeof notify>;
export type WrittenWebhook = WrittenNotify['webhooks'][number];
export type WrittenMessage = WrittenNotify['messages'][number];
export type NotifyLanguage = WrittenNotify['language'];
