/** What becomes of due instants, told in a plain map, beside which two real nodes look at the same schedule. */
import { dueInstantsOf } from '../clock/due-oracle.mjs';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export class OccurrenceModel {
  /** `nowMs`: whole minutes. The first look has been taken: what was due before is nobody's. */
  constructor(schedule, nowMs) {
    Object.assign(this, { schedule, nowMs, accountedMs: nowMs, rows: new Map(), runs: 0 });
    /** The instant whose run is under way; null = none. */
    this.running = null;
  }

  advance(ms) {
    this.nowMs += ms;
  }

  /** Some node looks; `isHeld`: the source lets no run come to its end. */
  tick({ isHeld }) {
    const due = dueInstantsOf(this.schedule, this.accountedMs, this.nowMs);
    this.accountedMs = this.nowMs;
    for (const at of due) this.rows.set(at, this.found(at, due.at(-1)));
    this.lookAtOpen(isHeld);
  }

  /** What the schedule makes of an instant that a look finds. */
  found(at, newest) {
    const { policy, maxAgeHours } = this.schedule.misfire;
    const lateMs = this.nowMs - at;
    const isLate = lateMs > MINUTE_MS;
    if (isLate && policy === 'skip') return 'skipped missed';
    if (lateMs > maxAgeHours * HOUR_MS) return 'skipped too-old';
    if (policy === 'once' && at !== newest) return 'skipped superseded';
    return isLate ? 'due missed' : 'due';
  }

  /** Oldest first; where each is made up for, those behind a run under way wait for its end, elsewhere they give way to it. */
  lookAtOpen(isHeld) {
    const { policy, maxAgeHours } = this.schedule.misfire;
    for (const at of this.open()) {
      if (this.running !== null && policy === 'all') return;
      if (at === this.running?.at) continue;
      if (this.running !== null) this.rows.set(at, 'skipped overlap');
      else if (this.nowMs - at > maxAgeHours * HOUR_MS) this.rows.set(at, 'skipped too-old');
      else this.begin(at, isHeld);
    }
  }

  open() {
    const isOpen = (at) => /^(?:due|enqueued)/.test(this.rows.get(at));
    return [...this.rows.keys()].filter(isOpen).sort((one, other) => one - other);
  }

  begin(at, isHeld) {
    const isMissed = this.rows.get(at) === 'due missed';
    const end = isMissed ? 'caught-up missed' : 'ran';
    this.runs += 1;
    this.rows.set(at, isHeld ? `enqueued${isMissed ? ' missed' : ''}` : end);
    if (isHeld) this.running = { at, end };
  }

  release() {
    if (this.running !== null) this.rows.set(this.running.at, this.running.end);
    this.running = null;
  }

  picture() {
    return [...this.rows].sort(([one], [other]) => one - other);
  }
}
