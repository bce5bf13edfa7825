/** What each request to an employee's page is answered with: a page, or the way to one. */
import { Inject, Injectable } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../backpay/backpay-settings.js';
import { type CaseView, readCase } from '../backpay/cases.reader.js';
import { Database } from '../platform/database/database.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { type Bilingual, type Language } from '../policy/wording.js';
import { readJudgedRun } from '../reconcile/judgements.reader.js';
import { AnswerCase, type Asker } from './answer-case.js';
import { caseStatement } from './case-statement.js';
import { readOwnContributions } from './own-contributions.js';
import { isSame } from './link-token.js';
import { OpenPage, type OpenLink } from './open-page.js';
import { formMark, isFormMark } from './page-session.js';
import type { Html } from './pages/html.js';
import { type Frame, askPage, casePage, factorPage, messagePage, recordPage } from './pages/pages.js';
import { WORDS } from './pages/words.js';

export type PageAnswer =
  | { readonly kind: 'page'; readonly status: 200 | 400 | 401 | 403 | 404 | 409 | 429; readonly page: Html }
  /** See other; with a session to keep where one was earned. */
  | { readonly kind: 'go'; readonly to: string; readonly session?: string };

/** One request, whatever it wants. */
export interface PageRequest extends Asker {
  readonly token: string;
  readonly session: string | null;
}

interface Visit {
  readonly request: PageRequest;
  readonly link: OpenLink;
  /** Earned by the second factor. */
  readonly session: string;
}

/** What a request for a self-made case is marked with, where an answer is marked with the hash of its text. */
const ASK = 'ask';

@Injectable()
export class PageAnswers {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentityVault) private readonly vault: IdentityVault,
    @Inject(OpenPage) private readonly door: OpenPage,
    @Inject(AnswerCase) private readonly answers: AnswerCase,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  main(request: PageRequest): Promise<PageAnswer> {
    return this.visit(request, (visit) => this.mainPage(visit, { status: 200, notice: null }));
  }

  record(request: PageRequest): Promise<PageAnswer> {
    return this.visit(request, async ({ link, request: { language } }) => {
      const { tenantId, personId } = link;
      const shown = await this.database.inTenant(tenantId, async (em) => ({
        status: (await readJudgedRun(em, tenantId, personId))?.status ?? null,
        contributions: await readOwnContributions(em, tenantId, personId),
      }));
      const path = pathOf(request);
      const frame = { language, companyName: link.companyName, path, here: `${path}/record`, notice: null };
      return { kind: 'page', status: 200, page: recordPage(frame, shown) };
    });
  }

  async open(request: PageRequest, factor: string): Promise<PageAnswer> {
    const link = await this.door.linkOf(request.token);
    if (link === null) return notOpen(request);
    const tried = await this.door.tryFactor(link, factor);
    switch (tried.outcome) {
      case 'open':
        return { kind: 'go', to: `${pathOf(request)}?lang=${request.language}`, session: tried.session };
      case 'locked':
        return notOpen(request);
      case 'wrong':
        return factorAnswer(request, {
          zh: `号码后四位不正确，还可以再试 ${tried.triesLeft} 次。`,
          en: `These are not the last four characters; ${tried.triesLeft} tries are left.`,
        });
      case 'wait':
        return factorAnswer(request, {
          zh: `请在 ${tried.seconds} 秒后再试。`,
          en: `Please try again in ${tried.seconds} seconds.`,
        });
    }
  }

  answer(request: PageRequest, form: AnswerForm): Promise<PageAnswer> {
    return this.visit(request, async (visit) => {
      const { link, session } = visit;
      const view = await this.caseOf(link);
      const statement = view === null ? null : caseStatement(view, this.wordsOf(visit));
      if (view === null || !isFormMark(this.vault, { session, textHash: form.text }, form.mark))
        return this.mainPage(visit, { status: 409, notice: WORDS.changed });
      if (view.state !== 'awaiting-employee')
        return this.mainPage(visit, { status: 409, notice: WORDS.alreadyAnswered });
      if (statement === null || !isSame(statement.hash, form.text))
        return this.mainPage(visit, { status: 409, notice: WORDS.changed });
      const notice = await this.answers.answer({ link, asker: request, view, statement, answer: form.answer });
      return notice === null ? this.backToMain(visit) : this.mainPage(visit, { status: 409, notice });
    });
  }

  ask(request: PageRequest, mark: string): Promise<PageAnswer> {
    return this.visit(request, async (visit) => {
      const { link, session } = visit;
      if (link.caseId !== null) return this.backToMain(visit);
      if (!isFormMark(this.vault, { session, textHash: ASK }, mark))
        return this.mainPage(visit, { status: 409, notice: WORDS.changed });
      const notice = await this.answers.ask(link, request);
      return notice === null ? this.backToMain(visit) : this.mainPage(visit, { status: 409, notice });
    });
  }

  /** Only with a living link and a session of it; else the page that asks for what is missing. */
  private async visit(request: PageRequest, work: (visit: Visit) => Promise<PageAnswer>): Promise<PageAnswer> {
    const link = await this.door.linkOf(request.token);
    if (link === null) return notOpen(request);
    const { session } = request;
    if (session === null || !this.door.isOpen(link, session)) return factorAnswer(request, null);
    return work({ request, link, session });
  }

  private async mainPage(
    { request, link, session }: Visit,
    { status, notice }: { readonly status: 200 | 409; readonly notice: Bilingual | null },
  ): Promise<PageAnswer> {
    const frame: Frame = { ...frameOf(request, notice), companyName: link.companyName };
    const view = await this.caseOf(link);
    if (view === null) return { kind: 'page', status, page: askPage(frame, formMark(this.vault, session, ASK)) };
    const statement = caseStatement(view, this.wordsOf({ request, link }));
    const mark =
      statement === null || view.state !== 'awaiting-employee' ? null : formMark(this.vault, session, statement.hash);
    const { state, refusal, lines } = view;
    const refused = lines.filter((line) => line.state === 'rejected');
    return { kind: 'page', status, page: casePage(frame, { state, statement, mark, refusal, refused }) };
  }

  private async caseOf({ tenantId, caseId }: OpenLink): Promise<CaseView | null> {
    if (caseId === null) return null;
    const today = this.settings.today();
    return this.database.inTenant(tenantId, (em) => readCase(em, { tenantId, caseId, today }));
  }

  private wordsOf({ request, link }: Pick<Visit, 'request' | 'link'>): { language: Language; companyName: string } {
    return { language: request.language, companyName: link.companyName };
  }

  private backToMain({ request }: Visit): PageAnswer {
    return { kind: 'go', to: `${pathOf(request)}?lang=${request.language}` };
  }
}

export interface AnswerForm {
  readonly answer: 'agree' | 'decline';
  /** The hash of the text that was shown. */
  readonly text: string;
  readonly mark: string;
}

/** One page for everything that does not open: it tells nobody whether a guess was near. */
function notOpen({ language }: PageRequest): PageAnswer {
  const frame = { language, companyName: null, path: null, here: '', notice: null };
  return { kind: 'page', status: 404, page: messagePage(frame, WORDS.notOpenTitle, WORDS.notOpen) };
}

function factorAnswer(request: PageRequest, notice: Bilingual | null): PageAnswer {
  return { kind: 'page', status: notice === null ? 401 : 403, page: factorPage(frameOf(request, notice)) };
}

function frameOf(request: PageRequest, notice: Bilingual | null): Frame {
  const path = pathOf(request);
  return { language: request.language, companyName: null, path, here: path, notice };
}

function pathOf({ token }: PageRequest): string {
  return `/e/${token}`;
}
