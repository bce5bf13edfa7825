/** `buduan api-key`: who may ask the hub over HTTP, and for how long. */
import { InvalidArgumentError, type Command } from 'commander';
import { type ApiKeyView, ApiKeys } from '../platform/access/api-keys.js';
import { SCOPES, type Scope } from '../platform/access/permission.js';
import { systemClock } from '../platform/clock/clock.js';
import { loginName } from './login-name.js';
import { countOption, limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface CreateOptions extends HubOptions {
  readonly name: string;
  readonly scope: readonly Scope[];
  readonly days: number;
  readonly by: string;
}

const DEFAULT_DAYS = 90;

export function registerApiKeyCommand(program: Command): void {
  const apiKey = program.command('api-key').description('who may ask the hub over HTTP, and for how long');
  hubCommand(apiKey, 'create', 'makes a key and shows it once; only its hash is kept')
    .requiredOption('--name <name>', 'whose it is: one person or one system; what it does is done in this name')
    .requiredOption('--scope <scope...>', `what it may: ${SCOPES.join(', ')}`, scopeOption)
    .option('--days <days>', 'how long it lives, 1–366', countOption, DEFAULT_DAYS)
    .option('--by <name>', 'who makes it; goes into the audit trail', loginName())
    .action(createCommand);
  hubCommand(apiKey, 'list', 'keys, newest first, with their last use; never the keys themselves')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(listCommand);
  hubCommand(apiKey, 'revoke <key-id>', 'ends a key at once, on every node')
    .option('--by <name>', 'who ends it; goes into the audit trail', loginName())
    .action(revokeCommand);
}

async function createCommand({ name, scope, days, by, ...options }: CreateOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { key, keyId, expiresAt } = await hub.app.get(ApiKeys).create({ tenant, name, scopes: scope, days, by });
    terminal.say(key);
    terminal.note(
      `Key ${keyId} of ${tenant.id} for ${name} (${scope.join(', ')}), until ${expiresAt.toISOString()}. It is shown this once.`,
    );
    terminal.json({ key, keyId, tenant: tenant.id, name, scopes: scope, expiresAt });
  });
}

async function listCommand(options: HubOptions & { readonly limit: number }): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const now = systemClock.now();
    const keys = (await hub.app.get(ApiKeys).list(tenant.id, options.limit)).map((key) => ({
      ...key,
      state: stateOf(key, now),
    }));
    terminal.table(
      ['key id', 'name', 'scopes', 'state', 'made by', 'made', 'expires', 'last used'],
      keys.map((key) => [
        ...[key.keyId, key.name, key.scopes.join(', '), key.state, key.createdBy],
        ...[key.createdAt.toISOString(), key.expiresAt.toISOString(), key.lastUsedAt?.toISOString() ?? 'never'],
      ]),
    );
    terminal.json({ keys });
  });
}

async function revokeCommand(keyId: string, options: HubOptions & { readonly by: string }): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    await hub.app.get(ApiKeys).revoke({ tenantId: tenant.id, keyId, by: options.by });
    terminal.say(`Key ${keyId} opens nothing any more.`);
    terminal.json({ keyId, revoked: true });
  });
}

function stateOf(key: ApiKeyView, now: Date): 'live' | 'revoked' | 'expired' {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt <= now ? 'expired' : 'live';
}

/** Repeated or separated by commas. */
function scopeOption(text: string, before: readonly Scope[] | undefined): readonly Scope[] {
  const named = text.split(',').map((word) => {
    const scope = SCOPES.find((each) => each === word.trim());
    if (scope === undefined) throw new InvalidArgumentError(`expected ${SCOPES.join(', ')}`);
    return scope;
  });
  return [...new Set([...(before ?? []), ...named])];
}
