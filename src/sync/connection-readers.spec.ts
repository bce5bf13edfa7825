import type { Connection } from '../connectors/port.js';
import { bounded, dealOut, type ConnectionReader } from './connection-readers.js';

const connection = (connectionId: string): Connection => ({ connectionId }) as Connection;
const FOUR = ['bureau', 'payroll', 'attendance', 'agency'].map(connection);

describe('which thread reads which connection', () => {
  it('deals connections out in turn while nobody knows how large they are', () => {
    expect(dealOut(FOUR, new Map(), 2)).toEqual([0, 1, 0, 1]);
  });

  it('gives the largest away first, and the next to whoever has least', () => {
    const rows = new Map([
      ['bureau', 900],
      ['payroll', 500],
      ['attendance', 300],
      ['agency', 50],
    ]);
    expect(dealOut(FOUR, rows, 2)).toEqual([0, 1, 1, 1]);
    expect(dealOut(FOUR, rows, 3)).toEqual([0, 1, 2, 2]);
  });

  it('leaves everything to the only one', () => {
    expect(dealOut(FOUR, new Map(), 1)).toEqual([0, 0, 0, 0]);
  });
});

describe('a reader with more connections than it may read at a time', () => {
  it('begins the fifth when one of the first four has ended, and none after the stop', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const slow: ConnectionReader = {
      read: ({ connectionId }) => {
        begun.push(connectionId);
        return new Promise((resolve) => ends.push(resolve));
      },
    };
    const [reader] = bounded([slow]);
    const stopping = new AbortController();
    const watch = { signal: stopping.signal, onProgress: () => undefined };
    const reads = ['a', 'b', 'c', 'd', 'e', 'f'].map((connectionId) =>
      reader?.read({ connectionId } as Parameters<ConnectionReader['read']>[0], watch),
    );
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    ends[1]?.();
    await reads[1];
    await new Promise(setImmediate);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    stopping.abort(new Error('stop'));
    for (const end of ends) end();
    await expect(reads[5]).rejects.toThrow('stop');
    expect(begun).toHaveLength(5);
  });
});
