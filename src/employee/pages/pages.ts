/** The employee's pages, as functions of what they show. No script, no style of their own: they work everywhere. */
import type { CaseState } from '../../backpay/case-states.js';
import type { Insurance, ContributionState } from '../../domain/insurance.js';
import type { Fen } from '../../domain/fen.js';
import type { Month } from '../../domain/month.js';
import type { PersonStatus } from '../../domain/situation.js';
import { type Bilingual, INSURANCE_WORDS, type Language, monthText, yuanText } from '../../policy/wording.js';
import type { CaseStatement } from '../case-statement.js';
import { type Html, NOTHING, html } from './html.js';
import { CONTRIBUTION_WORDS, ENDED, PERSON_STATUS_WORDS, STEPS, STEP_OF, STEP_WORDS, WORDS } from './words.js';

export const STYLE_PATH = '/employee.css';

/** What every page knows. */
export interface Frame {
  readonly language: Language;
  /** null where nobody has been recognised: then the page does not tell whose link it is. */
  readonly companyName: string | null;
  /** `/e/<token>`; null where the token opens nothing. */
  readonly path: string | null;
  /** This page's own address, without a query: what is answered to a form is not where the form went. */
  readonly here: string;
  readonly notice: Bilingual | null;
}

export function messagePage(frame: Frame, title: Bilingual, text: Bilingual): Html {
  return layout(frame, title[frame.language], html`<p>${text[frame.language]}</p>`);
}

export function factorPage(frame: Frame): Html {
  const { language: l, path } = frame;
  return layout(
    frame,
    WORDS.factorTitle[l],
    html`<form method="post" action="${path ?? ''}/open?lang=${l}">
      <label for="factor">${WORDS.factorLabel[l]}</label>
      <input
        id="factor"
        name="factor"
        type="text"
        required
        minlength="4"
        maxlength="4"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        aria-describedby="hint"
      />
      <p id="hint">${WORDS.factorHint[l]}</p>
      <button type="submit">${WORDS.continue[l]}</button>
    </form>`,
  );
}

export interface CasePage {
  readonly state: CaseState;
  /** null while the amounts are not known. */
  readonly statement: CaseStatement | null;
  /** Where an answer is asked for: goes with the form. */
  readonly mark: string | null;
  /** Why bureau or agency refused it as a whole, in their words. */
  readonly refusal: string | null;
  /** Months that they refused, and why. */
  readonly refused: readonly RefusedMonth[];
}

export interface RefusedMonth {
  readonly month: Month;
  readonly insurance: Insurance;
  /** null = they did not say. */
  readonly reason: string | null;
}

export function casePage(frame: Frame, { state, statement, mark, ...refusal }: CasePage): Html {
  const { language: l } = frame;
  const ended = ENDED[state];
  const step = STEP_OF[state];
  return layout(
    frame,
    WORDS.caseTitle[l],
    html`${ended === undefined ? NOTHING : html`<p class="notice">${ended[l]}</p>`} ${refusalOf(l, refusal)}
    ${ended === undefined && step === null ? html`<p class="notice">${WORDS.beingChecked[l]}</p>` : NOTHING}
    ${statement === null || (step === null && ended === undefined) ? NOTHING : statementOf(statement)}
    ${mark === null || statement === null ? NOTHING : answerForm(frame, statement, mark)}
    ${step === null ? NOTHING : progress(l, state)} ${recordLink(frame)}`,
  );
}

/** Words from outside: the template escapes them. */
function refusalOf(l: Language, { refusal, refused }: Pick<CasePage, 'refusal' | 'refused'>): Html {
  if (refused.length === 0)
    return refusal === null ? NOTHING : html`<p class="notice">${WORDS.refusedWhy[l]} ${refusal}</p>`;
  const rows = refused.map(
    ({ month, insurance, reason }) =>
      html`<li>${monthText(month, l)} ${INSURANCE_WORDS[insurance][l]}: ${reason ?? WORDS.noReason[l]}</li>`,
  );
  return html`<section class="notice">
    <p>${WORDS.refusedMonths[l]}</p>
    <ul>
      ${rows}
    </ul>
  </section>`;
}

export function askPage(frame: Frame, mark: string): Html {
  const { language: l, path } = frame;
  return layout(
    frame,
    WORDS.askTitle[l],
    html`<p>${WORDS.askText[l]}</p>
      <form method="post" action="${path ?? ''}/ask?lang=${l}">
        <input type="hidden" name="mark" value="${mark}" />
        <button type="submit">${WORDS.ask[l]}</button>
      </form>
      ${recordLink(frame)}`,
  );
}

export interface ShownContribution {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly state: ContributionState;
  readonly baseFen: Fen | null;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

export function recordPage(
  frame: Frame,
  {
    status,
    contributions,
  }: { readonly status: PersonStatus | null; readonly contributions: readonly ShownContribution[] },
): Html {
  const { language: l, path } = frame;
  const word = status === null ? WORDS.statusUnknown : PERSON_STATUS_WORDS[status];
  const head = [WORDS.month, WORDS.insurance, WORDS.base, WORDS.you, WORDS.company, WORDS.state].map((each) => each[l]);
  const rows = contributions.map((each) => [
    monthText(each.month, l),
    INSURANCE_WORDS[each.insurance][l],
    each.baseFen === null ? '–' : yuanText(each.baseFen),
    yuanText(each.employeeFen),
    yuanText(each.employerFen),
    CONTRIBUTION_WORDS[each.state][l],
  ]);
  return layout(
    frame,
    WORDS.recordTitle[l],
    html`<p>${WORDS.status[l]}: <strong>${word[l]}</strong></p>
      ${rows.length === 0 ? html`<p>${WORDS.recordNone[l]}</p>` : table(WORDS.recordOf[l], head, rows)}
      <p><a href="${path ?? ''}?lang=${l}">${WORDS.back[l]}</a></p>`,
  );
}

function statementOf({ language: l, found, head, rows, terms }: CaseStatement): Html {
  return html`${found.map((line) => html`<p>${line}</p>`)} ${table(WORDS.amounts[l], head, rows)}
  ${terms.map((line) => html`<p>${line}</p>`)}`;
}

function answerForm({ language: l, path }: Frame, { hash }: CaseStatement, mark: string): Html {
  return html`<form method="post" action="${path ?? ''}/answer?lang=${l}">
    <h2>${WORDS.agreeQuestion[l]}</h2>
    <input type="hidden" name="text" value="${hash}" />
    <input type="hidden" name="mark" value="${mark}" />
    <button type="submit" name="answer" value="agree">${WORDS.agree[l]}</button>
    <button type="submit" name="answer" value="decline" class="second">${WORDS.decline[l]}</button>
  </form>`;
}

function progress(l: Language, state: CaseState): Html {
  const reached = STEPS.findIndex((step) => step === STEP_OF[state]);
  const steps = STEPS.map((step, at) => {
    const word = STEP_WORDS[step][l];
    if (at === reached) return html`<li class="done" aria-current="step">${word} (${WORDS.now[l]})</li>`;
    return at < reached ? html`<li class="done">${word}</li>` : html`<li>${word}</li>`;
  });
  return html`<h2>${WORDS.progress[l]}</h2>
    <ol class="steps">
      ${steps}
    </ol>`;
}

/**
 * On a phone every row is a card with its labels beside the values; roles are said, as a card is no table to some readers. The
 * month heads its row: there the heads of the columns are out of sight.
 */
function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${head.map((cell) => html`<th role="columnheader" scope="col">${cell}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr role="row">
            ${row.map((cell, at) => (at === 0 ? html`<th role="rowheader" scope="row">${cell}</th>` : html`<td role="cell" data-label="${head[at] ?? ''}">${cell}</td>`))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function recordLink({ language: l, path }: Frame): Html {
  return html`<p><a href="${path ?? ''}/record?lang=${l}">${WORDS.toRecord[l]}</a></p>`;
}

function layout({ language: l, companyName, here, notice }: Frame, title: string, content: Html): Html {
  const other = l === 'zh' ? 'en' : 'zh';
  return html`<!doctype html>
    <html lang="${l === 'zh' ? 'zh-CN' : 'en'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
      </head>
      <body>
        <header>
          <p>${companyName ?? ''}</p>
          <a href="${here}?lang=${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}">${WORDS.otherLanguage[l]}</a>
        </header>
        <main>
          <h1>${title}</h1>
          ${notice === null ? NOTHING : html`<p class="notice" role="alert">${notice[l]}</p>`} ${content}
        </main>
        <footer><p>${WORDS.footer[l]}</p></footer>
      </body>
    </html>`;
}
