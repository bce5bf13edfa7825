/** Each tenant has the pack with its own overlay. */
import { DEMO_OVERLAY, POLICY_DIR } from '../../test/policy/books.js';
import { PolicyBooks } from './policy-books.js';

it('gives each tenant its own book', () => {
  const books = PolicyBooks.load({
    policyDir: POLICY_DIR,
    overlays: new Map([
      ['company-a', [DEMO_OVERLAY]],
      ['company-b', []],
    ]),
  });
  expect(books.forTenant('company-a').version).toContain('+company-a@');
  expect(books.forTenant('company-b').version).not.toContain('+');
});

it('names a tenant it does not know', () => {
  const books = PolicyBooks.load({ policyDir: POLICY_DIR, overlays: new Map() });
  expect(() => books.forTenant('company-c')).toThrow('No policy was loaded for the tenant "company-c"');
});
