import { concludeQuery, decideResend } from './resend-decision.js';

const HOUR = 3_600_000;

describe('an operation whose outcome is unknown', () => {
  it('is sent again when it is a plain overwrite', () => {
    expect(decideResend({ writeClass: { type: 'overwrite' }, movesMoney: false, msSinceFirstSent: 0 })).toEqual({
      next: 'resend',
    });
  });

  it('is shown to a person when an overwrite would move money', () => {
    expect(decideResend({ writeClass: { type: 'overwrite' }, movesMoney: true, msSinceFirstSent: 0 }).next).toBe(
      'ask-person',
    );
  });

  it('is sent again with its key while nine tenths of the key life are not over', () => {
    const writeClass = { type: 'keyed', ttlHours: 10 } as const;
    expect(decideResend({ writeClass, movesMoney: true, msSinceFirstSent: 9 * HOUR - 1 }).next).toBe('resend');
    expect(decideResend({ writeClass, movesMoney: true, msSinceFirstSent: 9 * HOUR })).toEqual({
      next: 'ask-person',
      reason: 'key-expired',
    });
  });

  it('is asked for only after the quiet period that the target declares', () => {
    const writeClass = { type: 'queryable', consistent: true, maxProcessingMs: 1500 } as const;
    expect(decideResend({ writeClass, movesMoney: true, msSinceFirstSent: 0 })).toEqual({
      next: 'query',
      waitMs: 1500,
    });
  });

  it('is never resent by itself when the write is blind', () => {
    expect(decideResend({ writeClass: { type: 'blind' }, movesMoney: false, msSinceFirstSent: 0 })).toEqual({
      next: 'ask-person',
      reason: 'blind-write',
    });
  });
});

describe('the answer to a question about an operation', () => {
  it('frees a resend only when "not found" comes from a consistent query', () => {
    expect(concludeQuery('not-found', true)).toBe('resend');
    expect(concludeQuery('not-found', false)).toBe('ask-person');
  });

  it('settles it when found, and is asked again when the target cannot tell', () => {
    expect(concludeQuery('found', false)).toBe('acknowledged');
    expect(concludeQuery('cannot-tell', true)).toBe('ask-again');
  });
});
