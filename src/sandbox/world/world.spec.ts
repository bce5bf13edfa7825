/** Facts about the sandbox's world: it is repeatable, everything is planted, and a few employees come out as worked by hand. */
import { parseIdentityNumber } from '../../domain/identity-number.js';
import { day } from '../../domain/month.js';
import { completeOptions, type SandboxOptions } from '../options.js';
import { Bases } from './bases.js';
import { OPEN_MONTH, WINDOW_FROM, dayNo, monthNo, monthOf } from './calendar.js';
import { KINDS, type Kind } from './discrepancies.js';
import {
  BEIJING,
  GUANGZHOU,
  HANGZHOU,
  MEDICAL,
  PENSION,
  SHANGHAI,
  SHENZHEN,
  UNEMPLOYMENT,
  employeeFen,
  employerFen,
  figuresOf,
  poolOf,
  type Branch,
} from './figures.js';
import { isFullMonth, lastJob, type Job, type Life } from './life.js';
import { amountsOf } from './postings.js';
import { earnsInYear, grossFen } from './wages.js';
import { World } from './world.js';
import { isAtAgency } from './orders.js';
import { workedIn } from './worked.js';

function worldOf(options: Partial<SandboxOptions> = {}): World {
  return new World(completeOptions({ employees: 1200, seed: 1, profile: 'demo', ...options }));
}

function livesOf(world: World): readonly Life[] {
  return Array.from({ length: world.employees }, (_, index) => world.lifeOf(index));
}

function countKinds(world: World): Map<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const life of livesOf(world)) counts.set(life.kind, (counts.get(life.kind) ?? 0) + 1);
  return counts;
}

function firstOf(world: World, kind: Kind): Life {
  const life = livesOf(world).find((candidate) => candidate.kind === kind);
  if (life === undefined) throw new Error(`Nobody is ${kind}.`);
  return life;
}

/** Somebody steady in a branch with a wage that is told here instead of drawn. */
function workerAt(branch: Branch, hired: number, startFen = 0): { life: Life; job: Job } {
  const job: Job = { branch, hired, left: 0, startFen };
  const life: Life = {
    seed: 1,
    index: 7,
    kind: 'none',
    jobs: [job],
    hukou: 'other',
    salaryFen: 1_000_000,
    flat: true,
    plantedMonth: 0,
    plantedInsurances: 7,
  };
  return { life, job };
}

describe('the world of a seed', () => {
  it('is the same every time it is asked, in any order', () => {
    const [one, two] = [worldOf(), worldOf()];
    for (const index of [1199, 0, 17, 400, 3]) {
      expect(one.lifeOf(index)).toEqual(two.lifeOf(index));
      expect(one.postingsOf(one.lifeOf(index))).toEqual(two.postingsOf(two.lifeOf(index)));
    }
  });

  it('is another one for another seed', () => {
    const wagesOf = (seed: number): readonly number[] =>
      livesOf(worldOf({ seed, employees: 50 })).map((life) => life.salaryFen);
    expect(wagesOf(1)).not.toEqual(wagesOf(2));
  });

  it.each([1, 2, 2023])('holds every kind at least twice among 1,200 employees of the demo, seed %i', (seed) => {
    const counts = countKinds(worldOf({ seed }));
    for (const kind of KINDS) if (kind !== 'li') expect([kind, (counts.get(kind) ?? 0) >= 2]).toEqual([kind, true]);
  });

  it('plants something on about 8 % in the bench profile', () => {
    const harmless: readonly Kind[] = [
      'none',
      'leaver',
      'joiner',
      'joiner-march',
      'newcomer',
      'transfer',
      'rehire',
      'rehire-covered',
      'hk-permit',
      'foreign-card',
      'revised-payslips',
      'duplicate-rows',
      'refund-supplement',
      'absent-from-attendance',
    ];
    const counts = countKinds(worldOf({ profile: 'bench', employees: 4000 }));
    const planted = 4000 - harmless.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0);
    expect(planted / 4000).toBeGreaterThan(0.06);
    expect(planted / 4000).toBeLessThan(0.1);
  });

  it('gives everybody a valid number of his own, except one shared by each pair and one wrong by intention', () => {
    const world = worldOf();
    const numbers = new Map<string, number>();
    for (const life of livesOf(world)) {
      const { type, number } = world.identityOf(life);
      const parsed = parseIdentityNumber(number, type);
      expect([life.index, parsed.ok]).toEqual([life.index, life.kind !== 'invalid-number']);
      numbers.set(number, (numbers.get(number) ?? 0) + 1);
    }
    const shared = [...numbers.values()].filter((count) => count > 1);
    expect(shared).toEqual([2, 2, 2]);
    expect(livesOf(world).filter((life) => life.kind === 'twin')).toHaveLength(6);
  });

  it('shows about a third of the employees to the agency', () => {
    const known = livesOf(worldOf()).filter(isAtAgency).length / 1200;
    expect(known).toBeGreaterThan(0.3);
    expect(known).toBeLessThan(0.42);
  });

  it('pays wages under every floor and over every cap', () => {
    const salaries = livesOf(worldOf()).map((life) => life.salaryFen);
    expect(Math.min(...salaries)).toBeLessThan(350_000);
    expect(Math.max(...salaries)).toBeGreaterThan(5_500_000);
  });
});

describe('who came lately', () => {
  it('earns exactly the agreed wage in the first full month', () => {
    const newcomers = livesOf(worldOf()).filter((life) => life.kind === 'newcomer' || life.kind === 'joiner');
    for (const life of newcomers) {
      const job = lastJob(life);
      let month = monthOf(job.hired);
      while (!isFullMonth(job, month)) month += 1;
      if (month < OPEN_MONTH) expect([life.index, grossFen(life, month)]).toEqual([life.index, job.startFen]);
    }
  });

  it('has no wage yet when hired in the open month, and no base may be written', () => {
    const world = worldOf();
    const life = firstOf(world, 'joiner-march');
    expect(earnsInYear(life, 2023)).toBe(false);
    expect(world.truthOf(life).bases).toBeNull();
  });
});

describe('the base of a month', () => {
  it('is the average of 2021 in Beijing until June 2023, to the fen', () => {
    const { life, job } = workerAt(BEIJING, dayNo(monthNo(2019, 5), 6));
    const bases = new Bases(life, (month) => (month === monthNo(2021, 12) ? 1_500_007 : 1_000_000));
    expect(bases.baseFen(job, PENSION, WINDOW_FROM)).toBe(1_041_667);
    expect(bases.baseFen(job, PENSION, OPEN_MONTH)).toBe(1_041_667);
  });

  it('stays on 5,869 below the floor and on 31,884 above the cap of Beijing', () => {
    const { life, job } = workerAt(BEIJING, dayNo(monthNo(2019, 5), 6));
    expect(new Bases(life, () => 400_000).baseFen(job, MEDICAL, OPEN_MONTH)).toBe(586_900);
    expect(new Bases(life, () => 5_000_000).baseFen(job, MEDICAL, OPEN_MONTH)).toBe(3_188_400);
  });

  it('leaves 25,000 at 25,000: a cap of 31,884 is no base', () => {
    const { life, job } = workerAt(BEIJING, dayNo(monthNo(2019, 5), 6));
    expect(new Bases(life, () => 2_500_000).baseFen(job, PENSION, OPEN_MONTH)).toBe(2_500_000);
  });

  it('turns to the average of 2022 in January in Hangzhou, and for medical insurance in Guangzhou only', () => {
    const yearly = (month: number): number => (month < monthNo(2022, 1) ? 1_000_000 : 1_200_000);
    const hangzhou = workerAt(HANGZHOU, dayNo(monthNo(2019, 5), 6));
    const bases = new Bases(hangzhou.life, yearly);
    expect([
      bases.baseFen(hangzhou.job, PENSION, monthNo(2022, 12)),
      bases.baseFen(hangzhou.job, PENSION, monthNo(2023, 1)),
    ]).toEqual([1_000_000, 1_200_000]);
    const guangzhou = workerAt(GUANGZHOU, dayNo(monthNo(2019, 5), 6));
    const current = new Bases(guangzhou.life, yearly);
    expect([
      current.baseFen(guangzhou.job, PENSION, OPEN_MONTH),
      current.baseFen(guangzhou.job, MEDICAL, OPEN_MONTH),
    ]).toEqual([1_000_000, 1_200_000]);
  });

  it("is last month's wage in Shenzhen, and 2,360 for unemployment whatever the wage", () => {
    const { life, job } = workerAt(SHENZHEN, dayNo(monthNo(2019, 5), 6));
    const bases = new Bases(life, (month) => (month === monthNo(2022, 12) ? 1_999_999 : 1_000_000));
    expect(bases.baseFen(job, PENSION, monthNo(2023, 1))).toBe(1_999_999);
    expect(bases.baseFen(job, PENSION, monthNo(2023, 2))).toBe(1_000_000);
    expect(bases.baseFen(job, UNEMPLOYMENT, monthNo(2023, 2))).toBe(236_000);
  });

  it("is the first full month's wage for who had none in the base year", () => {
    const { life, job } = workerAt(SHANGHAI, dayNo(monthNo(2022, 10), 12), 900_000);
    const bases = new Bases(life, (month) =>
      month < monthNo(2022, 10) ? 0 : month === monthNo(2022, 10) ? 500_000 : 950_000,
    );
    expect(bases.baseFen(job, PENSION, monthNo(2023, 2))).toBe(950_000);
  });
});

describe('amounts', () => {
  it('are 1,440.00 and 360.00 of 18,000 in Shenzhen, with 2,520.00 and 936.00 from the employer', () => {
    const pension = figuresOf(poolOf(SHENZHEN, 'other'), PENSION, monthNo(2023, 1));
    const medical = figuresOf(poolOf(SHENZHEN, 'other'), MEDICAL, monthNo(2023, 1));
    expect([employeeFen(1_800_000, pension), employerFen(1_800_000, pension)]).toEqual([144_000, 252_000]);
    expect([employeeFen(1_800_000, medical), employerFen(1_800_000, medical)]).toEqual([36_000, 93_600]);
  });

  it('cost local residents of Shenzhen the same, their employer one percent more', () => {
    const pension = figuresOf(poolOf(SHENZHEN, 'local'), PENSION, monthNo(2023, 1));
    expect([employeeFen(1_800_000, pension), employerFen(1_800_000, pension)]).toEqual([144_000, 270_000]);
  });

  it('add three yuan to the employee of Beijing and round half a fen up', () => {
    expect(employeeFen(1_000_025, figuresOf(poolOf(BEIJING, 'other'), MEDICAL, WINDOW_FROM))).toBe(20_301);
  });

  it('are off by less than a yuan where that is planted, and nowhere else', () => {
    const world = worldOf();
    const life = firstOf(world, 'amount');
    const off = world.postingsOf(life).filter((posting) => posting.offFen !== 0);
    expect(off).toHaveLength(1);
    for (const posting of off) {
      const right = amountsOf(life, world.chargedBases(life), { ...posting, offFen: 0 });
      expect(amountsOf(life, world.chargedBases(life), posting).employeeFen - right.employeeFen).toBe(posting.offFen);
    }
    expect(world.postingsOf(world.lifeOf(0)).every((posting) => posting.offFen === 0)).toBe(true);
  });
});

describe('Li', () => {
  const world = worldOf();
  const li = world.lifeOf(0);

  it('was hired in Shenzhen on 6 March 2023 at 18,000', () => {
    expect(li.jobs).toEqual([{ branch: SHENZHEN, hired: dayNo(OPEN_MONTH, 6), left: 0, startFen: 1_800_000 }]);
  });

  it('paid for himself in every month but January 2023', () => {
    const postings = world.postingsOf(li).filter((posting) => posting.insurance === PENSION);
    expect(postings.map((posting) => [posting.month - WINDOW_FROM, posting.payer])).toEqual([
      [0, 'self'],
      [1, 'self'],
      [2, 'self'],
      [3, 'self'],
      [5, 'self'],
    ]);
  });

  it('has a gap that payroll does not show', () => {
    expect(world.truthOf(li).status).toBe('gap');
    expect(world.shownStatus(li, 'payroll')).toBe('insured');
  });
});

describe('the true status', () => {
  const world = worldOf();
  const statusOf = (kind: Kind): string => world.truthOf(firstOf(world, kind)).status;

  it.each([
    ['gap', 'gap'],
    ['gap-one-insurance', 'gap'],
    ['gap-before-hire', 'gap'],
    ['gap-before-hire-march', 'gap'],
    ['withheld-not-remitted', 'gap'],
    ['back-payment-failed', 'gap'],
    ['back-payment-partial', 'gap'],
    ['back-payment-pending', 'back-paying'],
    ['gap-suspected', 'insured'],
    ['finished-order', 'insured'],
    ['double-coverage', 'insured'],
    ['refund-supplement', 'insured'],
    ['transfer', 'insured'],
    ['rehire-covered', 'insured'],
    ['leaver', 'stopped'],
    ['paid-not-due', 'stopped'],
    ['conflict', 'stopped'],
  ] as const)('of %s is %s', (kind, status) => {
    expect(statusOf(kind)).toBe(status);
  });

  it('of a missing February is a gap once its filing has ended on the 25th', () => {
    const late = worldOf({ asOf: day('2023-03-28') });
    expect(late.truthOf(firstOf(late, 'gap-suspected')).status).toBe('gap');
  });

  it('follows a posting made while the world runs', () => {
    const changed = worldOf();
    const life = firstOf(changed, 'gap-one-insurance');
    const insurance = ([0, 1, 2] as const).find((number) => (life.plantedInsurances & (1 << number)) !== 0) ?? 0;
    changed.addPosting(life.index, { month: WINDOW_FROM + life.plantedMonth, insurance });
    expect(changed.truthOf(life).status).toBe('insured');
    changed.reset();
    expect(changed.truthOf(life).status).toBe('gap');
  });

  it('of the base follows a changed wage of February in Shenzhen, and leaves what the bureau charged', () => {
    const changed = worldOf();
    const life = livesOf(changed).find((one) => one.kind === 'none' && lastJob(one).branch === SHENZHEN);
    if (life === undefined) throw new Error('Nobody is steady in Shenzhen.');
    changed.changeWage(life.index, monthNo(2023, 2), 1_234_567);
    expect(changed.truthOf(life).bases?.[PENSION]).toBe(1_234_567);
    expect(changed.declaredBases(life)[PENSION]).toBe(changed.chargedBases(life).current()[PENSION]);
    expect(changed.declaredBases(life)[PENSION]).not.toBe(1_234_567);
  });
});

describe('the conflict story', () => {
  it('shows at least ten worked days in a closed month after the last day payroll knows', () => {
    const world = worldOf();
    const life = firstOf(world, 'conflict');
    const after = workedIn(life, monthOf(lastJob(life).left) + 1);
    expect(after?.workedHundredths).toBeGreaterThanOrEqual(1000);
  });
});
