/** How an edition of the policy comes in and is put in force: checked, stored, approved by another person, loaded on every node. */
import type { EntityManager } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';
import { lockTenant } from '../../platform/database/lock-tenant.js';
import type { Day } from '../../domain/month.js';
import { appendAuditEvent } from '../../platform/audit/append-audit-event.js';
import type { HubConfig, TenantConfig } from '../../platform/config/hub-config.js';
import { tenantOf } from '../../platform/config/tenant-of.js';
import type { Database } from '../../platform/database/database.js';
import type { Jobs } from '../../platform/jobs/jobs.js';
import type { Log } from '../../platform/log/log.js';
import type { PolicyBook } from '../book.js';
import { loadPolicyBook } from '../load.js';
import type { PolicyBooks } from '../policy-books.js';
import {
  type NewPack,
  type StoredPack,
  activeVersion,
  findPack,
  insertActivation,
  insertPack,
  listPacks,
  lockPacks,
  readArchive,
} from './editions.store.js';
import { openPack, packHash, reopenPack } from './pack-archive.js';
import { compareVersions, packVersionOf } from './pack-version.js';

export interface EditionsOptions {
  readonly database: Database;
  readonly jobs: Pick<Jobs, 'post'>;
  readonly books: PolicyBooks;
  readonly config: Pick<HubConfig, 'tenants' | 'policy'>;
  readonly log: Log;
}

export interface PulledFrom {
  /** Where it came from, for people: without credentials and query. */
  readonly source: string;
  /** Who fetched it; somebody else approves it. */
  readonly by: string;
  /** The day as on which the impact of an automatic activation is judged. */
  readonly asOf: Day;
}

export interface Pulled {
  /** `known`: this very edition was taken in before. */
  readonly outcome: 'stored' | 'known';
  readonly version: string;
  /** Tenants whose configuration puts it in force at once. */
  readonly activatedFor: readonly string[];
  /** Tenants for whom that failed, most likely because their overlay does not fit; the log says why, and `approve` tries again. */
  readonly failedFor: readonly string[];
}

export interface Approval {
  readonly tenantId: string;
  readonly version: string;
  readonly by: string;
  readonly asOf: Day;
}

/** Editions kept loaded beside those that count: reading one takes a good part of a second. */
const MAX_LOADED = 8;

export class PolicyEditions {
  private readonly loaded = new Map<string, PolicyBook>();

  constructor(private readonly options: EditionsOptions) {}

  /**
   * Throws what `openPack` throws, ConfigError for a pack whose files have mistakes, `pack-older` and `pack-version-taken`.
   * Nothing is stored then.
   */
  async pull(archive: Buffer, from: PulledFrom): Promise<Pulled> {
    const { files, keyId } = openPack(archive, this.options.config.policy.trustedKeys);
    const { version } = loadPolicyBook({ policyDir: files });
    const pack: NewPack = {
      version,
      contentHash: packHash(archive),
      keyId,
      archive,
      source: from.source,
      pulledBy: from.by,
    };
    const outcome = await this.options.database.acrossTenants((em) => this.store(em, pack));
    if (outcome === 'known') return { outcome, version, activatedFor: [], failedFor: [] };
    this.options.log.info({ component: 'policy', version, keyId, by: from.by }, 'A policy pack was taken in.');
    for (const tenant of this.options.config.tenants) await this.recordPull(tenant, pack);
    return { outcome, version, ...(await this.activateAutomatically(version, from.asOf)) };
  }

  /** One tenant's overlay that does not fit must not keep the law from the others. */
  private async activateAutomatically(version: string, asOf: Day): Promise<Pick<Pulled, 'activatedFor' | 'failedFor'>> {
    const activatedFor: string[] = [];
    const failedFor: string[] = [];
    for (const tenant of this.options.config.tenants) {
      if (tenant.policy.activate !== 'automatic') continue;
      try {
        await this.activate(tenant, { version, asOf, approvedBy: 'configuration', automatic: true });
        activatedFor.push(tenant.id);
      } catch (error) {
        if (!(error instanceof HubError) || error.next === 'retry') throw error;
        failedFor.push(tenant.id);
        const fields = { component: 'policy', tenantId: tenant.id, version, code: error.code, err: error };
        this.options.log.error(
          fields,
          'An edition of the policy could not be put in force; approve it once the cause is mended.',
        );
      }
    }
    return { activatedFor, failedFor };
  }

  /**
   * Puts a stored edition in force for a tenant, on all nodes, and posts PolicyPublished in the same transaction. Throws
   * `unknown-edition`, `pack-older`, `same-person`, and ConfigError where the tenant's overlay does not fit the edition.
   */
  async approve({ tenantId, version, by, asOf }: Approval): Promise<void> {
    await this.activate(tenantOf(this.options.config, tenantId), { version, approvedBy: by, automatic: false, asOf });
  }

  /** Loads what another node, or a command, put in force; one look at the database where nothing changed. */
  async refresh(tenantId: string): Promise<PolicyBook> {
    const { books, database, log } = this.options;
    const active = await database.inTenant(tenantId, (em) => activeVersion(em, tenantId));
    const loaded = books.forTenant(tenantId);
    if (active === null || compareVersions(active, loaded.version) <= 0) return loaded;
    const book = await this.bookOf(tenantId, active);
    books.replace(tenantId, book);
    log.info({ component: 'policy', tenantId, version: active }, 'Another edition of the policy counts now.');
    return book;
  }

  /** Any edition that was ever taken in, or came with the program, under the tenant's overlay. Throws `unknown-edition`. */
  async bookOf(tenantId: string, version: string): Promise<PolicyBook> {
    const key = `${tenantId} ${version}`;
    const known = this.loaded.get(key);
    if (known !== undefined) return known;
    const book = await this.load(tenantId, version);
    this.loaded.set(key, book);
    const oldest = this.loaded.size > MAX_LOADED ? this.loaded.keys().next().value : undefined;
    if (oldest !== undefined) this.loaded.delete(oldest);
    return book;
  }

  private async load(tenantId: string, version: string): Promise<PolicyBook> {
    const { books, database } = this.options;
    const archive = await database.acrossTenants((em) => readArchive(em, version));
    if (archive !== null) return books.laidOver(tenantId, reopenPack(archive));
    if (version === books.shippedVersion) return books.laidOver(tenantId, null);
    throw unknownEdition(version);
  }

  private async store(em: EntityManager, pack: NewPack): Promise<Pulled['outcome']> {
    await lockPacks(em);
    const packs = await listPacks(em);
    const same = packs.find(({ version }) => version === pack.version);
    if (same?.contentHash.equals(pack.contentHash) === true) return 'known';
    if (same !== undefined) throw refused('pack-version-taken', `${pack.version} was taken in with another content`);
    const newest = [this.options.books.shippedVersion, ...packs.map(({ version }) => version)].reduce((a, b) =>
      compareVersions(a, b) < 0 ? b : a,
    );
    if (compareVersions(pack.version, newest) <= 0)
      throw refused('pack-older', `it is ${pack.version}, and ${newest} is here already`);
    await insertPack(em, pack);
    return 'stored';
  }

  private async recordPull({ id, name }: TenantConfig, pack: NewPack): Promise<void> {
    await this.options.database.inTenant(id, async (em) => {
      await lockTenant(em, { tenantId: id, name });
      await appendAuditEvent(em, {
        tenantId: id,
        actor: pack.pulledBy,
        action: 'policy.pulled',
        object: `policy:${pack.version}`,
        detail: { keyId: pack.keyId, contentHash: pack.contentHash.toString('hex') },
      });
    });
  }

  private async activate(tenant: TenantConfig, activation: Activation): Promise<void> {
    const { database, books } = this.options;
    const before = packVersionOf((await this.refresh(tenant.id)).version);
    // Loaded before anything is written: an overlay that does not fit the edition must not stop the next night.
    const book = await this.bookOf(tenant.id, activation.version);
    if (compareVersions(activation.version, before) <= 0)
      throw refused('pack-older', `${activation.version} is not newer than ${before}, by which ${tenant.id} works`);
    await database.inTenant(tenant.id, (em) => this.writeActivation(em, tenant, { ...activation, before }));
    books.replace(tenant.id, book);
  }

  private async writeActivation(
    em: EntityManager,
    { id: tenantId, name }: TenantConfig,
    { version, approvedBy, automatic, asOf, before }: Activation & { readonly before: string },
  ): Promise<void> {
    await lockTenant(em, { tenantId, name });
    const pack = await findPack(em, version);
    if (pack === null) throw unknownEdition(version);
    const active = await activeVersion(em, tenantId);
    if (active !== null && compareVersions(version, active) <= 0)
      throw refused('pack-older', `${version} is not newer than ${active}, by which ${tenantId} works`);
    if (!automatic && isSamePerson(pack, approvedBy)) throw samePerson(version);
    const { pulledBy } = pack;
    await insertActivation(em, { tenantId, version, beforeVersion: before, pulledBy, approvedBy, automatic, asOf });
    await this.options.jobs.post(em, { fact: 'PolicyPublished', tenantId, version, beforeVersion: before, asOf });
    await appendAuditEvent(em, {
      tenantId,
      actor: approvedBy,
      action: 'policy.activated',
      object: `policy:${version}`,
      detail: { before, pulledBy, automatic, contentHash: pack.contentHash.toString('hex') },
    });
  }
}

interface Activation {
  readonly version: string;
  readonly approvedBy: string;
  readonly automatic: boolean;
  readonly asOf: Day;
}

function isSamePerson({ pulledBy }: StoredPack, approvedBy: string): boolean {
  return pulledBy.trim().toLowerCase() === approvedBy.trim().toLowerCase();
}

function samePerson(version: string): HubError {
  return new HubError({
    code: 'same-person',
    next: 'ask-person',
    message: `Edition ${version} is approved by somebody else than who fetched it; ask a second person.`,
    detail: { version },
  });
}

function unknownEdition(version: string): HubError {
  return new HubError({
    code: 'unknown-edition',
    next: 'fix-config',
    message: `There is no edition "${version.slice(0, 20)}"; "buduan policy versions" shows those that were taken in.`,
    detail: { version: version.slice(0, 20) },
  });
}

function refused(code: string, why: string): HubError {
  return new HubError({
    code,
    next: 'ask-person',
    message: `The policy pack is refused: ${why}. Nothing was changed.`,
  });
}
