/** What situations are called, in Chinese and in English. */
import type { Situation } from './situation.js';

export const SITUATION_NAMES: Readonly<Record<Situation, { readonly zh: string; readonly en: string }>> = {
  paid: { zh: '已缴', en: 'paid' },
  'not-due': { zh: '无需缴纳', en: 'not due' },
  inconclusive: { zh: '无法判断', en: 'inconclusive' },
  'gap-suspected': { zh: '疑似断缴（仍可申报）', en: 'gap suspected (may still be filed)' },
  gap: { zh: '断缴', en: 'gap' },
  'gap-before-hire': { zh: '断缴风险（入职前未缴）', en: 'gap before hiring' },
  'back-payment-pending': { zh: '补缴中', en: 'back-payment under way' },
  'base-mismatch': { zh: '基数不符', en: 'base mismatch' },
  'amount-mismatch': { zh: '金额不符', en: 'amount mismatch' },
  'withheld-not-remitted': { zh: '已代扣未缴', en: 'withheld, not remitted' },
  'paid-not-due': { zh: '停保后仍缴费', en: 'paid though not due' },
  'double-coverage': { zh: '重复参保', en: 'double coverage' },
  'billed-not-ordered': { zh: '账单有、委托无', en: 'billed, not ordered' },
  'bill-mismatch': { zh: '账单金额不符', en: 'bill mismatch' },
  conflict: { zh: '数据冲突', en: 'sources disagree' },
};
