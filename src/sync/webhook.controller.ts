/** `POST /webhooks/:tenant/:connection` (and GET, for senders that check an address so): raw bytes in, one answer out. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebhookHead } from '../connectors/webhook-port.js';
import { anybody } from '../platform/access/permission.js';
import type { Clock } from '../platform/clock/clock.js';
import { errorAnswer, type ErrorBody } from '../platform/http/error-answer.js';
import { HttpRefusal } from '../platform/http/http-refusal.js';
import type { Log } from '../platform/log/log.js';
import type { AcceptWebhook, Accepted } from './accept-webhook.js';
import type { WebhookEndpoint } from './store-deliveries.js';
import { type Body, BodyHold, BodyRoom, readBody } from './webhook-body.js';

/** Of one node. At the 256 KB that a manifest allows by default, room for 256 of the largest calls at a time. */
const BODIES_AT_ONCE_BYTES = 67_108_864;
const PATH = '/webhooks/:tenant/:connection';

const REFUSED = JSON.stringify({
  code: 'webhook-refused',
  message:
    'The call is not signed as this address expects. Check address, secret, clock and that the body is sent unchanged.',
  next: 'fix-config',
} satisfies ErrorBody);

interface WebhookRoute {
  readonly Params: { readonly tenant: string; readonly connection: string };
  readonly Body: Body | null;
}

const NO_BODY: Body = { is: 'whole', bytes: Buffer.alloc(0) };

export interface WebhookRoutesOptions {
  readonly accept: AcceptWebhook;
  readonly clock: Clock;
  readonly log: Log;
}

/** A scope of its own: only here are bodies left as they came, whatever their content type says. */
export function webhookRoutes({ accept, clock, log }: WebhookRoutesOptions): (scope: FastifyInstance) => Promise<void> {
  const room = new BodyRoom(BODIES_AT_ONCE_BYTES);
  const holds = new WeakMap<object, BodyHold>();
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => {
      const hold = holds.get(request);
      return hold === undefined ? Promise.resolve(NO_BODY) : readBody(payload, hold);
    });
    scope.setErrorHandler((error, _request, reply) => {
      const { status, body, isFault } = errorAnswer(error);
      if (isFault) log.warn({ component: 'webhooks', code: body.code, err: error }, 'A webhook could not be stored.');
      void reply.status(status).send(body);
    });
    // Before anything of the body is taken in.
    scope.addHook<WebhookRoute>('onRequest', async (request, reply) => {
      const announced = Number(request.headers['content-length'] ?? 0);
      const glanced = accept.glance(endpointOf(request), headOf(request, clock), announced);
      if (glanced.outcome !== 'body-decides') return present(glanced, reply);
      const hold = new BodyHold(room, glanced.maxBytes);
      holds.set(request, hold);
      reply.raw.once('close', () => hold.release());
      return undefined;
    });
    const answer = async (request: FastifyRequest<WebhookRoute>, reply: FastifyReply): Promise<FastifyReply> => {
      const endpoint = endpointOf(request);
      const body = request.body ?? NO_BODY;
      if (body.is === 'whole')
        return present(await accept.accept(endpoint, { ...headOf(request, clock), body: body.bytes }), reply);
      if (body.is === 'too-large') return present(accept.tooLarge(endpoint, holds.get(request)?.maxBytes ?? 0), reply);
      throw notTaken(body.is);
    };
    const config = { permission: anybody('a call counts only with the signature of its connection') };
    scope.post<WebhookRoute>(PATH, { config }, answer);
    scope.get<WebhookRoute>(PATH, { config, exposeHeadRoute: false }, answer);
  };
}

function present(accepted: Accepted, reply: FastifyReply): FastifyReply {
  switch (accepted.outcome) {
    case 'answered':
      return reply.status(200).type(accepted.answer.contentType).send(accepted.answer.body);
    case 'refused':
      // Said without throwing, which would cost a flood of junk its stack traces.
      return reply.status(401).type('application/json; charset=utf-8').send(REFUSED);
    case 'too-large':
      throw new HttpRefusal(413, {
        code: 'webhook-too-large',
        next: 'fix-config',
        message: `The body is longer than ${accepted.maxBytes} bytes; send a reference instead, or raise webhook.maxBodyBytes of the manifest.`,
      });
  }
}

function notTaken(is: 'no-room' | 'broken-off'): HttpRefusal {
  if (is === 'broken-off')
    return new HttpRefusal(400, {
      code: 'webhook-broken-off',
      next: 'retry',
      message: 'The call ended before its body had come; send it again.',
    });
  return new HttpRefusal(503, {
    code: 'webhook-no-room',
    next: 'retry',
    message: `More than ${BODIES_AT_ONCE_BYTES} bytes of other calls are being looked at; send it again in a moment.`,
  });
}

function endpointOf({ params }: FastifyRequest<WebhookRoute>): WebhookEndpoint {
  return { tenantId: params.tenant, connectionId: params.connection };
}

function headOf(request: FastifyRequest<WebhookRoute>, clock: Clock): WebhookHead {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers: singleHeaders(request.headers),
    now: clock.now(),
  };
}

function singleHeaders(headers: FastifyRequest['headers']): WebhookHead['headers'] {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') single[name] = value;
  }
  return single;
}
