/** What an employee decides on the page: agree, decline, or ask for a back-payment; with the evidence of how. */
import { Inject, Injectable } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../backpay/backpay-settings.js';
import type { CaseAct } from '../backpay/move-case.js';
import type { CaseView } from '../backpay/cases.reader.js';
import { DecideCases } from '../backpay/decide-cases.js';
import { ProposeCases } from '../backpay/propose-cases.js';
import { Database } from '../platform/database/database.js';
import type { Bilingual, Language } from '../policy/wording.js';
import type { CaseStatement } from './case-statement.js';
import { updateCaseOfLink } from './link.store.js';
import type { OpenLink } from './open-page.js';
import { WORDS } from './pages/words.js';

/** From where, with what and in which language somebody asks. */
export interface Asker {
  readonly language: Language;
  readonly address: string;
  readonly userAgent: string;
}

export interface CaseAnswer {
  readonly link: OpenLink;
  readonly asker: Asker;
  readonly view: CaseView;
  readonly statement: CaseStatement;
  readonly answer: 'agree' | 'decline';
}

@Injectable()
export class AnswerCase {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DecideCases) private readonly decide: DecideCases,
    @Inject(ProposeCases) private readonly cases: ProposeCases,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** null = done; else why not, for the page. The evidence holds the whole text that was shown. */
  async answer({ link, asker, view, statement, answer }: CaseAnswer): Promise<Bilingual | null> {
    const request = {
      caseId: view.caseId,
      act: this.actOf(link),
      hash: view.hash ?? '',
      evidence: {
        ...evidenceOf(link, asker),
        text: statement.text,
        textHash: statement.hash,
      },
    };
    const outcome = await (answer === 'agree' ? this.decide.confirm(request) : this.decide.decline(request));
    switch (outcome.outcome) {
      case 'moved':
        return null;
      case 'wrong-state':
        return WORDS.alreadyAnswered;
      case 'too-late':
        return WORDS.tooLate;
      case 'inconclusive':
        return WORDS.inconclusive;
      case 'unknown-case':
      case 'wrong-hash':
      case 'changed':
      case 'same-person':
      case 'unverified':
      case 'too-early':
      case 'reference-needed':
      case 'money-shown':
      case 'told-by-connection':
        return WORDS.changed;
    }
  }

  /** The link shows the case from then on. Asked twice, the standing case is shown, and no second one made. */
  async ask(link: OpenLink, asker: Asker): Promise<Bilingual | null> {
    const act: CaseAct = { ...this.actOf(link), reason: 'asked on the page', detail: evidenceOf(link, asker) };
    const outcome = await this.cases.propose({ personId: link.personId, origin: 'employee', act, only: null });
    switch (outcome.outcome) {
      case 'proposed': {
        const caseId = outcome.made[0] ?? outcome.standing[0];
        if (caseId === undefined) return WORDS.nothingToPay;
        await this.database.inTenant(link.tenantId, (em) => updateCaseOfLink(em, link, caseId));
        return null;
      }
      case 'unknown-person':
      case 'inconclusive':
        return WORDS.inconclusive;
      case 'nothing-to-pay':
        return WORDS.nothingToPay;
    }
  }

  private actOf({ tenantId, personId }: OpenLink): CaseAct {
    return { tenantId, actor: `employee:${personId}`, today: this.settings.today() };
  }
}

function evidenceOf({ linkId }: OpenLink, { language, address, userAgent }: Asker): Readonly<Record<string, string>> {
  return { way: 'page', link: linkId, language, address, userAgent };
}
