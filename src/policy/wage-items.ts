/** Which kinds of pay the statistics of total wages know, by article: what counts for a contribution base and what does not. */
import type { Day } from '../domain/month.js';
import type { Bilingual } from './wording.js';

/** The order of the National Bureau of Statistics that contribution bases rest on (劳社险中心函〔2006〕60号). */
export const WAGE_ORDER = {
  documentNo: '国家统计局令第1号',
  authority: '国家统计局',
  effectiveFrom: '1990-01-01' as Day,
  source: '关于工资总额组成的规定',
} as const;

/** One kind of pay. Articles 5–10 count (the six parts of article 4), article 11 does not. */
export interface WageItemRule {
  readonly article: 5 | 6 | 7 | 8 | 9 | 10 | 11;
  /** Number of the clause inside the article; null where the article has none. */
  readonly clause: number | null;
  readonly counts: boolean;
  readonly words: Bilingual;
}

function counted(
  article: 5 | 6 | 7 | 8 | 9 | 10,
  clause: number | null,
  words: readonly [string, string],
): WageItemRule {
  return { article, clause, counts: true, words: { zh: words[0], en: words[1] } };
}

function excluded(clause: number, words: readonly [string, string]): WageItemRule {
  return { article: 11, clause, counts: false, words: { zh: words[0], en: words[1] } };
}

/** Every kind by the name that pay sheets are mapped to. The order is that of the articles. */
export const WAGE_ITEMS = {
  'time-wage': counted(5, 1, ['计时工资', 'time wage']),
  'basic-and-post-wage': counted(5, 2, ['基础工资和职务（岗位）工资', 'basic wage and wage of the post']),
  'probation-wage': counted(5, 3, ['见习工资、学徒生活费', 'wage of trainees and apprentices']),
  'athlete-allowance': counted(5, 4, ['运动员体育津贴', "athlete's sports allowance"]),
  'piece-wage': counted(6, 1, ['计件工资', 'piece wage']),
  'task-wage': counted(6, 2, ['任务包干工资', 'wage for a contracted task']),
  commission: counted(6, 3, ['营业额或利润提成', 'commission on turnover or profit']),
  'production-bonus': counted(7, 1, ['生产奖（含年终奖）', 'production bonus, the year-end bonus among them']),
  'saving-bonus': counted(7, 2, ['节约奖', 'bonus for saving']),
  'contest-bonus': counted(7, 3, ['劳动竞赛奖', 'prize of a labour contest']),
  'institution-bonus': counted(7, 4, ['机关、事业单位奖励工资', 'reward wage of public institutions']),
  'other-bonus': counted(7, 5, ['其他奖金', 'other bonus']),
  allowance: counted(8, 1, ['津贴', 'allowance for hardship, health, skill or years of service']),
  'price-subsidy': counted(8, 2, ['物价补贴', 'subsidy against prices']),
  'overtime-pay': counted(9, null, ['加班加点工资', 'overtime pay']),
  'leave-pay': counted(10, 1, [
    '病、产、婚丧、事、探亲等假期及停工学习期间工资',
    'pay during sickness, maternity and other leave or study',
  ]),
  'retained-wage': counted(10, 2, ['附加工资、保留工资', 'additional and retained wage']),

  'invention-prize': excluded(1, ['发明创造等奖和合理化建议奖', 'prizes for inventions, science and proposals']),
  'insurance-and-welfare': excluded(2, ['劳动保险和职工福利费用', 'labour insurance and welfare costs']),
  'retirement-benefit': excluded(3, ['离休、退休、退职待遇', 'retirement benefits']),
  'labour-protection': excluded(4, ['劳动保护支出', 'labour protection']),
  'author-and-lecture-fee': excluded(5, [
    '稿费、讲课费及其他专门工作报酬',
    'fees for writing, lecturing and other special work',
  ]),
  'travel-meal-and-moving': excluded(6, [
    '出差伙食补助、误餐补助、调动旅费和安家费',
    'meals when travelling or missed, moving costs',
  ]),
  'own-tools': excluded(7, ['自带工具、牲畜补偿', 'compensation for own tools and animals']),
  'lessee-risk-income': excluded(8, ['承租人风险补偿收入', "lessee's income for risk"]),
  dividend: excluded(9, [
    '购买本企业股票和债券的股息、利息',
    "dividends and interest of the firm's own shares and bonds",
  ]),
  'severance-pay': excluded(10, ['解除劳动合同的医疗补助费、生活补助费等', 'payments at the end of a labour contract']),
  'labour-supplier-fee': excluded(11, ['向提供劳动力单位支付的手续费或管理费', 'fees to a supplier of labour']),
  'outwork-payment': excluded(12, ['家庭工人加工费、发包费用', 'payments for outwork and orders']),
  'student-subsidy': excluded(13, ['参加企业劳动的在校学生补贴', 'subsidy for students at work']),
  'one-child-fee': excluded(14, ['独生子女补贴', 'one-child subsidy']),
} as const satisfies Record<string, WageItemRule>;

export type WageItemKind = keyof typeof WAGE_ITEMS;
export const WAGE_ITEM_KINDS = Object.keys(WAGE_ITEMS) as readonly WageItemKind[];

export function isWageItemKind(text: string): text is WageItemKind {
  return Object.hasOwn(WAGE_ITEMS, text);
}
