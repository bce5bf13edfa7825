/** How events read for people, in Chinese and in English: HR is told what to look at, an employee what concerns them. No names, no amounts. */
import type { FindingSituation } from '../domain/situation.js';
import { SITUATION_NAMES } from '../domain/situation-names.js';
import type { NotifyLanguage } from '../platform/config/notify.schema.js';
import type { CaseData, CaseDueData, EventBody, FindingsData, StuckData } from './event-data.js';

export interface MessageText {
  readonly title: string;
  readonly body: string;
}

/** For whom: HR and operators, or the employee whom the event is about, with the address of his page where he is asked something. */
export type Audience = 'hr' | { readonly pageLink: string | null };

interface Wording {
  readonly zh: string;
  readonly en: string;
}

/** `title` and `body` may not hold anything that came from outside but ids, codes and the link. */
export function messageText(event: EventBody, language: NotifyLanguage, audience: Audience): MessageText {
  const [title, body] = audience === 'hr' ? forHr(event) : forEmployee(event, audience.pageLink);
  return language === 'en' ? { title: title.en, body: body.en } : { title: title.zh, body: body.zh };
}

type Text = readonly [title: Wording, body: Wording];

function forHr(event: EventBody): Text {
  switch (event.type) {
    case 'run.completed': {
      const { asOf, state, operations, runId } = event.data;
      const how = RUN_STATES[state] ?? { zh: state, en: state };
      return [
        { zh: '社保核对已完成', en: 'Reconciliation finished' },
        {
          zh: `${asOf} 的全量核对${how.zh}，计划推送 ${operations} 项更正。\n运行编号：${runId}`,
          en: `The full run as of ${asOf} ${how.en}; ${operations} corrections are planned.\nRun: ${runId}`,
        },
      ];
    }
    case 'run.suspended': {
      const { reasons, operations, planId } = event.data;
      return [
        { zh: '推送已被暂停，等待审批', en: 'A plan waits for approval' },
        {
          zh: `计划超出限额（${reasons.join('、')}），共 ${operations} 项更正未发出。请由发起人以外的同事核对后批准或驳回：\nbuduan plan show ${planId}`,
          en: `The plan is beyond its limits (${reasons.join(', ')}); ${operations} corrections were not sent. Somebody other than who started it has to approve or reject it:\nbuduan plan show ${planId}`,
        },
      ];
    }
    case 'finding.opened':
      return [
        { zh: '发现新的社保异常', en: 'New findings' },
        {
          zh: `新增 ${event.data.findings} 项异常，涉及 ${event.data.persons} 人：${situations(event.data, 'zh')}。\n查看：buduan findings`,
          en: `${event.data.findings} new findings about ${event.data.persons} persons: ${situations(event.data, 'en')}.\nSee: buduan findings`,
        },
      ];
    case 'finding.closed':
      return [
        { zh: '社保异常已消除', en: 'Findings closed' },
        {
          zh: `${event.data.findings} 项异常已由数据证实消除，涉及 ${event.data.persons} 人：${situations(event.data, 'zh')}。`,
          en: `The data show that ${event.data.findings} findings about ${event.data.persons} persons are gone: ${situations(event.data, 'en')}.`,
        },
      ];
    case 'operation.dead':
      return [
        { zh: '有更正需要人工处理', en: 'Corrections need a person' },
        {
          zh: `连接 ${event.data.connectionId} 有 ${event.data.operations} 项更正未能送达（${codes(event.data)}）。\n查看：buduan dead-letters`,
          en: `${event.data.operations} corrections for ${event.data.connectionId} did not get through (${codes(event.data)}).\nSee: buduan dead-letters`,
        },
      ];
    case 'connection.down':
      return [
        { zh: '系统连接中断', en: 'A system does not answer' },
        {
          zh: `连接 ${event.data.connectionId} 无法访问${reason(event.data.reason)}，恢复前相关更正会排队等待。`,
          en: `Connection ${event.data.connectionId} cannot be reached${reason(event.data.reason)}; its corrections wait until it can.`,
        },
      ];
    case 'connection.up':
      return [
        { zh: '系统连接已恢复', en: 'A system answers again' },
        {
          zh: `连接 ${event.data.connectionId} 已恢复，排队的更正将继续发送。`,
          en: `Connection ${event.data.connectionId} answers again; what waited for it is being sent.`,
        },
      ];
    default:
      return 'due' in event.data ? dueForHr(event.data) : caseForHr(event.data);
  }
}

function caseForHr({ caseId, to }: CaseData): Text {
  const state = caseState(to);
  return [
    { zh: `补缴案件：${state.zh}`, en: `Back-payment case: ${state.en}` },
    { zh: `案件编号：${caseId}\n当前状态：${state.zh}`, en: `Case: ${caseId}\nState: ${state.en}` },
  ];
}

function dueForHr({ caseId, due, day, state: at }: CaseDueData): Text {
  const state = caseState(at);
  const [title, zh, en] = (due === 'silence' && at === 'paid' ? NOT_SHOWN : DUE_TEXTS[due])(day ?? '?');
  return [
    title,
    {
      zh: `${zh}\n案件编号：${caseId}\n当前状态：${state.zh}\n查看：buduan case show ${caseId}`,
      en: `${en}\nCase: ${caseId}\nState: ${state.en}\nSee: buduan case show ${caseId}`,
    },
  ];
}

const DUE_TEXTS: Readonly<Record<CaseDueData['due'], (day: string) => readonly [Wording, zh: string, en: string]>> = {
  answer: (day) => [
    { zh: '补缴案件：员工尚未答复', en: 'Back-payment case: no answer yet' },
    `员工最迟须在 ${day} 前答复。`,
    `The employee's answer is due by ${day}.`,
  ],
  application: (day) => [
    { zh: '补缴案件：申请期限将至', en: 'Back-payment case: the last day comes near' },
    `最后申请日为 ${day}，逾期将无法办理。`,
    `The last day to apply is ${day}; afterwards it cannot be done.`,
  ],
  silence: (day) => [
    { zh: '补缴案件：办理机构无回音', en: 'Back-payment case: nothing was heard' },
    `自 ${day} 提交申请以来没有任何回音，请向经办机构或代理机构查询。`,
    `Nothing was heard since the application of ${day}; please ask the bureau or agency.`,
  ],
};

/** Said to be paid, and not in the books. */
const NOT_SHOWN: (typeof DUE_TEXTS)['silence'] = (day) => [
  { zh: '补缴案件：缴费记录未显示', en: 'Back-payment case: the books do not show it' },
  `${day} 提交的申请已被告知缴纳，但社保记录至今没有显示，请向经办机构或代理机构查询。`,
  `The application of ${day} was said to be paid, and the bureau's books do not show it yet; please ask the bureau or agency.`,
];

/** Employees are told of their own case alone. */
function forEmployee(event: EventBody, pageLink: string | null): Text {
  if (!('caseId' in event.data)) return forHr(event);
  if ('due' in event.data) return answerDue(event.data, pageLink);
  const { caseId, from, to } = event.data;
  const state = caseState(to);
  if (to === 'awaiting-employee')
    return [
      { zh: '您有一项社保补缴待确认', en: 'A back-payment needs your confirmation' },
      {
        zh: `公司发现您的社保缴费记录有中断，拟为您办理补缴。${where(pageLink).zh}\n案件编号：${caseId}`,
        en: `Your social-insurance record has a gap, and your company proposes to pay it back. ${where(pageLink).en}\nCase: ${caseId}`,
      },
    ];
  if (to === 'verified')
    return [
      { zh: '您的社保补缴已到账', en: 'Your back-payment has arrived' },
      {
        zh: `社保经办机构的记录已显示您补缴的月份。\n案件编号：${caseId}`,
        en: `The bureau's record now shows the months that were paid back.\nCase: ${caseId}`,
      },
    ];
  if (to === 'reopened')
    return [
      { zh: '您的社保补缴需要重新办理', en: 'Your back-payment has to be done again' },
      from === 'paid'
        ? {
            zh: `此前告知已缴纳的补缴没有成功，公司正在核对，需要您确认时会再通知您。\n案件编号：${caseId}`,
            en: `The back-payment that was said to be paid did not succeed. Your company is checking it and will ask you where needed.\nCase: ${caseId}`,
          }
        : {
            zh: `社保经办机构的记录不再显示您已补缴的月份，公司正在核对，需要您确认时会再通知您。\n案件编号：${caseId}`,
            en: `The bureau's record does not show the months any more that were paid back. Your company is checking it and will ask you where needed.\nCase: ${caseId}`,
          },
    ];
  return [
    { zh: '您的社保补缴有新进展', en: 'News of your back-payment' },
    { zh: `当前状态：${state.zh}\n案件编号：${caseId}`, en: `State: ${state.en}\nCase: ${caseId}` },
  ];
}

function answerDue({ caseId, day }: CaseDueData, pageLink: string | null): Text {
  return [
    { zh: '请尽快确认您的社保补缴', en: 'Your answer about a back-payment is due' },
    {
      zh: `请最迟于 ${day ?? '?'} 前答复，逾期公司将无法为您办理。${where(pageLink).zh}\n案件编号：${caseId}`,
      en: `Please answer by ${day ?? '?'}; afterwards your company cannot apply for you. ${where(pageLink).en}\nCase: ${caseId}`,
    },
  ];
}

/** The second factor stands in the page; the message says nothing that helps a stranger. */
function where(pageLink: string | null): Wording {
  if (pageLink === null)
    return {
      zh: '请通过公司发给您的确认链接查看明细并确认，或联系人事部门。',
      en: 'Please look at the details and confirm through the link you were given, or ask HR.',
    };
  return {
    zh: `请打开下面的链接查看明细并确认；链接仅供您本人使用，请勿转发：\n${pageLink}`,
    en: `Please look at the details and confirm here; the link is for you alone, do not pass it on:\n${pageLink}`,
  };
}

const RUN_STATES: Readonly<Record<string, Wording>> = {
  succeeded: { zh: '已完成', en: 'is complete' },
  partial: { zh: '已完成，但部分数据未读全', en: 'is complete, but not everything could be read' },
  failed: { zh: '未能读取数据', en: 'could not read anything' },
  cancelled: { zh: '的计划已被驳回', en: 'was finished; its plan was rejected' },
};

/** The states of a case that people hear of; another one is told as it is called. */
const CASE_STATES: Readonly<Record<string, Wording>> = {
  detected: { zh: '已发现', en: 'detected' },
  proposed: { zh: '已提出', en: 'proposed' },
  'awaiting-employee': { zh: '等待员工确认', en: 'waits for the employee' },
  confirmed: { zh: '员工已确认', en: 'confirmed by the employee' },
  declined: { zh: '员工已拒绝', en: 'declined by the employee' },
  expired: { zh: '已过期', en: 'expired' },
  'awaiting-approval': { zh: '等待审批', en: 'waits for approval' },
  approved: { zh: '已批准', en: 'approved' },
  returned: { zh: '已退回', en: 'returned' },
  refused: { zh: '审批未通过', en: 'refused' },
  submitting: { zh: '提交中', en: 'being submitted' },
  submitted: { zh: '已提交', en: 'submitted' },
  accepted: { zh: '已受理', en: 'accepted' },
  'partially-accepted': { zh: '部分受理', en: 'partially accepted' },
  rejected: { zh: '办理机构已驳回', en: 'rejected by the bureau or agency' },
  paid: { zh: '已缴纳', en: 'paid' },
  verified: { zh: '已核实', en: 'verified' },
  closed: { zh: '已结案', en: 'closed' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
  reopened: { zh: '已重新打开', en: 'reopened' },
};

/** In words; a state that nobody named is told as it is called. */
export function caseState(state: string): Wording {
  return CASE_STATES[state] ?? { zh: state, en: state };
}

function situations({ bySituation }: FindingsData, language: 'zh' | 'en'): string {
  const parts = Object.entries(bySituation).map(([situation, count]) => {
    const name = SITUATION_NAMES[situation as FindingSituation];
    return language === 'zh' ? `${name.zh} ${count} 项` : `${count} × ${name.en}`;
  });
  return parts.join(language === 'zh' ? '、' : ', ');
}

function codes({ byCode }: StuckData): string {
  return Object.entries(byCode)
    .map(([code, count]) => `${code} × ${count}`)
    .join(', ');
}

function reason(code: string | null): string {
  return code === null ? '' : ` (${code})`;
}
