/** How figures and words of the policy are written for people, in Chinese and in English. */
import { type Fen, type Ppm, formatYuan } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { BackPaymentChannel } from './parameter-catalogue.js';
import type { PolicyStatus } from './policy-record.js';

export type Language = 'zh' | 'en';

/** One sentence in both languages. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

export const INSURANCE_WORDS: Readonly<Record<Insurance, Bilingual>> = {
  pension: { zh: '养老', en: 'pension' },
  medical: { zh: '医疗', en: 'medical' },
  unemployment: { zh: '失业', en: 'unemployment' },
  'work-injury': { zh: '工伤', en: 'work injury' },
  maternity: { zh: '生育', en: 'maternity' },
  'housing-fund': { zh: '公积金', en: 'housing fund' },
};

export const STATUS_WORDS: Readonly<Record<PolicyStatus, Bilingual>> = {
  confirmed: { zh: '已证实', en: 'confirmed' },
  reported: { zh: '有据', en: 'reported' },
  unverified: { zh: '未核实', en: 'unverified' },
  overlay: { zh: '租户确认', en: "tenant's word" },
  provisional: { zh: '暂沿用', en: 'carried over' },
};

export const CHANNEL_WORDS: Readonly<Record<BackPaymentChannel, Bilingual>> = {
  any: { zh: '各渠道', en: 'every channel' },
  online: { zh: '网上', en: 'online' },
  counter: { zh: '窗口', en: 'at the counter' },
  agency: { zh: '代理机构', en: 'through the agency' },
};

/** 180000000 → `1,800,000.00`. */
export function yuanText(amount: Fen): string {
  const [whole = '', decimals = '00'] = formatYuan(amount).split('.');
  return `${whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')}.${decimals}`;
}

/** 80000 → `8%`, 500 → `0.05%`. */
export function percentText(rate: Ppm): string {
  const digits = String(rate).padStart(5, '0');
  const decimals = digits.slice(-4).replace(/0+$/, '');
  return `${digits.slice(0, -4)}${decimals === '' ? '' : `.${decimals}`}%`;
}

export function monthText(month: Month, language: Language): string {
  return language === 'zh' ? `${month.slice(0, 4)}年${Number(month.slice(5))}月` : month;
}

/** `a、b` or `a, b`. */
export function listText(words: readonly string[], language: Language): string {
  return words.join(language === 'zh' ? '、' : ', ');
}

export function insuranceText(insurances: readonly Insurance[], language: Language): string {
  return listText(
    insurances.map((insurance) => INSURANCE_WORDS[insurance][language]),
    language,
  );
}
