/** That what the repository says about itself is true: paths in its texts, sizes of its files, nothing of the machines it was made on. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT, readRepositoryFile, repositoryFiles } from './support/repository-files.js';

const files = repositoryFiles();
const texts = files.filter((path) =>
  /\.(?:md|ts|mjs|js|json|ya?ml|sh|example)$|^\.(?:ci|githooks)\/|^\.\w+$/.test(path),
);
const tops = new Set(files.map((path) => path.split('/')[0]).filter((top) => top !== undefined));

/** Things named in code spans and relative links of a text, as paths from the root. Placeholders and commands are no paths. */
function pathsNamedIn(path: string, text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '');
  const links = [...prose.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)].map((match) =>
    posix.join(posix.dirname(path), match[1] ?? ''),
  );
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) =>
    (match[1] ?? '').replace(/^\.\//, '').replace(/:\d+$/, ''),
  );
  const plain = spans.filter(
    (span) => /^[\w.@/-]+$/.test(span) && /\/|\.(?:md|json|mjs|ya?ml)$/.test(span) && isRepositoryPath(span),
  );
  return [...links, ...plain];
}

/** In a folder that the repository has; `dist/` is built, not held. */
function isRepositoryPath(span: string): boolean {
  const [top = ''] = span.split('/');
  return span.includes('/')
    ? tops.has(top) && !/\.\.\.|…/.test(span)
    : /^(?:README|CHANGELOG|CONTRIBUTING|LICENSE|package|tsconfig|nest-cli)\b/.test(span);
}

describe('the texts of the repository', () => {
  it('name only files that exist', () => {
    const markdown = files.filter((path) => path.endsWith('.md'));
    expect(markdown.length).toBeGreaterThan(5);
    const missing = markdown.flatMap((path) =>
      pathsNamedIn(path, readRepositoryFile(path))
        .filter((named) => !existsSync(join(ROOT, named)) && !existsSync(join(ROOT, 'src', named)))
        .map((named) => `${path} names ${named}`),
    );
    expect(missing).toEqual([]);
  });

  it('would be caught naming a file that does not', () => {
    expect(
      pathsNamedIn(
        'docs/a.md',
        'see `src/gone.ts`, [b](../docs/b.md#top), `npm run x/y`, [web](https://a.b/c) and `src/<room>/x.ts`',
      ),
    ).toEqual(['docs/b.md', 'src/gone.ts']);
  });

  it('name no machine and no package registry', () => {
    const forbidden = [
      /(?:^|[\s"'`(=:])\/(?:work|root|home\/\w+|Users\/\w+)\//m,
      new RegExp(['registry', 'npmjs'].join('\\.')),
      /npmmirror|artifactory|verdaccio|"resolved":/,
    ];
    const own = 'test/repository.spec.ts';
    const found = texts.filter(
      (path) => path !== own && forbidden.some((pattern) => pattern.test(readRepositoryFile(path))),
    );
    expect(found).toEqual([]);
  });

  it('end with a line break and hold no conflict marks', () => {
    const found = texts.filter((path) => {
      const text = readRepositoryFile(path);
      return (text !== '' && !text.endsWith('\n')) || /^(?:<{7} |>{7} )/m.test(text);
    });
    expect(found).toEqual([]);
  });
});

describe('the sources', () => {
  // A migration is one text of SQL that is never edited again.
  const sources = files.filter((path) => /^src\/.*\.ts$/.test(path) && !/\.spec\.ts$|\/migrations\//.test(path));

  it('fit on a few screens: no file is longer than 350 lines', () => {
    expect(sources.filter((path) => readRepositoryFile(path).split('\n').length > 351)).toEqual([]);
  });

  it('begin with the question they answer', () => {
    expect(sources.filter((path) => !/^(?:#!.*\n)?\/\*\*/.test(readRepositoryFile(path)))).toEqual([]);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readRepositoryFile('package.json')) as Record<string, Record<string, string>>;

  const { packages: locked } = JSON.parse(readRepositoryFile('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean; optionalDependencies?: Record<string, string> }>;
  };

  it('names exact versions only', () => {
    const versions = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] });
    expect(versions.length).toBeGreaterThan(20);
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('says of every package with an install script whether it may run', () => {
    const withScript = Object.entries(locked)
      .filter(([path, entry]) => path !== '' && entry.hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(Object.keys(manifest['allowScripts'] ?? {}).sort()).toEqual([...new Set(withScript)].sort());
  });

  // npm leaves out what the registry at hand does not serve, and then `npm ci` refuses the lock file on every machine.
  it('locks the binaries of all platforms, not only of the one it was locked on', () => {
    const optional = Object.entries(locked).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).map((name) => ({ path, name })),
    );
    expect(optional.length).toBeGreaterThan(20);
    const missing = optional.filter(
      ({ path, name }) => !(`${path}/node_modules/${name}` in locked || `node_modules/${name}` in locked),
    );
    expect(missing).toEqual([]);
  });

  it('lists every dependency, with its version, in the decision about libraries', () => {
    const decision = readRepositoryFile('docs/decisions/0010-libraries.md');
    const untold = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })
      .filter(([library, version]) => !decision.includes(`| ${library} | ${version} |`))
      .map(([library]) => library);
    expect(untold).toEqual([]);
  });
});
