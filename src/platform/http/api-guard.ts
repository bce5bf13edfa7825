/** Who may ask the API: whoever shows the token of hub.yaml; without one, callers on this machine. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { HubConfig } from '../config/hub-config.js';
import { HUB_CONFIG } from '../platform.module.js';
import { HttpRefusal } from './http-refusal.js';

/** Put there by proxies: the caller behind one is somebody else than the connection says. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
/** A page of another site whose name was made to mean this machine still says its own name. */
const LOOPBACK_NAME = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

@Injectable()
export class ApiGuard implements CanActivate {
  constructor(@Inject(HUB_CONFIG) private readonly config: HubConfig) {}

  /** Throws HttpRefusal: 401 `token-needed`, 403 `token-not-configured`. */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { token } = this.config.server;
    if (token === null) refuseStrangers(request);
    else refuseWithoutToken(request, token.reveal());
    return true;
  }
}

function refuseWithoutToken({ headers }: FastifyRequest, token: string): void {
  const [, shown] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (shown !== undefined && timingSafeEqual(digest(shown), digest(token))) return;
  throw new HttpRefusal(401, {
    code: 'token-needed',
    next: 'fix-config',
    message: 'Send the token of hub.yaml (server.token) as the header "Authorization: Bearer …".',
  });
}

function refuseStrangers({ socket, headers }: FastifyRequest): void {
  const isLocal = LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && LOOPBACK_NAME.test(headers.host ?? '');
  if (isLocal && PROXY_HEADERS.every((name) => headers[name] === undefined)) return;
  throw new HttpRefusal(403, {
    code: 'token-not-configured',
    next: 'fix-config',
    message: 'Without server.token in hub.yaml the API answers callers on its own machine only; set one.',
  });
}

/** Of equal length whatever was shown, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
