/** Where the policy of a place is looked up, and in which order. */
import fc from 'fast-check';
import { NATION, parseRegion, region, regionChain } from './region.js';

describe('a region', () => {
  it.each([
    ['440305', ['440305', '440300', '440000', '100000']],
    ['440300', ['440300', '440000', '100000']],
    ['440000', ['440000', '100000']],
    ['100000', ['100000']],
    ['320500-sip', ['320500-sip', '320500', '320000', '100000']],
    ['310000', ['310000', '100000']],
  ])('%s is looked up in the order %p', (code, chain) => {
    expect(regionChain(region(code))).toEqual(chain);
  });

  it('ends at the nation and names nothing twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 110000, max: 659999 }), (code) => {
        const chain = regionChain(region(String(code)));
        return chain.at(-1) === NATION && new Set(chain).size === chain.length && chain.length <= 4;
      }),
    );
  });

  it.each(['44030', '4403000', '44030a', '440300-', '440300-SIP', '440300-abcdefghijklm', '', '４４０３００'])(
    'is not written %p',
    (text) => {
      expect(parseRegion(text)).toBeNull();
      expect(() => region(text)).toThrow(expect.objectContaining({ code: 'not-a-region' }));
    },
  );
});
