/** Whether the published JSON Schema is the one the hub checks its hub.yaml with. */
import { readFileSync } from 'node:fs';
import { hubJsonSchema } from './hub-json-schema.js';

describe('the published schema of hub.yaml', () => {
  it('is the one that configurations are checked with', () => {
    const published = readFileSync(new URL('../../../schema/hub.schema.json', import.meta.url), 'utf8');
    expect(published).toBe(hubJsonSchema());
  });

  it('knows the words of a schedule and refuses others', () => {
    const schema = JSON.stringify(JSON.parse(hubJsonSchema()));
    for (const word of [
      'workdaysOfMonth',
      'onUnknownCalendar',
      'misfire',
      'jitterMinutes',
      'withinHours',
      'workCalendar',
    ])
      expect(schema).toContain(`"${word}"`);
    expect(schema).toContain('"additionalProperties":false');
  });
});
