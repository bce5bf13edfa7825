/** How the evidence of a case is read and printed: one page without script or anything from elsewhere. Pure. */
import type { CaseEventView } from '../../backpay/cases.reader.js';
import { fen } from '../../domain/fen.js';
import { isInsurance } from '../../domain/insurance.js';
import { parseMonth } from '../../domain/month.js';
import { type Html, NOTHING, html, textOf } from '../../employee/pages/html.js';
import { caseState } from '../../notify/message-texts.js';
import { DEFAULT_ZONE } from '../../platform/clock/clock.js';
import { CHANNEL_WORDS, INSURANCE_WORDS, type Language, monthText, yuanText } from '../../policy/wording.js';
import { zonedTime } from '../zoned-time.js';
import { EVENT_WORDS, LINE_WORDS, SIGNED_WORDS, WORDS } from './evidence-words.js';
import type { CaseEvidence } from './take-evidence.js';

const STYLE = html`<style>
  body {
    font:
      14px/1.5 system-ui,
      'PingFang SC',
      'Noto Sans CJK SC',
      'Microsoft YaHei',
      sans-serif;
    color: #111;
    background: #fff;
    max-width: 70rem;
    margin: 0 auto;
    padding: 1rem;
  }
  h1 {
    font-size: 1.5rem;
  }
  h2 {
    font-size: 1.15rem;
    margin: 1.75rem 0 0.5rem;
    break-after: avoid;
  }
  h3 {
    font-size: 1rem;
    break-after: avoid;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    border: 1px solid #bbb;
    padding: 0.25rem 0.4rem;
    text-align: left;
    vertical-align: top;
  }
  th {
    background: #eee;
  }
  tr {
    break-inside: avoid;
  }
  .fen td:nth-child(n + 3):nth-child(-n + 6) {
    text-align: right;
  }
  th[scope='row'] {
    width: 18rem;
  }
  .hash {
    font-family: ui-monospace, monospace;
    font-size: 0.8rem;
    overflow-wrap: anywhere;
  }
  pre {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    border: 1px solid #bbb;
    padding: 0.5rem;
    font: inherit;
  }
  @page {
    size: A4;
    margin: 15mm;
  }
  @media print {
    body {
      max-width: none;
      padding: 0;
      font-size: 11px;
    }
    th {
      background: none;
    }
  }
</style>`;

export function evidencePage(evidence: CaseEvidence, language: Language): string {
  const title = `${WORDS.title[language]} ${evidence.case.caseId}`;
  return `${textOf(
    html`<!doctype html>
      <html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
          <title>${title}</title>
          ${STYLE}
        </head>
        <body>
          <h1>${title}</h1>
          ${overview(evidence, language)} ${amounts(evidence, language)} ${advice(evidence, language)}
          ${timeline(evidence, language)} ${signatures(evidence, language)} ${receiptsOf(evidence, language)}
          ${exchange(evidence, language)} ${trail(evidence, language)}
        </body>
      </html>`,
  )}\n`;
}

type Cell = string | Html;

function table(head: readonly string[], rows: readonly (readonly Cell[])[], className = ''): Html {
  const heading = head.map((cell) => html`<th scope="col">${cell}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell) => html`<td>${cell}</td>`)}
      </tr> `,
  );
  return html`<table class="${className}">
    <thead>
      <tr>
        ${heading}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
}

/** Names and what they are; what is null is left out. */
function pairs(rows: readonly (readonly [string, Cell | null])[]): Html {
  const shown = rows.map(([name, value]) =>
    value === null
      ? NOTHING
      : html`<tr>
          <th scope="row">${name}</th>
          <td>${value}</td>
        </tr> `,
  );
  return html`<table>
    <tbody>
      ${shown}
    </tbody>
  </table>`;
}

function overview({ case: view, tenant, taken, result }: CaseEvidence, l: Language): Html {
  const { content } = view;
  const through = content === null ? null : `${CHANNEL_WORDS[content.channel][l]} ${content.connectionId ?? ''}`;
  return html`<h2>${WORDS.overview[l]}</h2>
    ${pairs([
      [WORDS.company[l], `${tenant.name} (${tenant.id})`],
      [WORDS.caseId[l], view.caseId],
      [WORDS.identity[l], view.idMasked],
      [WORDS.employment[l], view.employmentId],
      [WORDS.state[l], caseState(view.state)[l]],
      [WORDS.refusedWhy[l], view.refusal],
      [WORDS.round[l], String(view.round)],
      [WORDS.region[l], view.region],
      [WORDS.channel[l], through],
      [WORDS.lastDay[l], view.lastDay],
      [WORDS.submittedOn[l], result.submittedOn],
      [WORDS.references[l], result.remoteRefs.length === 0 ? null : result.remoteRefs.join(' ')],
      [WORDS.verifiedOn[l], result.verifiedOn ?? WORDS.none[l]],
      [WORDS.policy[l], content?.policyVersion ?? null],
      [WORDS.signedHash[l], view.hash === null ? null : hash(view.hash)],
      [WORDS.taken[l], `${time(taken.at)} · ${taken.by} · ${taken.program}`],
    ])}`;
}

function amounts({ case: { lines, totals, content } }: CaseEvidence, l: Language): Html {
  const yuan = (amount: number | null): string => (amount === null ? WORDS.unknown[l] : yuanText(fen(amount)));
  const rows = lines.map((line) => {
    const month = parseMonth(line.month);
    const insurance = isInsurance(line.insurance) ? INSURANCE_WORDS[line.insurance][l] : line.insurance;
    return [
      ...[month === null ? line.month : monthText(month, l), insurance],
      ...[yuan(line.baseFen), yuan(line.employeeFen), yuan(line.employerFen), yuan(line.lateFeeFen)],
      LINE_WORDS[line.state][l],
      line.reason ?? '',
    ];
  });
  const total =
    totals === null
      ? []
      : [[WORDS.total[l], '', '', yuan(totals.employeeFen), yuan(totals.employerFen), yuan(totals.lateFeeFen), '', '']];
  const { month, insurance, base, employee, employer, lateFee, state, refusedWhy } = WORDS;
  const head = [month, insurance, base, employee, employer, lateFee, state, refusedWhy].map((word) => word[l]);
  return html`<h2>${WORDS.amounts[l]}</h2>
    ${table(head, [...rows, ...total], 'fen')}
    ${content === null ? NOTHING : html`<p>${WORDS.lateFeeOn[l]}${content.lateFeeOn}</p>`}`;
}

function advice({ case: { advice: said } }: CaseEvidence, l: Language): Html {
  const list = (title: string, entries: readonly string[]): Html =>
    entries.length === 0
      ? NOTHING
      : html`<h3>${title}</h3>
          <ul>
            ${entries.map((entry) => html`<li>${entry}</li> `)}
          </ul>`;
  return html`<h2>${WORDS.advice[l]}</h2>
    <ul>
      ${said.text[l].map((sentence) => html`<li>${sentence}</li> `)}
    </ul>
    ${list(WORDS.doubtful[l], said.doubtful)} ${list(WORDS.missing[l], said.missing)}`;
}

interface Moment {
  readonly at: Date;
  readonly row: readonly Cell[];
}

/** The moves of the case and those of its operations, as they were written. */
function timeline({ history, operations }: CaseEvidence, l: Language): Html {
  const moves = history.map((event): Moment => {
    const row = [event.onDay, time(event.at), happened(event, l), event.actor, event.reason ?? ''];
    return { at: event.at, row };
  });
  const sendings = operations.flatMap(({ connectionId, events }) =>
    events.map(({ at, fromState, toState, reason }): Moment => {
      const what = `${WORDS.operation[l]} ${connectionId}: ${fromState} → ${toState}`;
      return { at, row: ['', time(at), what, 'hub', reason ?? ''] };
    }),
  );
  const moments = [...moves, ...sendings].sort((a, b) => a.at.getTime() - b.at.getTime());
  const { day, writtenAt, what, who, why } = WORDS;
  const head = [day, writtenAt, what, who, why].map((word) => word[l]);
  return html`<h2>${WORDS.timeline[l]}</h2>
    ${table(
      head,
      moments.map(({ row }) => row),
    )}`;
}

function happened({ kind, from, to }: CaseEventView, l: Language): string {
  if (kind !== 'moved' || to === null) return EVENT_WORDS[kind][l];
  return from === null ? caseState(to)[l] : `${caseState(from)[l]} → ${caseState(to)[l]}`;
}

function receiptsOf({ receipts }: CaseEvidence, l: Language): Html {
  const { kind, round, who, references, writtenAt, hash: word } = WORDS;
  const head = [kind, round, who, references, writtenAt, word].map((each) => each[l]);
  const rows = receipts.map((each): readonly Cell[] => [
    ...[each.kind, String(each.round), each.attachedBy, each.reference ?? '', time(each.at), hash(each.sha256)],
  ]);
  return html`<h2>${WORDS.receipts[l]}</h2>
    ${table(head, rows)}`;
}

function signatures({ confirmations, approvals }: CaseEvidence, l: Language): Html {
  const rows = [
    ...confirmations.map(({ answer, ...each }) => ({ ...each, signed: SIGNED_WORDS[answer][l], reason: null })),
    ...approvals.map(({ decision, ...each }) => ({ ...each, signed: SIGNED_WORDS[decision][l] })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  const { signed, who, round, writtenAt, hash: word, why } = WORDS;
  const head = [signed, who, round, writtenAt, word, why].map((each) => each[l]);
  const cells = rows.map((each): readonly Cell[] => [
    ...[each.signed, each.actor, String(each.round), time(each.at), hash(each.hash), each.reason ?? ''],
  ]);
  return html`<h2>${WORDS.signatures[l]}</h2>
    ${table(head, cells)} ${confirmations.map((each) => shownText(each, l))}`;
}

function shownText({ evidence, masked }: CaseEvidence['confirmations'][number], l: Language): Html {
  const { way, language, address, userAgent, textHash, text } = evidence;
  return html`<h3>${WORDS.shownText[l]}</h3>
    ${text === undefined ? html`<p>${WORDS.none[l]}</p>` : html`<pre>${text}</pre>`}
    ${masked ? html`<p>${WORDS.masked[l]}</p>` : NOTHING}
    ${pairs([
      [WORDS.textHash[l], textHash === undefined ? null : hash(textHash)],
      [WORDS.way[l], way ?? null],
      [WORDS.language[l], language ?? null],
      [WORDS.address[l], address ?? null],
      [WORDS.browser[l], userAgent ?? null],
    ])}`;
}

function exchange({ operations }: CaseEvidence, l: Language): Html {
  const told = operations.map((each) => {
    const reply = [each.outcomeCode, each.outcomeMessage].filter((part) => part !== null).join(': ');
    return html`<h3>${WORDS.operation[l]} ${each.operationId}</h3>
      ${pairs([
        [WORDS.connection[l], each.connectionId],
        [WORDS.state[l], each.state],
        [WORDS.attempts[l], String(each.attempt)],
        [WORDS.payload[l], html`<pre>${JSON.stringify(each.desired, null, 2)}</pre>`],
        [WORDS.payloadHash[l], hash(each.payloadHash)],
        [WORDS.approvedHash[l], each.approvedHash === null ? null : hash(each.approvedHash)],
        [WORDS.approvedBy[l], each.approvedBy],
        [WORDS.sentAt[l], timeOrNull(each.sentAt)],
        [WORDS.acknowledgedAt[l], timeOrNull(each.acknowledgedAt)],
        [WORDS.references[l], each.remoteRef],
        [WORDS.reply[l], reply === '' ? null : reply],
        [WORDS.verifiedAt[l], timeOrNull(each.verifiedAt)],
      ])}
      ${each.masked ? html`<p>${WORDS.masked[l]}</p>` : NOTHING}`;
  });
  return html`<h2>${WORDS.sent[l]}</h2>
    ${told.length === 0 ? html`<p>${WORDS.nothingSent[l]}</p>` : told}`;
}

function trail({ audit: { events, head } }: CaseEvidence, l: Language): Html {
  const { number, writtenAt, what, who, prevHash, ownHash, fits } = WORDS;
  const heading = [number, writtenAt, what, who, prevHash, ownHash, fits].map((word) => word[l]);
  const rows = events.map((event): readonly Cell[] => [
    ...[String(event.eventNo), event.at, event.action, event.actor, hash(event.prevHash), hash(event.hash)],
    `${WORDS[event.fits ? 'yes' : 'no'][l]}${event.masked ? ` *` : ''}`,
  ]);
  return html`<h2>${WORDS.audit[l]}</h2>
    ${table(heading, rows)} ${events.some(({ masked }) => masked) ? html`<p>* ${WORDS.masked[l]}</p>` : NOTHING}
    <p>${WORDS.head[l]}: ${String(head.eventNo)}</p>
    <p class="hash">${head.hash}</p>
    <p>${WORDS.check[l]}</p>`;
}

function hash(hex: string): Html {
  return html`<span class="hash">${hex}</span>`;
}

function time(at: Date): string {
  return zonedTime(at, DEFAULT_ZONE);
}

function timeOrNull(at: Date | null): string | null {
  return at === null ? null : time(at);
}
