import { type JudgedRow, type Transition, TransitionCounts } from './transitions.js';

function row(status: string, letters: string, windowFrom = '2023-01'): JudgedRow {
  return { windowFrom, status, cells: JSON.stringify({ rows: [['e1', 'pension', letters, null]], why: null }) };
}

function between(before: JudgedRow | null, after: JudgedRow): readonly Transition[] {
  const counts = new TransitionCounts();
  counts.add(before, after);
  return counts.all();
}

describe('transitions', () => {
  it('of somebody judged for the first time come from nowhere', () => {
    expect(between(null, row('gap', 'PPG'))).toEqual([
      { of: 'situation', from: 'none', to: 'gap', count: 1 },
      { of: 'situation', from: 'none', to: 'paid', count: 2 },
      { of: 'status', from: 'none', to: 'gap', count: 1 },
    ]);
  });

  it('are counted month by month, also when the window has moved on', () => {
    expect(between(row('gap', 'PGG'), row('insured', 'PGP', '2023-02'))).toEqual([
      { of: 'situation', from: 'gap', to: 'paid', count: 1 },
      { of: 'situation', from: 'none', to: 'paid', count: 1 },
      { of: 'status', from: 'gap', to: 'insured', count: 1 },
    ]);
  });

  it('are none where nothing changed, and end where a cell is judged no more', () => {
    expect(between(row('insured', 'PPP'), row('insured', 'PPP'))).toEqual([]);
    expect(between(row('insured', 'PPP'), row('insured', 'PP'))).toEqual([
      { of: 'situation', from: 'paid', to: 'none', count: 1 },
    ]);
  });
});
