/** What a new day does to cases: expires, reminds, escalates, sends what waited for its window, closes what stayed verified. */
import { Inject, Injectable } from '@nestjs/common';
import type { CaseDue } from '../domain/facts.js';
import type { Day } from '../domain/month.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { appendCaseEvent } from './case-log.store.js';
import { inCaseTransaction } from './case-transaction.js';
import { type CaseRow, lockCase, lockPerson, changeCase } from './case.store.js';
import { findPersonOfCase } from './cases.reader.js';
import { DecideCases } from './decide-cases.js';
import { type DueCase, type DueWhat, findDueCases } from './due-cases.store.js';
import { type CaseAct, moveCase } from './move-case.js';

export type DueCounts = Readonly<Record<DueWhat, number>>;

const AT_ONCE = 200;

@Injectable()
export class CaseDeadlines {
  constructor(
    @Inject(Database) readonly database: Database,
    @Inject(Jobs) readonly jobs: Jobs,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(DecideCases) private readonly decide: DecideCases,
  ) {}

  /** Safe to repeat, and on many nodes at once: each case is looked at again under its lock. */
  async tick(tenantId: string, today: Day): Promise<DueCounts> {
    const { remindDays, silentDays } = this.settings.tenantRules(tenantId);
    const request = { tenantId, today, remindDays, silentDays, limit: AT_ONCE };
    const counts: Record<DueWhat, number> = { expire: 0, remind: 0, escalate: 0, silent: 0, send: 0, close: 0 };
    const seen = new Set<string>();
    for (;;) {
      const due = await this.database.inTenant(tenantId, (em) => findDueCases(em, request));
      const fresh = due.filter(({ caseId, what }) => !seen.has(`${caseId} ${what}`));
      if (fresh.length === 0) break;
      for (const each of fresh) {
        seen.add(`${each.caseId} ${each.what}`);
        if (await this.act(each, { tenantId, actor: 'hub', today })) counts[each.what] += 1;
      }
    }
    const isQuiet = Object.values(counts).every((count) => count === 0);
    if (!isQuiet) this.settings.log.info({ tenantId, today, ...counts }, 'back-payment cases fell due');
    return counts;
  }

  private async act({ caseId, what }: DueCase, act: CaseAct): Promise<boolean> {
    if (what === 'send') {
      const sent = await this.decide.submit({ caseId, act: { ...act, reason: 'the window is open' }, reference: null });
      return sent.outcome === 'moved';
    }
    return inCaseTransaction(this, act.tenantId, async (writer) => {
      const { em } = writer;
      const personId = await findPersonOfCase(em, act.tenantId, caseId);
      if (personId === null || !(await lockPerson(em, act.tenantId, personId))) return false;
      const row = await lockCase(em, act.tenantId, caseId);
      const still = await findDueCases(em, { ...this.rulesOf(act), limit: AT_ONCE });
      if (row === null || !still.some((each) => each.caseId === caseId && each.what === what)) return false;
      switch (what) {
        case 'expire':
          await moveCase(writer, row, { to: 'expired', act: { ...act, reason: whyExpired(row, act.today) } });
          return true;
        case 'close':
          await moveCase(writer, row, { to: 'closed', act: { ...act, reason: 'nothing speaks against it' } });
          return true;
        case 'remind':
        case 'escalate':
        case 'silent': {
          const reason = TEXTS[what](row);
          const note = { caseId, round: row.round, fromState: row.state, toState: row.state, reason, detail: {} };
          const kind = what === 'remind' ? 'reminder' : 'escalated';
          const eventNo = await appendCaseEvent(em, {
            ...note,
            kind,
            tenantId: act.tenantId,
            actor: act.actor,
            onDay: act.today,
          });
          await this.jobs.post(em, { ...newsOf(what, row), tenantId: act.tenantId, eventNo });
          if (what !== 'remind') await changeCase(em, act.tenantId, { row, change: { attention: reason } });
          return true;
        }
      }
    });
  }

  private rulesOf({ tenantId, today }: CaseAct) {
    const { remindDays, silentDays } = this.settings.tenantRules(tenantId);
    return { tenantId, today, remindDays, silentDays };
  }
}

const TEXTS: Readonly<Record<'remind' | 'escalate' | 'silent', (row: CaseRow) => string>> = {
  remind: (row) => `an answer is due by ${row.respondBy ?? ''}`,
  escalate: (row) => `the last day to apply is ${row.lastDay ?? ''}`,
  silent: ({ state, submittedOn }) =>
    state === 'paid'
      ? `bureau or agency says that it was paid, and the books do not show the months since the application of ${submittedOn ?? ''}; ask them`
      : `nothing was heard since the application of ${submittedOn ?? ''}; ask the bureau or agency`,
};

function newsOf(what: 'remind' | 'escalate' | 'silent', row: CaseRow): Omit<CaseDue, 'tenantId' | 'eventNo'> {
  const { caseId, personId, state } = row;
  const about = { fact: 'CaseDue', caseId, personId, state } as const;
  switch (what) {
    case 'remind':
      return { ...about, due: 'answer', day: row.respondBy };
    case 'escalate':
      return { ...about, due: 'application', day: row.lastDay };
    case 'silent':
      return { ...about, due: 'silence', day: row.submittedOn };
  }
}

function whyExpired({ lastDay, respondBy }: CaseRow, today: Day): string {
  if (lastDay !== null && lastDay < today) return `the last day to apply was ${lastDay}`;
  return `nobody answered by ${respondBy ?? ''}`;
}
