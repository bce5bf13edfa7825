/** Which events are told outside, and which of them a filter lets through. */

/** Beside these every move of a case: `case.` and the state it moved to; and `hub.test`, which somebody sends by hand. */
export const EVENT_TYPES = [
  'run.completed',
  'run.suspended',
  'finding.opened',
  'finding.closed',
  'operation.dead',
  'connection.down',
  'connection.up',
] as const;
export type EventType = (typeof EVENT_TYPES)[number] | 'hub.test' | `case.${string}`;

/** `*`, `<group>.*`, a type of the list, or `case.<state>`. */
export function isEventFilter(filter: string): boolean {
  if (filter === '*' || /^case\.(?:\*|[a-z]+(?:-[a-z]+)*)$/.test(filter)) return true;
  return EVENT_TYPES.some((type) => type === filter || filter === `${groupOf(type)}.*`);
}

/** Whether one of the filters lets the type through. */
export function letsThrough(filters: readonly string[], type: EventType): boolean {
  return filters.some((filter) => filter === '*' || filter === type || filter === `${groupOf(type)}.*`);
}

function groupOf(type: EventType): string {
  return type.slice(0, type.indexOf('.'));
}
