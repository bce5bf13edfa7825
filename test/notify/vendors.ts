/** WeCom, DingTalk and Feishu as far as messages go: they check what the documents say they check, and answer errors with HTTP 200 as the real ones do. */
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendJson, serveHttp, type SeenRequest, type WireServer } from '../connectors/wire-server.js';

export const SECRETS = { wecom: 'wecom-secret', dingtalk: 'dingtalk-secret', feishu: 'feishu-secret' };
const TOKEN_SECONDS = 7200;

export interface Vendors {
  readonly server: WireServer;
  /** What arrived, in order: the channel, to whom, and the text. */
  readonly arrived: { readonly at: string; readonly to: string; readonly text: string }[];
  /** Faults that the next calls meet, by path. */
  readonly faults: Map<string, Record<string, unknown> | 'html' | 'lost'>;
  /** Makes the tokens handed out so far worthless. */
  expireTokens(): void;
  /** What DingTalk says became of work notifications. */
  result: Record<string, unknown>;
  readonly logins: { count: number };
}

interface Call {
  readonly url: URL;
  readonly body: Record<string, unknown>;
  readonly headers: SeenRequest['headers'];
}

export async function startVendors(): Promise<Vendors> {
  let generation = 1;
  const seenIds = new Set<string>();
  const state: Omit<Vendors, 'server'> = {
    arrived: [],
    faults: new Map(),
    expireTokens: () => void (generation += 1),
    result: { read_user_id_list: [], unread_user_id_list: ['u1'], invalid_user_id_list: [], failed_user_id_list: [] },
    logins: { count: 0 },
  };
  const token = (): string => `token-${generation}`;
  const text = (call: Call): string => {
    const message = (call.body['msg'] ?? call.body) as { text?: { content?: string }; content?: unknown };
    const { content } = message;
    if (typeof content === 'string') return (JSON.parse(content) as { text: string }).text;
    return message.text?.content ?? (content as { text?: string } | undefined)?.text ?? '';
  };
  /** The same id again is taken and dropped, as documented. */
  const arrive = (call: Call, to: string, id: unknown = null): void => {
    if (typeof id === 'string' && seenIds.has(id)) return;
    if (typeof id === 'string') seenIds.add(id);
    state.arrived.push({ at: call.url.pathname, to, text: text(call) });
  };
  const login = (isRight: boolean, name: string): Record<string, unknown> => {
    state.logins.count += 1;
    return isRight
      ? { errcode: 0, code: 0, [name]: token(), expires_in: TOKEN_SECONDS, expire: TOKEN_SECONDS }
      : { errcode: 40001, code: 10014, errmsg: 'invalid credential', [name]: '' };
  };
  const answers: Record<string, (call: Call) => Record<string, unknown>> = {
    '/wecom/gettoken': ({ url }) =>
      login(
        url.searchParams.get('corpsecret') === SECRETS.wecom && url.searchParams.get('corpid') === 'ww1',
        'access_token',
      ),
    '/wecom/webhook/send': (call) => {
      if (call.url.searchParams.get('key') !== 'robot-key') return { errcode: 93000, errmsg: 'invalid webhook url' };
      if (Buffer.byteLength(text(call)) > 2048) return { errcode: 40058, errmsg: 'content exceed max length' };
      arrive(call, 'group');
      return { errcode: 0, errmsg: 'ok' };
    },
    '/wecom/message/send': (call) => {
      if (call.url.searchParams.get('access_token') !== token())
        return { errcode: 42001, errmsg: 'access_token expired' };
      const users = String(call.body['touser']).split('|');
      const unknown = users.filter((user) => user.startsWith('gone'));
      if (unknown.length === users.length)
        return { errcode: 81013, errmsg: 'all invalid', invaliduser: unknown.join('|') };
      arrive(call, users.join('|'), call.body['enable_duplicate_check'] === 1 ? text(call) : null);
      return { errcode: 0, errmsg: 'ok', invaliduser: unknown.join('|'), msgid: 'm1' };
    },
    '/ding/gettoken': ({ url }) => login(url.searchParams.get('appsecret') === SECRETS.dingtalk, 'access_token'),
    '/ding/robot/send': (call) => {
      const { searchParams } = call.url;
      if (searchParams.get('access_token') !== 'robot-token') return { errcode: 300005, errmsg: 'token is not exist' };
      const timestamp = searchParams.get('timestamp') ?? '';
      const sign = createHmac('sha256', SECRETS.dingtalk).update(`${timestamp}\n${SECRETS.dingtalk}`).digest('base64');
      const isFresh = Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
      if (!isFresh || searchParams.get('sign') !== sign) return { errcode: 310000, errmsg: 'sign not match' };
      arrive(call, 'group', call.body['msgUuid']);
      return { errcode: 0, errmsg: 'ok' };
    },
    '/ding/topapi/message/corpconversation/asyncsend_v2': (call) => {
      if (call.url.searchParams.get('access_token') !== token())
        return { errcode: 88, sub_code: '40014', sub_msg: 'invalid' };
      arrive(call, String(call.body['userid_list']));
      return { errcode: 0, task_id: 256_271_667_526 };
    },
    '/ding/topapi/message/corpconversation/getsendresult': (call) =>
      call.body['task_id'] === 256_271_667_526
        ? { errcode: 0, send_result: state.result }
        : { errcode: 400002, errmsg: 'no such task' },
    '/feishu/open-apis/auth/v3/tenant_access_token/internal': ({ body }) =>
      login(body['app_secret'] === SECRETS.feishu, 'tenant_access_token'),
    '/feishu/open-apis/bot/v2/hook/hook-1': (call) => {
      const timestamp = String(call.body['timestamp']);
      const sign = createHmac('sha256', `${timestamp}\n${SECRETS.feishu}`).update('').digest('base64');
      const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 3600;
      if (!isFresh || call.body['sign'] !== sign)
        return { code: 19021, msg: 'sign match fail or timestamp is not within one hour' };
      arrive(call, 'group');
      return { code: 0, msg: 'success', data: {} };
    },
    '/feishu/open-apis/im/v1/messages': (call) => {
      if (call.headers.authorization !== `Bearer ${token()}`) return { code: 99991663, msg: 'token expired' };
      const to = String(call.body['receive_id']);
      if (to.startsWith('gone')) return { code: 230029, msg: 'user resigned' };
      arrive(call, `${call.url.searchParams.get('receive_id_type') ?? ''}:${to}`, call.body['uuid']);
      return { code: 0, msg: 'success', data: { message_id: 'om_1' } };
    },
  };
  const server = await serveHttp((request, response) => {
    const url = new URL(request.url, 'http://vendor');
    const fault = state.faults.get(url.pathname);
    state.faults.delete(url.pathname);
    const body = (request.body === '' ? {} : JSON.parse(request.body)) as Record<string, unknown>;
    const reply = answers[url.pathname]?.({ url, body, headers: request.headers });
    // An unknown path is no JSON at any of them.
    if (reply === undefined)
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    answerWith(response, fault ?? reply);
  });
  return Object.assign(state, { server });
}

function answerWith(response: ServerResponse, reply: Record<string, unknown> | 'html' | 'lost'): void {
  if (reply === 'lost') response.destroy();
  else if (reply === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>banned</html>');
  else sendJson(response, reply);
}
