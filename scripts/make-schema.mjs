/** Writes the schemas in schema/ from the built ones: run `npm run build` first. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestJsonSchema } from '../dist/connectors/http/manifest-json-schema.js';
import { hubJsonSchema } from '../dist/platform/config/hub-json-schema.js';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [file, text] of [
  ['manifest.schema.json', manifestJsonSchema()],
  ['hub.schema.json', hubJsonSchema()],
]) {
  writeFileSync(new URL(file, folder), text);
  process.stdout.write(`schema/${file} written\n`);
}
