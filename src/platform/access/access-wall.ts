/** The wall before every route: which routes there are, what each asks of its caller, and that none is without a declaration. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../../domain/hub-error.js';
import { errorAnswer } from '../http/error-answer.js';
import { HttpRefusal } from '../http/http-refusal.js';
import { type Caller, rememberCaller } from './caller.js';
import type { Permission } from './permission.js';

export interface DeclaredRoute {
  readonly method: string;
  /** As registered, for example `/api/cases/:id`. */
  readonly path: string;
  readonly permission: Permission;
}

export interface WallOptions {
  /** Throws HttpRefusal where nobody is recognised. */
  readonly recognise: (request: FastifyRequest) => Promise<Caller>;
  /** Told of errors that are not refusals. */
  readonly onFault: (error: unknown) => void;
}

/** Made before the first route is registered; what was registered earlier it would not see. */
export class AccessWall {
  private readonly seen: (Omit<DeclaredRoute, 'permission'> & { readonly permission: Permission | undefined })[] = [];
  private options: WallOptions | null = null;

  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ method, url, config }) => {
      for (const each of [method].flat()) this.seen.push({ method: each, path: url, permission: config?.permission });
    });
    server.addHook('onRequest', (request, reply) => this.admit(request, reply));
  }

  open(options: WallOptions): void {
    this.options = options;
  }

  /** By path, then method; HEAD is GET without a body and not told apart. Throws `route-undeclared`, naming every such route. */
  routes(): readonly DeclaredRoute[] {
    const bare = this.seen.filter(({ permission }) => permission === undefined);
    if (bare.length > 0)
      throw new HubError({
        code: 'route-undeclared',
        next: 'bug',
        message: `Routes without a declared permission: ${bare.map(({ method, path }) => `${method} ${path}`).join(', ')}. Say @Allow, @AllowEveryKey or @AllowAnybody beside each.`,
      });
    return this.seen
      .flatMap(({ permission, ...route }) =>
        permission === undefined || route.method === 'HEAD' ? [] : [{ ...route, permission }],
      )
      .sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
  }

  /** What is not known is answered as such, by whoever answers that. */
  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (request.is404) return undefined;
    try {
      await this.refuseStrangers(request);
      return undefined;
    } catch (error) {
      const { status, body, isFault } = errorAnswer(error);
      if (isFault) this.options?.onFault(error);
      if (status === 401) void reply.header('www-authenticate', 'Bearer');
      return reply.status(status).send(body);
    }
  }

  private async refuseStrangers(request: FastifyRequest): Promise<void> {
    const { permission } = request.routeOptions.config;
    if (permission?.kind === 'anybody') return;
    if (permission === undefined || this.options === null) throw closed();
    const caller = await this.options.recognise(request);
    const { scopes } = permission;
    // The administrator has every scope; a list that is empty is open to no key at all.
    if (!scopes.some((scope) => caller.scopes.includes(scope)))
      throw new HttpRefusal(403, {
        code: 'not-permitted',
        next: 'ask-person',
        message: `This key has the scopes ${caller.scopes.join(', ')}; here one of these is needed: ${scopes.join(', ')}.`,
      });
    rememberCaller(request, caller);
  }
}

/** No request can meet this once the hub has started: it starts only when every route is declared. */
function closed(): HubError {
  return new HubError({
    code: 'route-undeclared',
    next: 'bug',
    message: 'A route without a declared permission was asked; it stays closed.',
  });
}
