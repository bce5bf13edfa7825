/** That no identity number survives in what people typed, and nothing else is touched. */
import { maskIdentities } from './mask-identities.js';

describe('a text that leaves the hub', () => {
  it.each([
    ['身份证11010519491231002X。', '身份证1101**********002X。'],
    ['in groups 110105 19491231 002 X', 'in groups 1101*************02 X'],
    ['１１０１０５１９４９１２３１００２Ｘ', '１１０１**********００２Ｘ'],
    ['old 110105491231002', 'old 1101*******1002'],
    ['foreigner CHN110000010101', 'foreigner CHN1*******0101'],
    ['id_11010519491231002x', 'id_1101**********002x'],
  ])('shows of %j the ends alone', (typed, shown) => {
    expect(maskIdentities({ deep: [{ reason: typed }] })).toEqual({ deep: [{ reason: shown }] });
  });

  it('keeps ids, hashes, numbers, days and times as they are', () => {
    const kept = {
      hash: `${'123456'.repeat(10)}abcd`,
      caseId: '01890000-0000-7000-8000-000000000000',
      receipt: 'SQ00000001',
      at: new Date('2023-03-20T00:00:00.000Z'),
      time: '2023-03-20T00:00:00.000123Z',
      fen: 180_708,
      none: null,
    };
    expect(maskIdentities(kept)).toEqual(kept);
  });
});
