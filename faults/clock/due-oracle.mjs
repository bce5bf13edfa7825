/**
 * When a schedule is due, told a second time and in another way: every minute of a span is looked up on the wall clock of the
 * zone. Knows minute and hour fields of the form *, *\/n and n.
 */

const MINUTE_MS = 60_000;
/** Zone → its format, and what was read with it before: a model looks at the same days again and again. */
const zones = new Map();
const MOST_WALLS = 200_000;

/** Instants after `fromMs` and up to `untilMs`, both whole minutes, in milliseconds. */
export function dueInstantsOf({ cron, zone }, fromMs, untilMs) {
  const [minuteField, hourField] = cron.split(/\s+/);
  const isEveryHour = hourField.startsWith('*');
  const due = [];
  let before = wallOf(zone, fromMs);
  // Walls of the last two hours, so that a time that comes twice is known the second time.
  const seen = new Map();
  for (let at = fromMs - 120 * MINUTE_MS; at <= fromMs; at += MINUTE_MS) seen.set(wallOf(zone, at), at);
  for (let at = fromMs + MINUTE_MS; at <= untilMs; at += MINUTE_MS) {
    const wall = wallOf(zone, at);
    const isJump = wall - before > MINUTE_MS;
    const jumpedOver = isJump ? wallsBetween(before, wall) : [];
    const isRepeated = seen.has(wall) && !isEveryHour;
    const matches = (one) =>
      fits(minuteField, new Date(one).getUTCMinutes()) && fits(hourField, new Date(one).getUTCHours());
    if (jumpedOver.some(matches) || (matches(wall) && !isRepeated)) due.push(at);
    seen.set(wall, at);
    before = wall;
  }
  return due;
}

/** The wall clock's reading, written as if it were UTC. */
function wallOf(zone, atMs) {
  let looked = zones.get(zone);
  if (looked === undefined || looked.walls.size === MOST_WALLS)
    zones.set(zone, (looked = { format: formatOf(zone), walls: new Map() }));
  const known = looked.walls.get(atMs);
  if (known !== undefined) return known;
  const wall = Date.parse(`${looked.format.format(atMs).replace(' ', 'T')}:00Z`);
  looked.walls.set(atMs, wall);
  return wall;
}

function formatOf(zone) {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hourCycle: 'h23', ...parts });
}

function wallsBetween(before, after) {
  return Array.from({ length: (after - before) / MINUTE_MS - 1 }, (_, at) => before + (at + 1) * MINUTE_MS);
}

function fits(field, value) {
  if (field === '*') return true;
  const [, step] = /^\*\/(\d+)$/.exec(field) ?? [];
  return step === undefined ? Number(field) === value : value % Number(step) === 0;
}
