/** How far do the systems agree with the truth now? One pass over all employees and the recorded writes. */
import { nameOf, objectsOf, type Ledger, type WriteObject, type WriteSystem } from './ledger.js';
import type { World } from './world/world.js';

export interface Tally {
  /** Objects that need or needed a correction. */
  expected: number;
  /** … and show the right value by an accepted write. */
  ok: number;
  /** … and do not show it yet. */
  missing: number;
  /** Objects that were ever given a value nobody expected. */
  wrong: number;
  /** Writes to objects that expect none. */
  extra: number;
  /** Accepted writes repeated with the same value after it had taken effect. */
  duplicated: number;
  /** The same, where the sandbox itself had cut off the first reply: not held against the hub. */
  resent: number;
}

export interface Report extends Tally {
  readonly bySystem: Readonly<Record<WriteSystem, Tally>>;
  /** Up to 20 objects that are not right, for whoever looks for the reason. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly object: string;
  readonly shows: string;
  readonly shouldShow: string | null;
  readonly why: 'missing' | 'wrong' | 'extra';
  readonly planted: string;
}

const MAX_SAMPLES = 20;
const EMPLOYEES_PER_BREATH = 2000;

/** Streams over all employees and lets other requests in between. */
export async function makeReport(world: World, ledger: Ledger): Promise<Report> {
  const bySystem = { bureau: emptyTally(), payroll: emptyTally(), attendance: emptyTally(), agency: emptyTally() };
  const samples: Sample[] = [];
  for (let index = 0; index < world.employees; index += 1) {
    if (index % EMPLOYEES_PER_BREATH === EMPLOYEES_PER_BREATH - 1)
      await new Promise((resolve) => setImmediate(resolve));
    for (const sample of tallyEmployee({ world, ledger, bySystem }, index))
      if (samples.length < MAX_SAMPLES) samples.push(sample);
  }
  for (const entry of ledger.history) {
    const tally = bySystem[entry.system];
    if (entry.verdict === 'extra') tally.extra += 1;
    if (entry.verdict === 'duplicate') tally.duplicated += 1;
    if (entry.verdict === 'resent') tally.resent += 1;
  }
  return { ...sum(Object.values(bySystem)), bySystem, samples };
}

export interface ExpectedWrite {
  readonly object: WriteObject;
  readonly value: string;
}

/** The corrections that are still to come for one employee: exactly what a right hub would send now. */
export function expectedWrites(world: World, ledger: Ledger, index: number): readonly ExpectedWrite[] {
  const life = world.lifeOf(index);
  const writes: ExpectedWrite[] = [];
  for (const object of objectsOf(life)) {
    const { current, truth } = ledger.standing(life, object);
    if (truth !== null && truth !== current) writes.push({ object, value: truth });
  }
  return writes;
}

interface Tallying {
  readonly world: World;
  readonly ledger: Ledger;
  readonly bySystem: Record<WriteSystem, Tally>;
}

function tallyEmployee({ world, ledger, bySystem }: Tallying, index: number): readonly Sample[] {
  const life = world.lifeOf(index);
  const samples: Sample[] = [];
  for (const object of objectsOf(life)) {
    const { initial, current, truth } = ledger.standing(life, object);
    const written = ledger.written(object);
    const tally = bySystem[object.system];
    const sample = { object: nameOf(object), shows: current, shouldShow: truth, planted: life.kind };
    const expects = truth !== null && (truth !== initial || written?.expectedOnce === true);
    if (written?.everWrong === true) tally.wrong += 1;
    if (expects) tally.expected += 1;
    if (expects && truth === current) tally.ok += 1;
    if (expects && truth !== current && written?.everWrong !== true) tally.missing += 1;
    if (expects && truth !== current)
      samples.push({ ...sample, why: written?.everWrong === true ? 'wrong' : 'missing' });
    if (!expects && written !== undefined) samples.push({ ...sample, why: 'extra' });
  }
  return samples;
}

function emptyTally(): Tally {
  return { expected: 0, ok: 0, missing: 0, wrong: 0, extra: 0, duplicated: 0, resent: 0 };
}

function sum(tallies: readonly Tally[]): Tally {
  const total = emptyTally();
  for (const tally of tallies) {
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  }
  return total;
}
