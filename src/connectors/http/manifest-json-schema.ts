/** What editors check manifests against: the JSON Schema made from the one Zod schema. */
import { z } from 'zod';
import { manifestSchema } from './manifest.schema.js';

/** Text of `schema/manifest.schema.json`, with a final line break. Put `# yaml-language-server: $schema=…` at the top of a manifest to use it. */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', target: 'draft-7', reused: 'ref' });
  return `${JSON.stringify({ title: 'buduan connector manifest', ...schema }, null, 2)}\n`;
}
