/** Parts of a long play, kept as they end, so that hours may be broken off and gone on with; those of another program are others. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** `{ program, file, done, keep }`: what was played of this kind and seed by number, and how one more is kept. */
export function keptParts(kind, seed) {
  const program = programHash();
  const file = join(ROOT, '.buduan', 'faults', `${kind}-${seed}-${program}.json`);
  const done = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const keep = (no, part) => {
    done[no] = part;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(done, null, 2));
    renameSync(`${file}.new`, file);
  };
  return { program, file, done, keep };
}

function programHash() {
  const dist = join(ROOT, 'dist');
  const hash = createHash('sha256');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(dist, name)));
  return hash.digest('hex').slice(0, 12);
}
