import { readFileSync } from 'node:fs';
import { day } from '../domain/month.js';
import { NODE_END_OF_LIFE, nodeWarning } from './node-support.js';

describe('the Node that runs the hub', () => {
  it('is supported up to and including its last day', () => {
    expect(nodeWarning('20.19.0', day('2026-04-30'))).toBeNull();
    expect(nodeWarning('20.19.0', day('2026-05-01'))).toBe(
      'Node 20 gets no security fixes since 2026-04-30; move to 24 LTS.',
    );
    expect(nodeWarning('24.1.0', day('2026-05-01'))).toBeNull();
  });

  it('is not complained about when it is newer than this list', () => {
    expect(nodeWarning('31.0.0', day('2040-01-01'))).toBeNull();
  });

  it('has the same last days in the check before installation', () => {
    const script = readFileSync(new URL('../../scripts/ensure-installed.mjs', import.meta.url), 'utf8');
    const days = [...script.matchAll(/^ {2}(\d+): '(\d{4}-\d{2}-\d{2})',$/gm)].map(([, major, end]) => [major, end]);
    expect(Object.fromEntries(days)).toEqual(NODE_END_OF_LIFE);
  });
});
