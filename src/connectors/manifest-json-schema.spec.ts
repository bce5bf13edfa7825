/** The published JSON Schemas are the ones that the code checks with. */
import { readFileSync } from 'node:fs';
import { manifestJsonSchemas } from './manifest-json-schema.js';

describe('the JSON Schemas for editors', () => {
  it.each(Object.entries(manifestJsonSchemas()))('%s is current (mend it with npm run schema)', (name, text) => {
    expect(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8')).toBe(text);
  });

  it.each([
    ['manifest.schema.json', ['auth', 'sign', 'limits', 'replies', 'codes', 'reads', 'writes']],
    ['file-manifest.schema.json', ['transport', 'folder', 'codes', 'reads', 'writes']],
  ])('%s names every part of a manifest', (name, parts) => {
    const { properties } = JSON.parse(manifestJsonSchemas()[name] ?? '') as { properties: Record<string, unknown> };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(parts));
  });
});
