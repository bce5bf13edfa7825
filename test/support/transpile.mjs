/** How plain Node programs beside the test runner use the sources: an entry and what it imports, compiled once by content. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import swc from '@swc/core';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const CACHE = join(ROOT, 'node_modules/.cache/buduan-test');
const RELATIVE_IMPORT = /^(?:import|export)\b[^'"]*?from\s+['"](\.[^'"]+)['"]/gm;

const OPTIONS = {
  swcrc: false,
  configFile: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'es6' },
  isModule: true,
};

/** Returns the file URL of the compiled form of a source, for example `src/platform/database/trial.ts`. */
export function transpile(entry) {
  const sources = collect(join(ROOT, entry));
  const hash = createHash('sha256');
  for (const [path, text] of sources) hash.update(`${path}\0${text}\0`);
  const folder = join(CACHE, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) write(folder, sources);
  return pathToFileURL(join(folder, compiledName(join(ROOT, entry)))).href;
}

function collect(entry) {
  const sources = new Map();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (sources.has(path)) continue;
    const text = readFileSync(path, 'utf8');
    sources.set(path, text);
    for (const [, target] of text.matchAll(RELATIVE_IMPORT))
      open.push(resolve(dirname(path), target.replace(/\.js$/, '.ts')));
  }
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Built apart and renamed: several runs may compile at once. */
function write(folder, sources) {
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  writeFileSync(join(building, 'package.json'), '{"type":"module"}\n');
  for (const [path, text] of sources) {
    const target = join(building, compiledName(path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, swc.transformSync(text, { ...OPTIONS, filename: path }).code);
  }
  try {
    renameSync(building, folder);
  } catch {
    rmSync(building, { recursive: true, force: true });
  }
}

function compiledName(path) {
  return relative(ROOT, path).replace(/\.ts$/, '.js');
}
