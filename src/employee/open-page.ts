/** Who may see a page: whoever has the link, as long as it lives, and knows the last four of the identity number. */
import { Inject, Injectable } from '@nestjs/common';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import type { Clock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { Database } from '../platform/database/database.js';
import { CLOCK, HUB_CONFIG } from '../platform/platform.module.js';
import { readPersons } from '../sync/persons.reader.js';
import { type LinkName, isSame, readToken } from './link-token.js';
import { TRIES, lifeOf } from './link-life.js';
import { type LinkRow, selectLink, updateFailure, updateOpened } from './link.store.js';
import { isSession, writeSession } from './page-session.js';

/** A link that lives, and whose page it opens. */
export interface OpenLink extends LinkName {
  readonly personId: string;
  readonly caseId: string | null;
  /** What the page may be called: the company. */
  readonly companyName: string;
}

export type FactorOutcome =
  | { readonly outcome: 'open'; readonly session: string }
  | { readonly outcome: 'wrong'; readonly triesLeft: number }
  /** Too soon after the last mistakes; nothing was compared. */
  | { readonly outcome: 'wait'; readonly seconds: number }
  /** This was the last try; HR has to make another link. */
  | { readonly outcome: 'locked' };

/** Pause after the n-th mistake, in seconds; the first costs none, as everybody mistypes. */
const PAUSES_SECONDS = [0, 30, 60, 120];
const FACTOR = /^[0-9A-Z]{4}$/;

@Injectable()
export class OpenPage {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentityVault) private readonly vault: IdentityVault,
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** null = forged, unknown, expired, revoked or locked: whoever holds it learns no more than that it does not open. */
  async linkOf(token: string): Promise<OpenLink | null> {
    const name = readToken(this.vault, token);
    if (name === null) return null;
    const tenant = this.config.tenants.find(({ id }) => id === name.tenantId);
    if (tenant === undefined) return null;
    const row = await this.database.inTenant(name.tenantId, (em) => selectLink(em, name, { lock: false }));
    if (row === null || !this.opens(row)) return null;
    return { ...name, personId: row.personId, caseId: row.caseId, companyName: tenant.name };
  }

  isOpen(link: LinkName, session: string | null): boolean {
    return session !== null && isSession(this.vault, link, { value: session, now: this.clock.now() });
  }

  /** One try at the last four characters; every try is counted before anything is compared. */
  async tryFactor(link: OpenLink, shown: string): Promise<FactorOutcome> {
    const { tenantId, personId } = link;
    return this.database.inTenant(tenantId, async (em): Promise<FactorOutcome> => {
      const row = await selectLink(em, link, { lock: true });
      if (row === null || !this.opens(row)) return { outcome: 'locked' };
      const now = this.clock.now();
      if (row.retryAt !== null && row.retryAt > now)
        return { outcome: 'wait', seconds: Math.ceil((row.retryAt.getTime() - now.getTime()) / 1000) };
      const person = (await readPersons(em, tenantId, [personId])).get(personId);
      const event = { tenantId, actor: `employee:${personId}`, object: `employee-link/${link.linkId}` };
      if (person !== undefined && isFactor(shown, person.idMasked)) {
        await updateOpened(em, link, now);
        await appendAuditEvent(em, { ...event, action: 'employee-link.open', detail: { failures: row.failures } });
        return { outcome: 'open', session: writeSession(this.vault, link, now) };
      }
      const failures = row.failures + 1;
      const pauseSeconds = PAUSES_SECONDS[failures - 1] ?? 0;
      const retryAt = pauseSeconds === 0 ? null : new Date(now.getTime() + pauseSeconds * 1000);
      await updateFailure(em, link, { failures, retryAt });
      const isLast = failures >= TRIES;
      await appendAuditEvent(em, {
        ...event,
        action: isLast ? 'employee-link.lock' : 'employee-link.refuse',
        detail: { failures },
      });
      return isLast ? { outcome: 'locked' } : { outcome: 'wrong', triesLeft: TRIES - failures };
    });
  }

  private opens(row: LinkRow): boolean {
    return lifeOf(row, this.clock.now()) === 'open';
  }
}

/** The last four stand in the masked number; a number that is masked to less has no second factor and opens nothing. */
function isFactor(shown: string, idMasked: string): boolean {
  const expected = idMasked.slice(-4);
  const folded = shown.normalize('NFKC').trim().toUpperCase();
  return FACTOR.test(expected) && isSame(expected, folded);
}
