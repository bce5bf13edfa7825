/** How a manifest, a connection's values and the operator's egress rules become one open connection. */
import { HubError } from '../../domain/hub-error.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import { canonicalJson } from '../../platform/crypto/canonical-hash.js';
import { Guard, type GuardHealth } from '../guard.js';
import { type BudgetSharing, SharedRateBudget } from '../rate-budget.js';
import type { ConnectionOptions } from '../port.js';
import type { Egress } from './egress.js';
import { Exchange, exchangeVariables } from './exchange.js';
import { HttpConnection } from './http-connection.js';
import type { ConfigValue, Manifest } from './manifest.schema.js';
import { compileText } from './template.js';
import { webhookProblems } from './webhook/open-webhook.js';
import { webhookSecretNames } from './webhook/webhook.schema.js';

export interface OpenOptions extends ConnectionOptions {
  readonly manifest: Manifest;
  /** Shared by all connections of the process; the opener does not close it. */
  readonly egress: Egress;
  readonly log: Log;
  readonly clock: Clock;
  readonly sharing?: BudgetSharing;
  readonly onHealth?: ((health: GuardHealth) => void) | undefined;
}

/** Sends nothing yet. Throws HubError `connection-config` naming every value that is missing, unknown or of the wrong kind. */
export function openHttpConnection(options: OpenOptions): HttpConnection {
  const { manifest, tenantId, connectionId, egress, clock, log } = options;
  const problems = connectionProblems(manifest, options);
  if (problems.length > 0) {
    throw new HubError({
      code: 'connection-config',
      next: 'fix-config',
      message: `Connection ${connectionId} does not fit manifest ${manifest.id}: ${problems.join('; ')}.`,
      detail: { tenantId, connectionId, manifest: manifest.id },
    });
  }
  const config = configWithDefaults(manifest, options.config);
  const { auth, limits, replies, baseUrl } = manifest;
  const budget = sharedBudget(options, config);
  const guard = new Guard({
    tenantId,
    connectionId,
    limits,
    log,
    onHealth: options.onHealth,
    ...(budget === null ? {} : { budget }),
  });
  const exchange = new Exchange({
    tenantId,
    connectionId,
    baseUrl,
    auth,
    sign: manifest.sign ?? null,
    limits,
    replies,
    message: manifest.message ?? null,
    secrets: options.secrets,
    config,
    egress,
    guard,
    clock,
    log,
  });
  return new HttpConnection({ tenantId, connectionId, config, manifest, exchange, clock, budget });
}

/** One for everybody who asks the same system with the same credential; null where the manifest sets no limit. */
function sharedBudget({ manifest, sharing, secrets }: OpenOptions, config: Values['config']): SharedRateBudget | null {
  const { limits, baseUrl } = manifest;
  if (sharing === undefined || (limits.requestsPerSecond === undefined && limits.requestsPerMinute === undefined))
    return null;
  const variables = exchangeVariables(Object.keys(secrets), Object.keys(config));
  const system = compileText(baseUrl, { variables }, 'baseUrl')({ secret: secrets, config });
  const budgetKey = sharing.nameOf(canonicalJson({ system, secrets }));
  return new SharedRateBudget({ database: sharing.database, budgetKey, limits, nowMs: () => performance.now() });
}

type Values = Pick<ConnectionOptions, 'config' | 'secrets'>;

/** What a connection's values lack or have too much of, for people; names only, never a value. */
export function connectionProblems(manifest: Manifest, { config, secrets }: Values): readonly string[] {
  const known = [
    ...manifest.secrets,
    ...(manifest.webhook === undefined ? [] : webhookSecretNames(manifest.webhook.scheme)),
  ];
  return [
    ...configProblems(manifest, config),
    ...manifest.secrets.filter((name) => (secrets[name] ?? '') === '').map((name) => `secrets.${name} is missing`),
    ...Object.keys(secrets)
      .filter((name) => !known.includes(name))
      .map((name) => `secrets.${name} is unknown, expected ${known.join(', ') || 'none'}`),
    ...webhookProblems(manifest, secrets),
  ];
}

/** What a connection's plain values lack or have too much of. */
export function configProblems(manifest: Pick<Manifest, 'config'>, config: Values['config']): readonly string[] {
  const declared = Object.keys(manifest.config);
  return [
    ...declared.flatMap((name) => configProblem(name, manifest.config[name], config[name])),
    ...Object.keys(config)
      .filter((name) => !declared.includes(name))
      .map((name) => `config.${name} is unknown, expected ${declared.join(', ') || 'none'}`),
  ];
}

function configProblem(
  name: string,
  spec: ConfigValue | undefined,
  value: string | number | boolean | undefined,
): string[] {
  if (spec === undefined) return [];
  if (value === undefined)
    return spec.optional === true || spec.default !== undefined ? [] : [`config.${name} is missing (${spec.about})`];
  switch (spec.type) {
    case 'url':
      return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
        ? []
        : [`config.${name} is not a URL, expected for example https://hr.example.com`];
    case 'text':
      return typeof value === 'string' && value !== '' ? [] : [`config.${name} is not text; put it in quotes`];
    case 'integer':
      return Number.isSafeInteger(value) ? [] : [`config.${name} is not a whole number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`config.${name} is not true or false`];
  }
}

/** What templates and mappings see as `config`. */
export function configWithDefaults(manifest: Pick<Manifest, 'config'>, config: Values['config']): Values['config'] {
  const defaults = Object.entries(manifest.config).flatMap(([name, spec]) =>
    spec.default === undefined ? [] : [[name, spec.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...config };
}
