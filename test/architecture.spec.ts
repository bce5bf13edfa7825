/** That the rooms of src/ lean on each other only as docs/architecture.md allows. */
import { MAY_IMPORT, breachesOf } from './support/architecture-rules.js';
import { readRepositoryFile, repositoryFiles } from './support/repository-files.js';

const sources = new Map(
  repositoryFiles('src')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readRepositoryFile(path)]),
);

/** The breaches of one planted file among the real ones' names. */
function planted(path: string, text: string): string[] {
  return breachesOf(new Map([[path, text]]));
}

describe('the source files', () => {
  it('are found: every room that the table names has some', () => {
    expect(sources.size).toBeGreaterThan(60);
    const rooms = new Set([...sources.keys()].map((path) => path.split('/')[1]));
    for (const room of Object.keys(MAY_IMPORT).filter((name) => name !== 'backpay')) expect(rooms).toContain(room);
  });

  it('keep to the table of rooms and to the habits of names, cycles and purity', () => {
    expect(breachesOf(sources)).toEqual([]);
  });
});

describe('the architecture test', () => {
  it('fails when it sees no files', () => {
    expect(() => breachesOf(new Map())).toThrow('No source file');
  });

  it.each([
    [
      'a room below that imports one above',
      'src/domain/a.ts',
      `import { x } from '../platform/log/log.js';`,
      'domain may not import platform',
    ],
    [
      'a type taken from a forbidden room',
      'src/connectors/a.ts',
      `import type { X } from '../sync/x.js';`,
      'connectors may not import sync',
    ],
    [
      'a type taken inline',
      'src/platform/a.ts',
      `type X = import('../policy/book.js').PolicyBook;`,
      'platform may not import policy',
    ],
    [
      'a re-export from a forbidden room',
      'src/policy/a.ts',
      `export { x } from '../reconcile/x.js';`,
      'policy may not import reconcile',
    ],
    [
      'the sandbox knowing the hub',
      'src/sandbox/a.ts',
      `import '../platform/clock/clock.js';`,
      'sandbox may not import platform',
    ],
    [
      'push deep in a folder of reconcile',
      'src/reconcile/deep/er/a.ts',
      `import { x } from '../../../push/x.js';`,
      'reconcile may not import push',
    ],
    [
      'a private store across rooms',
      'src/push/a.ts',
      `import { x } from '../sync/records.store.js';`,
      'is private to sync',
    ],
    [
      'a private entity used at the start',
      'src/cli/a.ts',
      `import { x } from '../sync/run.entity.js';`,
      'is private to sync',
    ],
    ['a barrel', 'src/sync/index.ts', '', 'is a barrel'],
    ['a forward reference', 'src/sync/a.ts', `import { forwardRef } from '@nestjs/common';`, 'forwardRef'],
    ['a dynamic import of an own room', 'src/sync/a.ts', `const x = await import('./pull.js');`, 'dynamically'],
    ['a room of odds and ends', 'src/utils/a.ts', '', 'folder named utils'],
    ['a folder of odds and ends inside a room', 'src/sync/helpers/a.ts', '', 'folder named helpers'],
    ['a room that nobody planned', 'src/invoice/a.ts', '', 'unknown room invoice'],
    [
      'Nest in the domain',
      'src/domain/a.ts',
      `import { Injectable } from '@nestjs/common';`,
      'is pure and may not import @nestjs/common',
    ],
    [
      'the disk in a formula',
      'src/policy/base.ts',
      `import { readFileSync } from 'node:fs';`,
      'is pure and may not import node:fs',
    ],
    [
      'the ORM in a formula',
      'src/policy/base.ts',
      `import { EntityManager } from 'typeorm';`,
      'is pure and may not import typeorm',
    ],
    [
      'the platform in a formula',
      'src/policy/base.ts',
      `import { x } from '../platform/clock/clock.js';`,
      'only the loader may',
    ],
    [
      'an edition that is fetched by the policy itself',
      'src/policy/packs/pull.ts',
      `import { createEgress } from '../../connectors/http/egress.js';`,
      'policy may not import connectors',
    ],
    [
      'a clock read in the domain',
      'src/domain/a.ts',
      `export const today = (): Date => new Date();`,
      'reads the clock',
    ],
    ['a clock read in a formula', 'src/policy/base.ts', `const begun = Date.now();`, 'reads the clock'],
    [
      'the HTTP client outside the egress',
      'src/connectors/http/exchange.ts',
      `import axios from 'axios';`,
      'only the egress may',
    ],
    [
      'a test fixture used by the product',
      'src/sync/a.ts',
      `import { x } from '../../test/support/x.js';`,
      'outside src',
    ],
    ['an import without its extension', 'src/sync/a.ts', `import { x } from './pull';`, 'without its extension'],
  ])('catches %s', (_what, path, text, breach) => {
    expect(planted(path, text).join('\n')).toContain(breach);
  });

  it.each([
    [
      'src/policy/load.ts',
      `import { readFileSync } from 'node:fs';\nimport { x } from '../platform/config/yaml-document.js';`,
    ],
    ['src/policy/packs/pack-store.ts', `import { Database } from '../../platform/database/database.js';`],
    ['src/connectors/http/egress.ts', `import axios from 'axios';`],
    ['src/cli/run.ts', `import { x } from '../push/push.module.js';\nimport { y } from '../sandbox/main.js';`],
    ['src/app.module.ts', `import { x } from './sync/sync.module.js';`],
    ['src/domain/month.ts', `export const at = new Date(0); // new Date() would read the clock`],
    ['src/sync/pull.spec.ts', `import { x } from '../../test/support/test-database.js';`],
  ])('has nothing against %s', (path, text) => {
    expect(planted(path, text)).toEqual([]);
  });
});
