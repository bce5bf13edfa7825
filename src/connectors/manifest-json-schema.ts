/** What editors check manifests against: the JSON Schema made from the one Zod schema. */
import { z } from 'zod';
import { fileManifestSchema } from './file/file-manifest.schema.js';
import { manifestSchema } from './http/manifest.schema.js';

/** Texts under `schema/`, by file name, with a final line break. Put `# yaml-language-server: $schema=…` at the top of a manifest to use one. */
export function manifestJsonSchemas(): Readonly<Record<string, string>> {
  return {
    'manifest.schema.json': jsonSchema(manifestSchema, 'buduan connector manifest'),
    'file-manifest.schema.json': jsonSchema(
      fileManifestSchema,
      'buduan connector manifest: a system reached through files',
    ),
  };
}

function jsonSchema(of: z.ZodType, title: string): string {
  const schema = z.toJSONSchema(of, { io: 'input', target: 'draft-7', reused: 'ref' });
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}
