/** Which identity number, name and phone does employee i have? Synthetic: area 000000 belongs to nobody; every number carries a right check character unless planted otherwise. */
import { residentCheckCharacter, type IdType } from '../../domain/identity-number.js';
import { dayNo, daysIn, monthNo, dayText } from './calendar.js';
import { draw } from './draw.js';
import { DRAW, type Life } from './life.js';

export interface Identity {
  readonly type: IdType;
  readonly number: string;
}

/** Birth days 1965-01-01 … 2002-12-31: a prime number of them, so that a fixed stride visits all before any repeats. */
const BIRTH_DAYS = 13_879;
const STRIDE = 5_237;
const AREAS: Readonly<Partial<Record<IdType, string>>> = {
  'resident-id': '000000',
  'hmt-residence-permit': '810000',
  'foreign-permanent-residence': '911344',
};

const BIRTH_TEXTS = birthTexts();

/** `index` is the employee, or the lower one of two who share a number. Unique per index up to 13.8 million. */
export function identityOf(life: Life, index: number): Identity {
  const type = typeOf(life);
  const birth =
    BIRTH_TEXTS[(index * STRIDE + (draw(life.seed, 0, DRAW.number) % BIRTH_DAYS)) % BIRTH_DAYS] ?? '19700101';
  const sequence = String(Math.floor(index / BIRTH_DAYS) + 1).padStart(3, '0');
  const first17 = `${AREAS[type] ?? '000000'}${birth}${sequence}`;
  const check = residentCheckCharacter(first17);
  return { type, number: first17 + (life.kind === 'invalid-number' ? wrongCheck(check) : check) };
}

const SURNAMES = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧';
const GIVEN = '伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉兰建国文辉力红志云飞鹏宇欣雨晨阳雪琳佳慧俊浩';

export function nameOf(life: Life): string {
  if (life.kind === 'li') return '李某';
  const drawn = draw(life.seed, life.index, DRAW.name);
  const given =
    GIVEN.charAt((drawn >>> 8) % GIVEN.length) + (drawn % 3 === 0 ? '' : GIVEN.charAt((drawn >>> 16) % GIVEN.length));
  return SURNAMES.charAt(drawn % SURNAMES.length) + given;
}

/** In the 190 00… range, eleven digits. */
export function mobileOf(life: Life): string {
  return `190${String(life.index % 100_000_000).padStart(8, '0')}`;
}

/** How one system writes the number: some write a small x, some full-width digits, some the old 15 digits. All mean the same. */
export function writtenNumber(life: Life, identity: Identity, style: 'payroll' | 'attendance'): string {
  const drawn = draw(life.seed, life.index, DRAW.number) % 200;
  if (style === 'payroll' && drawn < 100) return identity.number.toLowerCase();
  if (style === 'payroll' && drawn === 100) return fullWidth(identity.number);
  const old =
    style === 'attendance' && drawn === 101 && identity.type === 'resident-id' && life.kind !== 'invalid-number';
  return old && identity.number.slice(6, 8) === '19'
    ? identity.number.slice(0, 6) + identity.number.slice(8, 17)
    : identity.number;
}

function typeOf(life: Life): IdType {
  if (life.kind === 'hk-permit') return 'hmt-residence-permit';
  return life.kind === 'foreign-card' ? 'foreign-permanent-residence' : 'resident-id';
}

function wrongCheck(check: string): string {
  return check === '5' ? '6' : '5';
}

function fullWidth(number: string): string {
  return number.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}

function birthTexts(): readonly string[] {
  const texts: string[] = [];
  for (let month = monthNo(1965, 1); month < monthNo(2003, 1); month += 1) {
    for (let dayOfMonth = 1; dayOfMonth <= daysIn(month); dayOfMonth += 1)
      texts.push(dayText(dayNo(month, dayOfMonth), ''));
  }
  return texts;
}
