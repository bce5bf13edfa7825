import { month } from '../../domain/month.js';
import { textOf } from './html.js';
import { type CasePage, type Frame, casePage } from './pages.js';

const FRAME: Omit<Frame, 'language'> = { companyName: 'ACME', path: '/e/x', here: '/e/x', notice: null };
const WORDS = '材料不全 <img src=x onerror=alert(1)> "合同"';
const SHOWN: CasePage = { state: 'rejected', statement: null, mark: null, refusal: WORDS, refused: [] };

function page(language: Frame['language'], shown: Partial<CasePage> = {}): string {
  return textOf(casePage({ ...FRAME, language }, { ...SHOWN, ...shown }));
}

describe('the page of a case that bureau or agency refused', () => {
  it.each([
    ['zh', '社保机构或代理机构的说明：'],
    ['en', 'The bureau or agency says:'],
  ] as const)('says why in their words, escaped (%s)', (language, says) => {
    const shown = page(language);
    expect(shown).toContain(`${says} 材料不全 &lt;img src=x onerror=alert(1)&gt; &quot;合同&quot;`);
    expect(shown).not.toContain('<img');
  });

  it.each([
    ['zh', ['2023年1月 医疗: 材料不全', '2023年2月 养老: 没有说明原因']],
    ['en', ['2023-01 medical: 材料不全', '2023-02 pension: no reason was given']],
  ] as const)('names each refused month of a case that goes on (%s)', (language, lines) => {
    const shown = page(language, {
      state: 'partially-accepted',
      refused: [
        { month: month('2023-01'), insurance: 'medical', reason: '材料不全' },
        { month: month('2023-02'), insurance: 'pension', reason: null },
      ],
    });
    const found = [...shown.matchAll(/<li>([^<]+: [^<]+)<\/li>/g)].map(([, text]) => text);
    expect(found.slice(0, lines.length)).toEqual(lines);
  });

  it('says nothing of a refusal where there was none', () => {
    expect(page('zh', { state: 'submitted', refusal: null })).not.toContain('说明');
  });
});
