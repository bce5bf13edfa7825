/** How options are read from the command line: the value, or a message that says what was expected. */
import { InvalidArgumentError } from 'commander';
import { parseDay, parseMonth, type Day, type Month } from '../domain/month.js';
import { isUuid } from '../domain/uuid.js';

export function dayOption(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === null) throw new InvalidArgumentError('expected a day, YYYY-MM-DD');
  return parsed;
}

export function monthOption(text: string): Month {
  const parsed = parseMonth(text);
  if (parsed === null) throw new InvalidArgumentError('expected a month, YYYY-MM');
  return parsed;
}

/** An instant with its zone. */
export function timeOption(text: string): Date {
  const at = new Date(text);
  if (!/[zZ]|[+-]\d\d:?\d\d$/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('expected a time with its zone, for example 2026-12-01T06:00+08:00');
  return at;
}

/** How many rows a list shows at most. */
export function limitOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('expected a whole number from 1 to 1000');
  return value;
}

/** A number of days or months. */
export function countOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 10_000)
    throw new InvalidArgumentError('expected a whole number from 0 to 10000');
  return value;
}

export function uuidArgument(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('expected an id of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx');
  return text.toLowerCase();
}
