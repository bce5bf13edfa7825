/** Who asks: the administrator of the hub, or the holder of a key of one tenant. */
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { HubError } from '../../domain/hub-error.js';
import type { HubConfig, TenantConfig } from '../config/hub-config.js';
import { chooseTenant } from '../config/tenant-of.js';
import { HttpRefusal } from '../http/http-refusal.js';
import type { Scope } from './permission.js';

export interface Caller {
  /** Goes into the audit trail and stands for a person where two are needed: the name of the key, or `administrator`. */
  readonly name: string;
  /** null = every tenant of this hub. */
  readonly tenantId: string | null;
  readonly scopes: readonly Scope[];
}

/** Whoever holds `server.token`, and callers on this machine where there is none. One name, so never maker and checker. */
export const ADMINISTRATOR: Caller = {
  name: 'administrator',
  tenantId: null,
  scopes: ['hr', 'checker', 'it', 'auditor'],
};

const callers = new WeakMap<object, Caller>();

/** Remembered for as long as the request lives. */
export function rememberCaller(request: object, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (caller !== undefined) return caller;
  throw new HubError({
    code: 'caller-unknown',
    next: 'bug',
    message: 'A handler asked who calls on a route that is open to anybody; declare scopes for it.',
  });
}

/** The caller as a parameter of a handler. */
export const AskedBy = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context.switchToHttp().getRequest<object>()),
);

export interface TenantQuestion {
  readonly caller: Caller;
  readonly config: Pick<HubConfig, 'tenants'>;
  readonly named: string | undefined;
}

/**
 * Whom a request is about: the key's own tenant; for the administrator the named or the only one. Throws HttpRefusal: 404
 * `unknown-tenant` for another tenant's id, whether there is one or not; 400 `which-tenant`.
 */
export function tenantAsked({ caller, config, named }: TenantQuestion): TenantConfig {
  const own = caller.tenantId;
  if (own !== null && named !== undefined && named !== own)
    throw new HttpRefusal(404, {
      code: 'unknown-tenant',
      next: 'fix-config',
      message: `There is no such tenant for this key; it is of ${own}. Leave "tenant" out.`,
    });
  try {
    return chooseTenant(config, own ?? named);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { code, message, next } = error;
    throw new HttpRefusal(400, { code, message, next });
  }
}

/** The tenants that a caller may see. */
export function tenantsOf(caller: Caller, { tenants }: Pick<HubConfig, 'tenants'>): readonly TenantConfig[] {
  return tenants.filter(({ id }) => caller.tenantId === null || caller.tenantId === id);
}
