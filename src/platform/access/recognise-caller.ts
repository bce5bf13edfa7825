/** Who a request is from: the holder of a key or of the hub's token; without a token, callers on this machine. */
import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { HubConfig } from '../config/hub-config.js';
import { HttpRefusal } from '../http/http-refusal.js';
import { HUB_CONFIG } from '../platform.module.js';
import { ApiKeys } from './api-keys.js';
import { ADMINISTRATOR, type Caller } from './caller.js';
import { hashOfSecret } from './key-text.js';

/** Put there by proxies: the caller behind one is somebody else than the connection says. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
/** A page of another site whose name was made to mean this machine still says its own name. */
const LOOPBACK_NAME = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

@Injectable()
export class RecogniseCaller {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  /** Throws HttpRefusal: 401 `token-needed`, 403 `token-not-configured`. */
  async callerOf({ headers, socket }: FastifyRequest): Promise<Caller> {
    const { token } = this.config.server;
    const [, shown] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (shown !== undefined) {
      if (token !== null && timingSafeEqual(hashOfSecret(shown), hashOfSecret(token.reveal()))) return ADMINISTRATOR;
      const holder = await this.keys.recognise(shown);
      if (holder !== null && this.config.tenants.some(({ id }) => id === holder.tenantId)) return holder;
      throw keyNeeded();
    }
    // Credentials of another kind are a mistake to be told, not a caller without any.
    if (token !== null || headers.authorization !== undefined) throw keyNeeded();
    const isLocal = LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && LOOPBACK_NAME.test(headers.host ?? '');
    if (isLocal && PROXY_HEADERS.every((name) => headers[name] === undefined)) return ADMINISTRATOR;
    throw new HttpRefusal(403, {
      code: 'token-not-configured',
      next: 'fix-config',
      message:
        'Without a key or server.token in hub.yaml the API answers callers on its own machine only; make a key with "buduan api-key create".',
    });
  }
}

function keyNeeded(): HttpRefusal {
  return new HttpRefusal(401, {
    code: 'token-needed',
    next: 'fix-config',
    message:
      'Send a live key ("buduan api-key create") or the token of hub.yaml (server.token) as the header "Authorization: Bearer …".',
  });
}
