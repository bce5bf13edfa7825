/** Whether the package holds what an installed `buduan` needs, and nothing of the workshop. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildDist } from '../support/build-dist.js';
import { ROOT, readRepositoryFile, repositoryFiles } from '../support/repository-files.js';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

describe('the package', () => {
  let packed: readonly string[];
  beforeAll(async () => {
    await buildDist();
    const { stdout, stderr, status } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`npm pack failed:\n${stderr}`);
    packed = filesOf(JSON.parse(stdout));
  }, 120_000);

  it('holds the command, and every compiled source', () => {
    const { bin } = JSON.parse(readRepositoryFile('package.json')) as { bin: Record<string, string> };
    expect(packed).toEqual(expect.arrayContaining(Object.values(bin)));
    const compiled = repositoryFiles('src')
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map((path) => path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js'));
    expect(compiled.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it.each(['policy', 'manifests', 'schema', 'examples', 'docs'])('holds all of %s/', (folder) => {
    expect(repositoryFiles(folder).filter((path) => !packed.includes(path))).toEqual([]);
  });

  it('holds what its README links to', () => {
    const links = [...readRepositoryFile('README.md').matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)];
    const named = links.map((match) => (match[1] ?? '').replace(/^\.\//, '')).filter((path) => /\.\w+$/.test(path));
    expect(named.filter((path) => existsSync(join(ROOT, path)) && !packed.includes(path))).toEqual([]);
  });

  it('holds no test, no source, no stamp of the build', () => {
    const tops = new Set(packed.map((path) => path.split('/')[0]));
    expect(
      ['src', 'test', 'bench', 'scripts', 'node_modules', '.ci', '.githooks'].filter((top) => tops.has(top)),
    ).toEqual([]);
    expect(packed.filter((path) => /\.spec\.|\.map$|^dist\/\.|\.tsbuildinfo$|\.tgz$/.test(path))).toEqual([]);
  });
});

/** npm 11 and before answer with a list, later ones with an object by package name. */
function filesOf(answer: Packed[] | Record<string, Packed>): readonly string[] {
  const [first] = Object.values(answer);
  return (first?.files ?? []).map((file) => file.path);
}
