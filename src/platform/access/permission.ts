/** Who may use a route: declared beside its handler, read where requests arrive. */
import { RouteConfig } from '@nestjs/platform-fastify';

/**
 * `hr` looks after persons and cases · `checker` decides about what others made · `it` runs connections and the hub ·
 * `auditor` reads everything and changes nothing.
 */
export const SCOPES = ['hr', 'checker', 'it', 'auditor'] as const;
export type Scope = (typeof SCOPES)[number];

export type Permission =
  /** Guarded by nothing, or by something of its own: the reason is part of the declaration. */
  | { readonly kind: 'anybody'; readonly because: string }
  /** Keys with one of these scopes; the administrator always. */
  | { readonly kind: 'scopes'; readonly scopes: readonly Scope[] };

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission;
  }
}

/** Callers whose key has one of `scopes`. */
export function Allow(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return RouteConfig({ permission: allowed(scopes) });
}

/** Everybody who has a key of the tenant, whatever its scopes. */
export function AllowEveryKey(): MethodDecorator {
  return RouteConfig({ permission: allowed(SCOPES) });
}

/** Everybody, without a key; `because` says why that is right. */
export function AllowAnybody(because: string): MethodDecorator {
  return RouteConfig({ permission: anybody(because) });
}

/** The same for routes that no controller declares. */
export function anybody(because: string): Permission {
  return { kind: 'anybody', because };
}

function allowed(scopes: readonly Scope[]): Permission {
  return { kind: 'scopes', scopes };
}
