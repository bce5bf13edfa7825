/** Writes schema/*.schema.json from the built schemas: run `npm run build` first. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestJsonSchemas } from '../dist/connectors/manifest-json-schema.js';
import { hubJsonSchema } from '../dist/platform/config/hub-json-schema.js';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries({ ...manifestJsonSchemas(), 'hub.schema.json': hubJsonSchema() })) {
  writeFileSync(new URL(name, folder), text);
  process.stdout.write(`schema/${name} written\n`);
}
