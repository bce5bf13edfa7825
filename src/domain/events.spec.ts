/** Which filters of events mean something, and what they let through. */
import { EVENT_TYPES, isEventFilter, letsThrough } from './events.js';

it('a filter is everything, a group, a type of the list, or a state of a case', () => {
  expect(
    ['*', 'run.*', 'finding.opened', 'case.*', 'case.awaiting-employee'].filter((each) => !isEventFilter(each)),
  ).toEqual([]);
  expect(
    ['', 'run', 'run.', 'person.changed', 'person.*', 'run.done', 'case.', '*.*', 'case.A'].filter(isEventFilter),
  ).toEqual([]);
});

it('lets through its own group and type and nothing else', () => {
  const through = (...filters: string[]): string[] => EVENT_TYPES.filter((type) => letsThrough(filters, type));
  expect(through('*')).toEqual([...EVENT_TYPES]);
  expect(through('connection.*', 'run.completed')).toEqual(['run.completed', 'connection.down', 'connection.up']);
  expect([letsThrough(['case.*'], 'case.paid'), letsThrough(['case.paid'], 'case.verified')]).toEqual([true, false]);
});
