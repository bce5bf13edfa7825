/** `POST /webhooks/:tenant/:connection` (and GET, for senders that check an address so): raw bytes in, one answer out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebhookCall } from '../connectors/webhook-port.js';
import { anybody } from '../platform/access/permission.js';
import type { Clock } from '../platform/clock/clock.js';
import { errorAnswer, type ErrorBody } from '../platform/http/error-answer.js';
import { HttpRefusal } from '../platform/http/http-refusal.js';
import type { Log } from '../platform/log/log.js';
import type { AcceptWebhook, Accepted } from './accept-webhook.js';

/** No connection may allow more; its own limit is in its manifest. */
const LARGEST_BODY_BYTES = 1_048_576;
const PATH = '/webhooks/:tenant/:connection';

const REFUSED = JSON.stringify({
  code: 'webhook-refused',
  message:
    'The call is not signed as this address expects. Check address, secret, clock and that the body is sent unchanged.',
  next: 'fix-config',
} satisfies ErrorBody);

interface WebhookRoute {
  readonly Params: { readonly tenant: string; readonly connection: string };
  readonly Body: Buffer | null;
}

export interface WebhookRoutesOptions {
  readonly accept: AcceptWebhook;
  readonly clock: Clock;
  readonly log: Log;
}

/** A scope of its own: only here are bodies left as they came, whatever their content type says. */
export function webhookRoutes({ accept, clock, log }: WebhookRoutesOptions): (scope: FastifyInstance) => Promise<void> {
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler((error, _request, reply) => {
      const { status, body, isFault } = errorAnswer(error);
      if (isFault) log.warn({ component: 'webhooks', code: body.code, err: error }, 'A webhook could not be stored.');
      void reply.status(status).send(body);
    });
    const answer = async (request: FastifyRequest<WebhookRoute>, reply: FastifyReply): Promise<FastifyReply> => {
      const { tenant, connection } = request.params;
      return present(
        await accept.accept({ tenantId: tenant, connectionId: connection }, callOf(request, clock)),
        reply,
      );
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

function callOf(request: FastifyRequest<WebhookRoute>, clock: Clock): WebhookCall {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers: singleHeaders(request.headers),
    body: request.body ?? Buffer.alloc(0),
    now: clock.now(),
  };
}

function singleHeaders(headers: FastifyRequest['headers']): WebhookCall['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
}
