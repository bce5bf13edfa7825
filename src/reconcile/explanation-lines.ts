/** How an explanation reads for people, in Chinese and in English. Employments and systems are named by id; nobody by name. */
import type { PersonStatus } from '../domain/situation.js';
import { SITUATION_NAMES } from '../domain/situation-names.js';
import type { PolicyBook } from '../policy/book.js';
import { explainInWords } from '../policy/explain.js';
import { INSURANCE_WORDS, yuanText, type Bilingual, type Language } from '../policy/wording.js';
import type { Claim } from './claims.js';
import type { CellExplanation, EmploymentExplained, PersonExplanation } from './explain-judgement.js';
import type { Inconclusive } from './readiness.js';

export const STATUS_NAMES: Readonly<Record<PersonStatus, Bilingual>> = {
  insured: { zh: '正常', en: 'insured' },
  gap: { zh: '断缴', en: 'gap' },
  'back-paying': { zh: '补缴中', en: 'back-paying' },
  stopped: { zh: '停保', en: 'stopped' },
  inconclusive: { zh: '待核实', en: 'inconclusive' },
};

const REASON_NAMES: Readonly<Record<Inconclusive['reason'], Bilingual>> = {
  'never-read': { zh: '尚未读取', en: 'never read' },
  incomplete: { zh: '读取不完整', en: 'read incompletely' },
  stale: { zh: '数据过期', en: 'read too long ago' },
  'no-bureau': { zh: '没有配置社保局连接', en: 'no bureau is connected' },
  'no-employment': { zh: '没有任职记录', en: 'no employment is known' },
  'not-hired-yet': { zh: '尚未入职', en: 'not hired yet' },
  'row-set-aside': { zh: '有记录在隔离区待处理', en: 'a row waits in quarantine' },
  'state-unknown': { zh: '社保局未说明缴费状态', en: 'the bureau cannot tell the state of a posting' },
  'rule-unknown': { zh: '当地起止月规则未知', en: "the region's start or stop rule is unknown" },
};

export function writeExplanation(
  explanation: Omit<PersonExplanation, 'text'>,
  book: PolicyBook,
): PersonExplanation['text'] {
  const inOne = (language: Language): readonly string[] => [
    statusLine(explanation, language),
    ...explanation.employments.map((employment) => employmentLine(employment, book, language)),
    ...explanation.cells.flatMap((cell) => cellLines(cell, book, language)),
    ...explanation.corrections.map((correction) => correctionLine(correction, language)),
    ...explanation.advice.flatMap((advice) => advice.text[language]),
  ];
  return { zh: inOne('zh'), en: inOne('en') };
}

function statusLine(
  { status, why, frozen, asOf, window }: Omit<PersonExplanation, 'text'>,
  language: Language,
): string {
  const name = STATUS_NAMES[status][language];
  const place = why === null ? '' : [why.connectionId, why.stream].filter((part) => part !== null).join(' ');
  const reason = why === null ? '' : `${REASON_NAMES[why.reason][language]}${place === '' ? '' : ` [${place}]`}`;
  const frozenText = frozen
    ? language === 'zh'
      ? '；身份匹配有歧义，已冻结推送'
      : '; the match is ambiguous, nothing is pushed'
    : '';
  return language === 'zh'
    ? `状态 ${name}（截至 ${asOf}，核对 ${window.from} 至 ${window.last}）${reason === '' ? '' : `：${reason}`}${frozenText}`
    : `status ${name} (as of ${asOf}, months ${window.from} to ${window.last})${reason === '' ? '' : `: ${reason}`}${frozenText}`;
}

function employmentLine(
  { employmentId, connectionId, employer, region, hiredOn, leftOn }: EmploymentExplained,
  book: PolicyBook,
  language: Language,
): string {
  const place = book.regionName(region)[language];
  if (language === 'zh')
    return `任职 ${employmentId}：${employer}，${place}，${hiredOn} 入职${leftOn === null ? '' : `，${leftOn} 离职`}（来源 ${connectionId}）`;
  return `employment ${employmentId}: ${employer}, ${place}, hired ${hiredOn}${leftOn === null ? '' : `, left ${leftOn}`} (told by ${connectionId})`;
}

function cellLines(explained: CellExplanation, book: PolicyBook, language: Language): readonly string[] {
  return [
    cellLine(explained, language),
    ...(explained.base === null ? [] : explainInWords(explained.base, book)[language].map((line) => `  ${line}`)),
    ...owedLines(explained, language),
    ...claimLines(explained, language),
  ];
}

function cellLine({ employmentId, insurance, month, cell }: CellExplanation, language: Language): string {
  const name = INSURANCE_WORDS[insurance][language];
  const judged =
    cell === null ? (language === 'zh' ? '未判断' : 'not judged') : SITUATION_NAMES[cell.situation][language];
  const others = (cell?.findings ?? [])
    .filter((finding) => finding.situation !== cell?.situation)
    .map((finding) => SITUATION_NAMES[finding.situation][language]);
  const topUp =
    cell?.isToTopUp === true
      ? [language === 'zh' ? '按当时已知标准缴费，待补差' : 'charged as known then, to be topped up']
      : [];
  return `${month} ${name} [${employmentId}] ${[judged, ...others, ...topUp].join(' + ')}`;
}

function owedLines({ owed }: CellExplanation, language: Language): readonly string[] {
  if (owed === null) return [];
  const [employee, employer] = [yuanText(owed.employeeFen), yuanText(owed.employerFen)];
  const mark = owed.isUnverified ? (language === 'zh' ? '（费率未核实）' : ' (rates unverified)') : '';
  return [
    language === 'zh'
      ? `  应缴：个人 ${employee}，单位 ${employer}${mark}`
      : `  owed: employee ${employee}, employer ${employer}${mark}`,
  ];
}

function claimLines({ claims }: CellExplanation, language: Language): readonly string[] {
  const paid = claims.paid.map((claim) => {
    const { payer, amountFen, baseFen, state } = claim.value;
    const amounts = [amountFen, baseFen].map((amount) => (amount === null ? '–' : yuanText(amount)));
    const parts =
      language === 'zh' ? [`金额 ${amounts[0]}`, `基数 ${amounts[1]}`] : [`amount ${amounts[0]}`, `base ${amounts[1]}`];
    return claimLine(claim, [payer, state, ...parts], language);
  });
  const wages = claims.wage.map((claim) => {
    const { grossFen, withheldFen, state } = claim.value;
    const words =
      language === 'zh'
        ? [`工资 ${yuanText(grossFen)}`, `代扣 ${yuanText(withheldFen)}`]
        : [`wage ${yuanText(grossFen)}`, `withheld ${yuanText(withheldFen)}`];
    return claimLine(claim, [...words, state], language);
  });
  const worked = claims.attendance.map((claim) => {
    const days = (claim.value.workedDaysHundredths / 100).toFixed(2);
    return claimLine(claim, [language === 'zh' ? `出勤 ${days} 天` : `${days} days worked`], language);
  });
  return [...paid, ...wages, ...worked];
}

function claimLine<V>(
  { connectionId, ownerKey, won }: Claim<V>,
  parts: readonly (string | null)[],
  language: Language,
): string {
  const mark = won ? (language === 'zh' ? '（采信）' : ' (counted)') : '';
  return `  ${connectionId} ${ownerKey}: ${parts.filter((part) => part !== null).join(', ')}${mark}`;
}

function correctionLine(
  { connectionId, kind, seen, desired }: PersonExplanation['corrections'][number],
  language: Language,
): string {
  const change = `${JSON.stringify(seen)} → ${JSON.stringify(desired)}`;
  return language === 'zh'
    ? `应更正 ${connectionId} ${kind}：${change}`
    : `to be corrected at ${connectionId}, ${kind}: ${change}`;
}
