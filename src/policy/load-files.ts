/** Where the policy's files are read from: a folder, or an edition that lies in memory. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface PolicyFileSet {
  /** What messages call it. */
  readonly name: string;
  /** What messages call one of its files. */
  shown(path: string): string;
  /** The file's text; throws an error with a `code` where there is none. */
  text(path: string): string;
  /** Names of the files directly inside a folder, sorted; throws where there is no such folder. */
  list(folder: string): readonly string[];
}

export function filesInFolder(dir: string): PolicyFileSet {
  return {
    name: dir,
    shown: (path) => join(dir, path),
    text: (path) => readFileSync(join(dir, path), 'utf8'),
    list: (folder) => readdirSync(join(dir, folder)).sort(),
  };
}

/** Nothing is unpacked: the names are keys, never paths of this machine. */
export function filesInMemory(name: string, files: ReadonlyMap<string, string>): PolicyFileSet {
  return {
    name,
    shown: (path) => `${name}:${path}`,
    text: (path) => files.get(path) ?? missing(),
    list: (folder) => {
      const inside = [...files.keys()].flatMap((path) =>
        path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
      );
      return inside.length > 0 ? inside.filter((path) => !path.includes('/')).sort() : missing();
    },
  };
}

function missing(): never {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
