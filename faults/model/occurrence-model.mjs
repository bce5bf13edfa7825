/** What becomes of due instants, told in a plain map, beside which two real nodes look at the same schedule. */
import { dueInstantsOf } from '../clock/due-oracle.mjs';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

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
    const newest = due.pop();
    for (const at of due) this.rows.set(at, this.nowMs - at > DAY_MS ? 'skipped too-old' : 'skipped superseded');
    if (newest === undefined) return;
    const lateMs = this.nowMs - newest;
    if (lateMs > DAY_MS) return void this.rows.set(newest, 'skipped too-old');
    if (this.running !== null) return void this.rows.set(newest, 'skipped overlap');
    const end = lateMs > MINUTE_MS ? 'caught-up missed' : 'ran';
    this.runs += 1;
    this.rows.set(newest, isHeld ? `enqueued${end === 'ran' ? '' : ' missed'}` : end);
    if (isHeld) this.running = { at: newest, end };
  }

  release() {
    if (this.running !== null) this.rows.set(this.running.at, this.running.end);
    this.running = null;
  }

  picture() {
    return [...this.rows].sort(([one], [other]) => one - other);
  }
}
