import fc from 'fast-check';
import { LONGEST_FOREIGN_WORDS, cleanForeignWords } from './foreign-words.js';

const NUMBER = '11010519491231002X';

describe('words from outside', () => {
  it.each([
    ['材料不全：缺少劳动合同', '材料不全：缺少劳动合同'],
    ['  two\r\n\tlines\u2028and more ', 'two lines and more'],
    ['bell\u0007 escape\u001B[31m null\u0000', 'bell escape [31m null'],
    ['turned \u202Egnp.exe\u202C and joined\u200B\uFEFF', 'turned gnp.exe and joined'],
    [`证件号码 ${NUMBER} 不符`, '证件号码 1101**********002X 不符'],
    [`split ${NUMBER.slice(0, 6)}\u200B${NUMBER.slice(6)}`, 'split 1101**********002X'],
    ['<b>&amp;</b>', '<b>&amp;</b>'],
  ])('%j become %j', (text, clean) => {
    expect(cleanForeignWords(text)).toBe(clean);
  });

  it.each(['', ' \t\n', '\u200B\u0000'])('that say nothing (%j) are none', (text) => {
    expect(cleanForeignWords(text)).toBeNull();
  });

  it('are cut at a whole character', () => {
    const long = cleanForeignWords('😀'.repeat(LONGEST_FOREIGN_WORDS + 1)) ?? '';
    expect([...long]).toHaveLength(LONGEST_FOREIGN_WORDS);
    expect(long.endsWith('😀…')).toBe(true);
  });

  it('are short, on one line and the same when cleaned again, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const clean = cleanForeignWords(text);
        if (clean === null) return;
        expect([...clean].length).toBeLessThanOrEqual(LONGEST_FOREIGN_WORDS);
        expect(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(clean)).toBe(false);
        expect(cleanForeignWords(clean)).toBe(clean);
      }),
    );
  });
});
