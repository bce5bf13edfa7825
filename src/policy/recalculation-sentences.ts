/** How one month's correction reads for the people who carry it out: what to do by the state of the month, how much, and why. */
import { type Fen, addFen } from '../domain/fen.js';
import type { CorrectionReason, CorrectionWay, MonthCorrection } from './recalculate.js';
import { type Bilingual, INSURANCE_WORDS, type Language, STATUS_WORDS, monthText, yuanText } from './wording.js';

export type CorrectionText = Bilingual;

const WAYS: Readonly<Record<CorrectionWay, Bilingual>> = {
  overwrite: { zh: '尚未申报：按原渠道更正申报', en: 'not declared yet: overwrite by the same channel' },
  'void-and-redo': { zh: '已申报未缴费：作废后重新申报', en: 'declared and not paid: void it and declare anew' },
  'apply-with-documents': {
    zh: '已缴费：携带材料向征收机关申请更正',
    en: 'paid: apply to the collector with documents',
  },
};

const REASONS: Readonly<Record<CorrectionReason, Bilingual>> = {
  wages: { zh: '工资变动', en: 'the wages changed' },
  range: { zh: '基数上下限公布', en: 'floor or cap was published' },
  rates: { zh: '费率或定额变动', en: 'a rate or fixed amount changed' },
};

export function correctionText(correction: Omit<MonthCorrection, 'text'>): CorrectionText {
  return { zh: sentence(correction, 'zh'), en: sentence(correction, 'en') };
}

function sentence(correction: Omit<MonthCorrection, 'text'>, language: Language): string {
  const { insurance, month, reason, way, chargedBaseFen, base, employee, employer } = correction;
  const name = INSURANCE_WORDS[insurance][language];
  const when = monthText(month, language);
  const bases = `${yuanText(chargedBaseFen)} → ${yuanText(base.baseFen)}`;
  const total = addFen(employee.differenceFen, employer.differenceFen);
  const mark = base.provisional ? ` [${STATUS_WORDS.provisional[language]}]` : '';
  return language === 'zh'
    ? `${when}${name}：${REASONS[reason].zh}，基数 ${bases}${mark}；${WAYS[way].zh}；` +
        `单位${changeText(employer.differenceFen, 'zh')}，个人${changeText(employee.differenceFen, 'zh')}，合计${changeText(total, 'zh')}。`
    : `${when} ${name}: ${REASONS[reason].en}, base ${bases}${mark}; ${WAYS[way].en}; ` +
        `employer ${changeText(employer.differenceFen, 'en')}, employee ${changeText(employee.differenceFen, 'en')}, together ${changeText(total, 'en')}.`;
}

function changeText(difference: Fen, language: Language): string {
  const amount = yuanText(Math.abs(difference) as Fen);
  if (difference === 0) return language === 'zh' ? '不变' : 'nothing';
  if (language === 'zh') return difference > 0 ? `补缴 ${amount} 元` : `退 ${amount} 元`;
  return difference > 0 ? `pays in ${amount}` : `gets back ${amount}`;
}
