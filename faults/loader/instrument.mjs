/**
 * A copy of the compiled program in which some modules are wrapped: each wrapper exports what the module exports, and replaces
 * or surrounds some of it. A copy and not a module loader: a loader runs beside every process and cost 1.4 s of each start.
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packProgram } from './pack.mjs';
import { POINTS } from './points.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside the checkout, so that the copies find its node_modules. */
const COPIES = join(ROOT, '.buduan', 'faults', `program-${process.pid}`);
/** What the program looks for beside dist/. */
const BESIDE = ['policy', 'package.json'];

const made = new Map();
process.on('exit', () => rmSync(COPIES, { recursive: true, force: true }));

/** With another clock, not broken. */
const FAST_CLOCK = 'fast-clock';

/** The main file of the program with the rig's points in it; `variant`: also with what faults/broken/VARIANT.mjs breaks. */
export function instrumentedProgram(variant) {
  const known = made.get(variant);
  if (known !== undefined) return known;
  const program = makeCopy(variant);
  made.set(variant, program);
  return program;
}

async function makeCopy(variant) {
  const from = variant === FAST_CLOCK ? './fast-clock.mjs' : `../broken/${variant}.mjs`;
  const { patches = {} } = variant === null ? {} : await import(from);
  const home = join(COPIES, variant ?? 'as-it-is');
  mkdirSync(home, { recursive: true });
  const dist = join(home, 'dist');
  cpSync(join(ROOT, 'dist'), dist, { recursive: true, filter: (path) => !/\.(?:map|d\.ts|tsbuildinfo)$/.test(path) });
  for (const name of BESIDE) symlinkSync(join(ROOT, name), join(home, name));
  for (const path of new Set([...Object.keys(POINTS), ...Object.keys(patches)]))
    wrap(
      join(dist, path),
      [POINTS[path], patches[path]].filter((source) => source !== undefined),
    );
  const outfile = join(dist, 'cli', 'main.packed.js');
  await packProgram({ dist, outfile });
  return outfile;
}

/** `sources`: outermost first. The module itself becomes the innermost layer, under another name beside it. */
function wrap(file, sources) {
  if (!existsSync(file)) throw new Error(`The rig wraps ${file}, which is not there any more.`);
  const layer = (no) => (no === 0 ? file : join(dirname(file), `${basename(file, '.js')}.layer${no}.js`));
  renameSync(file, layer(sources.length));
  sources.forEach((source, no) => {
    const inner = JSON.stringify(`./${basename(layer(no + 1))}`);
    writeFileSync(layer(no), `import * as inner from ${inner};\nexport * from ${inner};\n${source}`);
  });
}
