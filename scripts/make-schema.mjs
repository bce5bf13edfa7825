/** Writes schema/manifest.schema.json from the built schema: run `npm run build` first. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestJsonSchema } from '../dist/connectors/http/manifest-json-schema.js';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('manifest.schema.json', folder), manifestJsonSchema());
process.stdout.write('schema/manifest.schema.json written\n');
