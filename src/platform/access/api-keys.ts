/** How keys of the API come to be, are recognised and end. */
import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../../domain/hub-error.js';
import { appendAuditEvent } from '../audit/append-audit-event.js';
import type { Clock } from '../clock/clock.js';
import { Database } from '../database/database.js';
import { lockTenant } from '../database/lock-tenant.js';
import { CLOCK } from '../platform.module.js';
import {
  type ApiKeyView,
  insertApiKey,
  selectApiKey,
  selectApiKeys,
  updateLastUsed,
  updateRevoked,
} from './api-key.store.js';
import type { Caller } from './caller.js';
import { isSecretOf, makeKey, parseKey } from './key-text.js';
import type { Scope } from './permission.js';

export type { ApiKeyView };

export interface KeyRequest {
  readonly tenant: { readonly id: string; readonly name: string };
  /** Who will use it: one person, or one system. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** 1 to 366. */
  readonly days: number;
  readonly by: string;
}

export interface CreatedKey {
  /** Shown once. */
  readonly key: string;
  readonly keyId: string;
  readonly expiresAt: Date;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** What the hub itself is called in the audit trail. */
const OWN_NAMES = new Set(['administrator', 'hub', 'cron', 'cli', 'webhook', 'policy-updates', 'employee']);
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `bad-key-name`, `bad-key-days` and `no-scopes` (fix-config). */
  async create({ tenant, name, scopes, days, by }: KeyRequest): Promise<CreatedKey> {
    refuseUnfit({ name, scopes, days });
    const { text, keyId, hash } = makeKey(tenant.id);
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + days * DAY_MS);
    await this.database.inTenant(tenant.id, async (em) => {
      await lockTenant(em, { tenantId: tenant.id, name: tenant.name });
      const made = { keyId, name, scopes, createdBy: by, createdAt, expiresAt };
      await insertApiKey(em, { tenantId: tenant.id, secretHash: hash, ...made });
      await appendAuditEvent(em, {
        tenantId: tenant.id,
        actor: by,
        action: 'api-key.create',
        object: `api-key/${keyId}`,
        detail: { name, scopes: [...scopes], expiresAt: expiresAt.toISOString() },
      });
    });
    return { key: text, keyId, expiresAt };
  }

  /** Newest first. */
  async list(tenantId: string, limit: number): Promise<readonly ApiKeyView[]> {
    return this.database.inTenant(tenantId, (em) => selectApiKeys(em, tenantId, limit));
  }

  /** At once, on every node. Throws `unknown-key` for one that is not there or was revoked before. */
  async revoke({ tenantId, keyId, by }: { tenantId: string; keyId: string; by: string }): Promise<void> {
    await this.database.inTenant(tenantId, async (em) => {
      if (!(await updateRevoked(em, { tenantId, keyId, by, at: this.clock.now() }))) throw unknownKey(keyId);
      await appendAuditEvent(em, { tenantId, actor: by, action: 'api-key.revoke', object: `api-key/${keyId}` });
    });
  }

  /** Who shows this key; null = it is no key, or unknown, expired or revoked. One look at the database per request. */
  async recognise(shown: string): Promise<Caller | null> {
    const parts = parseKey(shown);
    if (parts === null) return null;
    const at = this.clock.now();
    return this.database.inTenant(parts.tenantId, async (em) => {
      const key = await selectApiKey(em, parts);
      if (key === null || !isSecretOf(parts.secret, key.secretHash)) return null;
      if (key.revokedAt !== null || key.expiresAt <= at) return null;
      await updateLastUsed(em, { ...parts, at });
      return { name: key.name, tenantId: parts.tenantId, scopes: key.scopes };
    });
  }
}

function refuseUnfit({ name, scopes, days }: Pick<KeyRequest, 'name' | 'scopes' | 'days'>): void {
  if (!NAME.test(name) || OWN_NAMES.has(name))
    throw unfit(
      'bad-key-name',
      `"${name}" cannot name a key; expected 1–63 lower-case letters, digits, dots, hyphens and underscores, and none of: ${[...OWN_NAMES].join(', ')}.`,
    );
  if (scopes.length === 0) throw unfit('no-scopes', 'A key without a scope opens nothing; name at least one.');
  if (!Number.isInteger(days) || days < 1 || days > LONGEST_DAYS)
    throw unfit('bad-key-days', `A key lives 1 to ${LONGEST_DAYS} days.`);
}

function unfit(code: string, message: string): HubError {
  return new HubError({ code, next: 'fix-config', message });
}

function unknownKey(keyId: string): HubError {
  return new HubError({
    code: 'unknown-key',
    next: 'fix-config',
    message: `There is no live key ${keyId}; "buduan api-key list" shows those there are.`,
    detail: { keyId },
  });
}
