/** That every state of a back-payment case has a text of its own. */
import { CASE_STATES } from '../../src/backpay/case-states.js';
import { messageText } from '../../src/notify/message-texts.js';

const moved = (to: string) => ({
  type: `case.${to}` as const,
  data: { tenantId: 'company-a', caseId: 'CASE', personId: 'PERSON', from: null, to },
});

it.each(CASE_STATES)('"%s" is told in words, not by its code', (state) => {
  const zh = messageText(moved(state), 'zh-CN', 'hr');
  expect(zh.title).toMatch(/^补缴案件：[\u4e00-\u9fff]+$/);
  expect(zh.body).not.toContain(state);
});

it('no two states read alike', () => {
  for (const language of ['zh-CN', 'en'] as const)
    expect(new Set(CASE_STATES.map((state) => messageText(moved(state), language, 'hr').title)).size).toBe(
      CASE_STATES.length,
    );
});
