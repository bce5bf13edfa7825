/** Every sentence of the employee's pages that is the same for everybody, in Chinese and in English. */
import type { CaseState } from '../../backpay/case-states.js';
import type { ContributionState } from '../../domain/insurance.js';
import type { PersonStatus } from '../../domain/situation.js';
import type { Bilingual } from '../../policy/wording.js';

export const WORDS = {
  otherLanguage: { zh: 'English', en: '中文' },
  footer: {
    zh: '本页由公司的社保核对系统提供，链接仅供您本人使用。如有疑问，请联系公司人事。',
    en: 'This page comes from your company’s social-insurance hub; the link is for you alone. If in doubt, ask HR.',
  },
  notOpenTitle: { zh: '链接无法打开', en: 'This link does not open' },
  notOpen: {
    zh: '链接不正确、已过期或已失效。请向公司人事索取新的链接。',
    en: 'It is wrong, has expired or was ended. Ask HR for a new one.',
  },
  tooManyTitle: { zh: '访问过于频繁', en: 'Too many requests' },
  tooMany: { zh: '请一分钟后再试。', en: 'Please try again in a minute.' },
  faultTitle: { zh: '系统暂时无法处理', en: 'Something went wrong' },
  fault: { zh: '您的操作没有生效，请稍后再试。', en: 'Nothing was done. Please try again later.' },
  factorTitle: { zh: '请先确认是您本人', en: 'First show that it is you' },
  factorLabel: { zh: '身份证件号码后四位', en: 'Last four characters of your identity number' },
  factorHint: {
    zh: '末位是字母 X 的，请输入 X。输错五次后链接失效。',
    en: 'Where it ends in X, type X. After five mistakes the link ends.',
  },
  continue: { zh: '继续', en: 'Continue' },
  caseTitle: { zh: '社保补缴确认', en: 'Back-payment of social insurance' },
  amounts: { zh: '金额（元）', en: 'Amounts (yuan)' },
  month: { zh: '月份', en: 'Month' },
  insurance: { zh: '险种', en: 'Insurance' },
  base: { zh: '基数', en: 'Base' },
  you: { zh: '个人', en: 'You' },
  company: { zh: '单位', en: 'Company' },
  lateFee: { zh: '滞纳金', en: 'Late fee' },
  later: { zh: '缴费时计算', en: 'when paid' },
  agreeQuestion: { zh: '您同意吗？', en: 'Do you agree?' },
  agree: { zh: '同意补缴', en: 'I agree' },
  decline: { zh: '不同意', en: 'I decline' },
  progress: { zh: '办理进度', en: 'Progress' },
  now: { zh: '当前', en: 'now' },
  toRecord: { zh: '查看我的缴费记录', en: 'My contribution record' },
  back: { zh: '返回', en: 'Back' },
  recordTitle: { zh: '我的缴费记录', en: 'My contribution record' },
  recordNone: { zh: '社保机构没有返回您的缴费记录。', en: 'The bureau returned no contributions of yours.' },
  recordOf: { zh: '社保机构的记录', en: 'From the bureau' },
  status: { zh: '目前状态', en: 'Status' },
  statusUnknown: { zh: '尚未核对', en: 'not judged yet' },
  state: { zh: '状态', en: 'State' },
  askTitle: { zh: '申请补缴', en: 'Ask for a back-payment' },
  askText: {
    zh: '如果您发现有应缴未缴的月份，可以在此申请。系统会核对记录并算出金额，经您同意、公司审批后办理。',
    en: 'If months are missing, ask here. The hub checks the records and computes the amounts; it goes on when you agree and the company approves.',
  },
  ask: { zh: '申请补缴缺少的月份', en: 'Ask to pay the missing months' },
  nothingToPay: { zh: '核对后没有发现需要补缴的月份。', en: 'No month was found that lacks money.' },
  inconclusive: {
    zh: '目前记录不完整，无法得出结论。请过几天再试，或联系公司人事。',
    en: 'The records are not complete now; nothing can be concluded. Try again in some days, or ask HR.',
  },
  alreadyAnswered: {
    zh: '这件事已经有了答复，您刚才的操作没有生效。',
    en: 'This was answered before; nothing was done now.',
  },
  changed: {
    zh: '内容已有变化，您刚才的操作没有生效。请重新阅读后再选择。',
    en: 'The content has changed, and nothing was done. Please read it again and choose.',
  },
  tooLate: { zh: '已过办理期限，无法再确认。', en: 'It is too late to apply; this cannot be confirmed any more.' },
  refusedMonths: {
    zh: '以下月份没有办成，社保机构或代理机构的说明：',
    en: 'These months were refused; the bureau or agency says:',
  },
  refusedWhy: { zh: '社保机构或代理机构的说明：', en: 'The bureau or agency says:' },
  noReason: { zh: '没有说明原因', en: 'no reason was given' },
  beingChecked: {
    zh: '公司人事正在核对金额，核对完成后会再请您确认。',
    en: 'HR is checking the amounts and will ask you then.',
  },
} as const satisfies Readonly<Record<string, Bilingual>>;

/** The way of a case that goes well, as the employee sees it. */
export const STEPS = ['asked', 'agreed', 'approved', 'submitted', 'accepted', 'paid', 'verified'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_WORDS: Readonly<Record<Step, Bilingual>> = {
  asked: { zh: '请您确认', en: 'You are asked' },
  agreed: { zh: '您已同意，等待公司审批', en: 'You agreed; the company approves' },
  approved: { zh: '公司已审批', en: 'The company approved' },
  submitted: { zh: '已提交办理', en: 'Submitted' },
  accepted: { zh: '已受理', en: 'Accepted' },
  paid: { zh: '已缴费', en: 'Paid' },
  verified: { zh: '社保记录已恢复正常', en: 'The bureau’s record shows it: normal' },
};

/** How far a state has come; null = it left the way, and `ENDED` says how. */
export const STEP_OF: Readonly<Record<CaseState, Step | null>> = {
  detected: null,
  proposed: null,
  'awaiting-employee': 'asked',
  confirmed: 'agreed',
  'awaiting-approval': 'agreed',
  returned: null,
  approved: 'approved',
  submitting: 'approved',
  submitted: 'submitted',
  accepted: 'accepted',
  'partially-accepted': 'accepted',
  paid: 'paid',
  verified: 'verified',
  closed: 'verified',
  declined: null,
  refused: null,
  expired: null,
  rejected: null,
  withdrawn: null,
  reopened: null,
};

export const ENDED: Readonly<Partial<Record<CaseState, Bilingual>>> = {
  declined: { zh: '您没有同意，此次补缴已结束。', en: 'You declined; this back-payment has ended.' },
  refused: { zh: '公司没有批准此次补缴。', en: 'The company did not approve this back-payment.' },
  expired: { zh: '已过期限，此次补缴已结束。', en: 'Its time is over; this back-payment has ended.' },
  rejected: { zh: '社保机构或代理机构没有受理，请联系公司人事。', en: 'The bureau or agency rejected it; ask HR.' },
  withdrawn: { zh: '此次补缴已撤销。', en: 'This back-payment was withdrawn.' },
};

export const CONTRIBUTION_WORDS: Readonly<Record<ContributionState, Bilingual>> = {
  paid: { zh: '已缴', en: 'paid' },
  unpaid: { zh: '未缴', en: 'unpaid' },
  partial: { zh: '部分缴纳', en: 'partly paid' },
  refunded: { zh: '已退', en: 'refunded' },
  'written-off': { zh: '已核销', en: 'written off' },
  unknown: { zh: '不明', en: 'unknown' },
};

export const PERSON_STATUS_WORDS: Readonly<Record<PersonStatus, Bilingual>> = {
  insured: { zh: '正常', en: 'normal' },
  gap: { zh: '断缴', en: 'gap' },
  'back-paying': { zh: '补缴中', en: 'back-payment under way' },
  stopped: { zh: '停保', en: 'stopped' },
  inconclusive: { zh: '待核实', en: 'to be verified' },
};
