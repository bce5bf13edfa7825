/** The published JSON Schema is the one that the code checks with. */
import { readFileSync } from 'node:fs';
import { manifestJsonSchema } from './manifest-json-schema.js';

describe('the JSON Schema for editors', () => {
  it('is current (mend it with node scripts/make-schema.mjs after a build)', () => {
    const published = readFileSync(new URL('../../../schema/manifest.schema.json', import.meta.url), 'utf8');
    expect(published).toBe(manifestJsonSchema());
  });

  it('names every part of a manifest', () => {
    const { properties } = JSON.parse(manifestJsonSchema()) as { properties: Record<string, unknown> };
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['auth', 'sign', 'limits', 'replies', 'codes', 'reads', 'writes']),
    );
  });
});
