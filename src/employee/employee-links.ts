/** How links to the page of an employee come to be and end: one live link per case, or per person who may ask for one. */
import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../backpay/backpay-settings.js';
import { readCase } from '../backpay/cases.reader.js';
import type { CaseState } from '../backpay/case-states.js';
import { DecideCases } from '../backpay/decide-cases.js';
import { HubError } from '../domain/hub-error.js';
import { daysBetween } from '../domain/month.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import type { Clock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { Database } from '../platform/database/database.js';
import { CLOCK, HUB_CONFIG } from '../platform/platform.module.js';
import { readPersons } from '../sync/persons.reader.js';
import { lifeOf } from './link-life.js';
import { type LinkRow, insertLink, lockLinksOf, revokeFormer, revokeOne, selectLatestLink } from './link.store.js';
import { writeToken } from './link-token.js';

interface Wish {
  readonly tenantId: string;
  /** Who makes it. */
  readonly by: string;
  /** 1 to 30. */
  readonly days: number;
}

export interface MadeLink {
  /** The address for the employee; shown once. */
  readonly link: string;
  readonly linkId: string;
  readonly expiresAt: Date;
}

const LONGEST_DAYS = 30;
/** Of a link that a message carries: as long as there is time to answer, and never less than this. */
const MESSAGE_DAYS = 7;
/** Who makes links when nobody is there. */
const HUB = 'hub';
const DAY_MS = 86_400_000;
/** To be asked about; sending the link is asking. */
const TO_ASK: readonly CaseState[] = ['proposed', 'returned'];

@Injectable()
export class EmployeeLinks {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentityVault) private readonly vault: IdentityVault,
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(DecideCases) private readonly decide: DecideCases,
  ) {}

  /**
   * Asks the employee where nobody has yet, and ends former links of the case. Throws `unknown-case` and `bad-link-days`
   * (fix-config), `case-not-askable` (ask-person) with the reason.
   */
  async forCase({ caseId, ...wish }: Wish & { readonly caseId: string }): Promise<MadeLink> {
    const { tenantId, by } = wish;
    const today = this.settings.today();
    const found = await this.database.inTenant(tenantId, (em) => readCase(em, { tenantId, caseId, today }));
    if (found === null) throw unknown('case', caseId);
    const { personId } = found;
    if (TO_ASK.includes(found.state)) {
      const askedAt = this.clock.now();
      const asked = await this.decide.ask({ caseId, act: { tenantId, actor: by, today } });
      if (asked.outcome !== 'moved' && asked.outcome !== 'changed') throw notAskable(caseId, asked.outcome);
      // The message that this very asking set off may have been faster; what the employee was sent must go on to open.
      return this.make(
        { ...wish, personId, caseId },
        (latest) => latest.createdBy === HUB && latest.createdAt >= askedAt,
      );
    }
    if (found.hash === null) throw notAskable(caseId, found.state);
    return this.make({ ...wish, personId, caseId }, never);
  }

  /**
   * What a message to the employee carries while he is asked: the same link however often and by however many ways it leaves.
   * null = not asked (any more); the hub has no public address; or the last link was ended, and whoever ended it makes the next.
   */
  async forMessage({ tenantId, caseId }: Pick<Wish, 'tenantId'> & { readonly caseId: string }): Promise<string | null> {
    if (this.config.server.publicUrl === undefined) return null;
    const today = this.settings.today();
    const found = await this.database.inTenant(tenantId, (em) => readCase(em, { tenantId, caseId, today }));
    if (found?.state !== 'awaiting-employee') return null;
    const left = found.respondBy === null ? 0 : daysBetween(today, found.respondBy) + 1;
    const days = Math.min(LONGEST_DAYS, Math.max(MESSAGE_DAYS, left));
    const { personId } = found;
    const latest = await this.database.inTenant(tenantId, (em) => selectLatestLink(em, { tenantId, personId, caseId }));
    if (latest !== null && lifeOf(latest, this.clock.now()) === 'ended') return null;
    return (await this.make({ tenantId, personId, caseId, by: HUB, days }, () => true)).link;
  }

  /** For an employee who wants to ask for a back-payment himself. Throws `unknown-person` and `bad-link-days`. */
  async forPerson({ personId, ...wish }: Wish & { readonly personId: string }): Promise<MadeLink> {
    const { tenantId } = wish;
    const persons = await this.database.inTenant(tenantId, (em) => readPersons(em, tenantId, [personId]));
    if (!persons.has(personId)) throw unknown('person', personId);
    return this.make({ ...wish, personId, caseId: null }, never);
  }

  /** At once. Throws `unknown-link` for one that is not there or was ended before. */
  async revoke({ tenantId, linkId, by }: { tenantId: string; linkId: string; by: string }): Promise<void> {
    await this.database.inTenant(tenantId, async (em) => {
      if (!(await revokeOne(em, { tenantId, linkId }, { by, at: this.clock.now() }))) throw unknown('link', linkId);
      await appendAuditEvent(em, {
        tenantId,
        actor: by,
        action: 'employee-link.revoke',
        object: `employee-link/${linkId}`,
      });
    });
  }

  /** `keeps`: whether the latest one that still opens is good enough; else it ends. */
  private async make(
    wish: Wish & { readonly personId: string; readonly caseId: string | null },
    keeps: (latest: LinkRow) => boolean,
  ): Promise<MadeLink> {
    const { tenantId, personId, caseId, by, days } = wish;
    if (!Number.isInteger(days) || days < 1 || days > LONGEST_DAYS)
      throw new HubError({
        code: 'bad-link-days',
        next: 'fix-config',
        message: `A link lives 1 to ${LONGEST_DAYS} days.`,
      });
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + days * DAY_MS);
    const linkId = randomUUID();
    const kept = await this.database.inTenant(tenantId, async (em) => {
      await lockLinksOf(em, { tenantId, personId, caseId });
      const latest = await selectLatestLink(em, { tenantId, personId, caseId });
      if (latest !== null && lifeOf(latest, createdAt) === 'open' && keeps(latest)) return latest;
      const ended = await revokeFormer(em, { tenantId, personId, caseId }, { by, at: createdAt });
      const keyId = this.vault.currentIndexKeyId;
      await insertLink(em, { tenantId, linkId, personId, caseId, createdBy: by, createdAt, expiresAt, keyId });
      await appendAuditEvent(em, {
        tenantId,
        actor: by,
        action: 'employee-link.create',
        object: `employee-link/${linkId}`,
        detail: { personId, caseId, expiresAt: expiresAt.toISOString(), ended: [...ended] },
      });
      return { linkId, expiresAt, keyId };
    });
    const token = writeToken(this.vault, { tenantId, linkId: kept.linkId, keyId: kept.keyId });
    return { link: `${this.address()}/e/${token}`, linkId: kept.linkId, expiresAt: kept.expiresAt };
  }

  private address(): string {
    const { publicUrl, host, port } = this.config.server;
    return publicUrl?.replace(/\/+$/, '') ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
}

const never = (): boolean => false;

function unknown(what: 'case' | 'person' | 'link', id: string): HubError {
  return new HubError({
    code: `unknown-${what}`,
    next: 'fix-config',
    message: `There is no ${what} ${id}${what === 'link' ? ' that still opens' : ''}.`,
  });
}

function notAskable(caseId: string, why: string): HubError {
  return new HubError({
    code: 'case-not-askable',
    next: 'ask-person',
    message: `Nobody can be asked about case ${caseId} now (${why}); look at "buduan case show ${caseId}".`,
    detail: { caseId, why },
  });
}
