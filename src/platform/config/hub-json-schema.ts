/** What editors check hub.yaml against: the JSON Schema made from the one Zod schema. */
import { z } from 'zod';
import { hubConfigSchema } from './hub-config.schema.js';

/** Text of `schema/hub.schema.json`, with a final line break. Put `# yaml-language-server: $schema=…` at the top of a hub.yaml to use it. */
export function hubJsonSchema(): string {
  const schema = z.toJSONSchema(hubConfigSchema, { io: 'input', target: 'draft-7', reused: 'ref' });
  return `${JSON.stringify({ title: 'buduan hub.yaml', ...schema }, null, 2)}\n`;
}
