/** Which identity numbers the hub takes for a person, and that no slip of a finger passes. */
import fc from 'fast-check';
import {
  type IdType,
  foldIdentityText,
  maskIdentityNumber,
  parseIdentityNumber,
  residentCheckCharacter,
} from './identity-number.js';
import { addDays, day } from './month.js';

const twoDigits = (value: number): string => String(value).padStart(2, '0');
const birthDay = fc
  .integer({ min: 0, max: 50_000 })
  .map((days) => addDays(day('1900-01-01'), days).replaceAll('-', ''));
const area = fc
  .tuple(fc.integer({ min: 11, max: 65 }), fc.integer({ min: 0, max: 9999 }))
  .map(([province, rest]) => `${province}${String(rest).padStart(4, '0')}`);
const resident = fc.tuple(area, birthDay, fc.integer({ min: 0, max: 999 })).map(([place, born, serial]) => {
  const first17 = `${place}${born}${String(serial).padStart(3, '0')}`;
  return `${first17}${residentCheckCharacter(first17)}`;
});

function numberOf(raw: unknown, type?: IdType): string | null {
  const parsed = parseIdentityNumber(raw, type);
  return parsed.ok ? `${parsed.identity.type} ${parsed.identity.number}` : null;
}

function reasonOf(raw: unknown, type?: IdType): string | null {
  const parsed = parseIdentityNumber(raw, type);
  return parsed.ok ? null : parsed.reason;
}

describe('a resident identity number', () => {
  it('fits the published vectors', () => {
    expect(numberOf('34052419800101001X')).toBe('resident-id 34052419800101001X');
    expect(reasonOf('340524198001010013')).toBe('check-character');
    expect(numberOf('610104620927690')).toBe('resident-id 610104196209276908');
    expect(numberOf('610122198310134420')).toBe('resident-id 610122198310134420');
  });

  it('is taken with any area, day and serial that make a right check character', () => {
    fc.assert(fc.property(resident, (number) => numberOf(number) === `resident-id ${number}`));
  });

  it('is refused with any one character replaced', () => {
    fc.assert(
      fc.property(resident, fc.nat({ max: 17 }), fc.constantFrom(...'0123456789X'), (number, at, other) => {
        fc.pre(number[at] !== other);
        return (
          numberOf(`${number.slice(0, at)}${other}${number.slice(at + 1)}`) !== `resident-id ${number}` &&
          numberOf(`${number.slice(0, at)}${other}${number.slice(at + 1)}`) === null
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused with any two neighbours exchanged', () => {
    fc.assert(
      fc.property(resident, fc.nat({ max: 16 }), (number, at) => {
        fc.pre(number[at] !== number[at + 1]);
        return numberOf(`${number.slice(0, at)}${number[at + 1]}${number[at]}${number.slice(at + 2)}`) === null;
      }),
      { numRuns: 3000 },
    );
  });

  it('is recognised in full width, in lower case, with blanks, hyphens and invisible marks', () => {
    for (const raw of [
      '３４０５２４１９８００１０１００１Ｘ',
      '34052419800101001x',
      ' 340524 19800101 001X ',
      '340524-19800101-001X',
      '\uFEFF34052419800101001X\u200B',
      "'34052419800101001X",
      '34052419800101001ｘ',
    ]) {
      expect(numberOf(raw)).toBe('resident-id 34052419800101001X');
    }
  });

  it('of fifteen digits becomes the eighteen of the same person', () => {
    fc.assert(
      fc.property(
        area,
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 28 }),
        (place, year, at, born) => {
          const old = `${place}${twoDigits(year)}${twoDigits(at)}${twoDigits(born)}123`;
          const parsed = parseIdentityNumber(old);
          return (
            parsed.ok &&
            parsed.identity.number.length === 18 &&
            parsed.identity.number.startsWith(`${place}19${twoDigits(year)}`) &&
            numberOf(parsed.identity.number) !== null
          );
        },
      ),
    );
    expect(reasonOf('610104620931690')).toBe('birth-date');
  });

  it('that arrives as a number is refused: eighteen digits do not survive it', () => {
    expect(reasonOf(610122198310134420)).toBe('not-a-string');
    expect([reasonOf(null), reasonOf(undefined), reasonOf(['34052419800101001X']), reasonOf(610104620927690)]).toEqual(
      Array(4).fill('not-a-string'),
    );
  });

  it.each([
    ['', 'empty'],
    ['  \u200B ', 'empty'],
    ['3405241980010100', 'shape'],
    ['34052419800101001XX', 'shape'],
    ['3405241980010100X1', 'shape'],
    ['340524198002300015', 'birth-date'],
    ['340524198013010015', 'birth-date'],
    ['1.10101E+17', 'shape'],
    ['无', 'shape'],
  ])('%p is refused: %s', (raw, reason) => {
    expect(reasonOf(raw)).toBe(reason);
  });
});

describe('other documents', () => {
  it('of residents of Hong Kong, Macao and Taiwan follow the same check', () => {
    for (const number of ['810000199408230021', '830000199201300022']) {
      expect(numberOf(number)).toBe(`hmt-residence-permit ${number}`);
      expect(numberOf(number, 'hmt-residence-permit')).toBe(`hmt-residence-permit ${number}`);
      expect(numberOf(`${number.slice(0, 17)}${number[17] === '1' ? '3' : '1'}`)).toBeNull();
    }
    expect(reasonOf('34052419800101001X', 'hmt-residence-permit')).toBe('shape');
  });

  it('of foreigners are the old card of fifteen characters and the new one of eighteen', () => {
    expect(numberOf('KAZ110090123105')).toBe('foreign-permanent-residence KAZ110090123105');
    expect(numberOf('kaz110090123105')).toBe('foreign-permanent-residence KAZ110090123105');
    expect(reasonOf('KAZ110090123104')).toBe('check-character');
    expect(reasonOf('KAZ110090133105')).toBe('birth-date');
    const first17 = '91184019850612001';
    expect(numberOf(`${first17}${residentCheckCharacter(first17)}`)).toBe(
      `foreign-permanent-residence ${first17}${residentCheckCharacter(first17)}`,
    );
    expect(reasonOf(`${first17}${residentCheckCharacter(first17)}`, 'resident-id')).toBe('shape');
  });

  it('are passports only where they have the shape of one', () => {
    expect([numberOf('E12345678'), numberOf('e 12345678'), numberOf('123456789', 'passport')]).toEqual([
      'passport E12345678',
      'passport E12345678',
      'passport 123456789',
    ]);
    expect([reasonOf('123456789'), reasonOf('ABCDEFGH'), reasonOf('E1'), reasonOf('E123456789012345678')]).toEqual([
      'shape',
      'shape',
      'shape',
      'shape',
    ]);
  });
});

describe('showing a number', () => {
  it('shows the first and last four of long ones, one each of short ones, and keeps the length', () => {
    expect(maskIdentityNumber('34052419800101001X')).toBe('3405**********001X');
    expect([
      maskIdentityNumber('E1234567'),
      maskIdentityNumber('AB'),
      maskIdentityNumber('A'),
      maskIdentityNumber(''),
    ]).toEqual(['E******7', 'A*', '*', '']);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9A-Z]{1,20}$/),
        (number) => maskIdentityNumber(number).length === number.length && maskIdentityNumber(number) !== number,
      ),
    );
  });

  it('is not changed by folding once it is folded', () => {
    fc.assert(fc.property(fc.stringMatching(/^[0-9A-Z]{0,20}$/), (number) => foldIdentityText(number) === number));
    expect(foldIdentityText('ı１２ａ')).toBe('ı12A');
  });
});
