/** Which days of a month a text such as `1-5,15,25-L` names; L is the last day. */

export interface DaySpan {
  readonly from: number;
  /** Counted. */
  readonly to: number;
}

/** `lastDay` is that of the month at hand. */
export function daySpansOf(text: string | number, lastDay: number): DaySpan[] {
  const number = (end: string): number => (end === 'L' ? lastDay : Number(end));
  return String(text)
    .split(',')
    .map((span) => {
      const [from = '', to = from] = span.split('-');
      return { from: number(from), to: number(to) };
    });
}
