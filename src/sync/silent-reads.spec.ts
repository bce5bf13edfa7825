import { silentReads } from './silent-reads.js';

const NOW = new Date('2023-03-20T10:00:00Z');
const RULE = { connectionId: 'payroll', reads: ['staff', 'wages'], hours: 24, hoursOf: { wages: 72 } };
const at = (hoursAgo: number): Date => new Date(NOW.getTime() - hoursAgo * 3_600_000);

describe('a silent read', () => {
  it('is one that was never complete', () => {
    expect(silentReads([RULE], [], NOW)).toEqual([
      { connectionId: 'payroll', read: 'staff', lastAt: null, allowedHours: 24 },
      { connectionId: 'payroll', read: 'wages', lastAt: null, allowedHours: 72 },
    ]);
  });

  it('is silent by its own hours where it has some', () => {
    const successes = [
      { connectionId: 'payroll', read: 'staff', at: at(25) },
      { connectionId: 'payroll', read: 'wages', at: at(25) },
    ];
    expect(silentReads([RULE], successes, NOW).map(({ read }) => read)).toEqual(['staff']);
  });

  it('is heard of until its last allowed minute', () => {
    const successes = ['staff', 'wages'].map((read) => ({ connectionId: 'payroll', read, at: at(24) }));
    expect(silentReads([RULE], successes, NOW)).toEqual([]);
  });
});
