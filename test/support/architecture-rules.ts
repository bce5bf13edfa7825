/** Which room may lean on which, as a table, and what a set of source files does against it. */
import { posix } from 'node:path';
import ts from 'typescript';

/** The rooms a room may import, besides itself. What is not named is forbidden. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  platform: ['domain'],
  connectors: ['domain', 'platform'],
  policy: ['domain', 'platform'],
  sync: ['domain', 'platform', 'connectors'],
  reconcile: ['domain', 'platform', 'policy', 'sync'],
  backpay: ['domain', 'platform', 'policy', 'reconcile'],
  push: ['domain', 'platform', 'connectors', 'sync', 'reconcile', 'backpay'],
  notify: ['domain', 'platform', 'connectors'],
  employee: ['domain', 'platform', 'policy', 'sync', 'reconcile', 'backpay'],
  sandbox: ['domain'],
};

/** How it starts: these may import every room. */
const STARTERS = ['cli', 'main.ts', 'app.module.ts'];

/** Of policy only what loads it and what keeps its editions may touch the platform or the disk; everything else there is law, and pure. */
const POLICY_LOADER = /^src\/policy\/(?:load(?:-[\w-]+)?|read-records|[\w-]+\.module|packs\/[\w.-]+)\.ts$/;

const PRIVATE_SUFFIX = /\.(?:store|entity|controller)\.js$/;
const FORBIDDEN_FOLDERS = [
  'common',
  'shared',
  'util',
  'utils',
  'helper',
  'helpers',
  'dto',
  'entities',
  'services',
  'managers',
  'misc',
];
const FORBIDDEN_IN_PURE = /^(?:@nestjs\/|typeorm$|pg(?:-|$)|graphile-worker$|(?:node:)?fs(?:\/|$))/;
const EGRESS = /^src\/connectors\/http\/egress[\w-]*\.ts$/;

interface Reference {
  readonly specifier: string;
  readonly kind: 'static' | 'dynamic';
}

interface SourceFacts {
  readonly references: readonly Reference[];
  readonly readsClock: boolean;
  readonly usesForwardRef: boolean;
}

/** Every breach as `path: what`, in the order of the files. Throws when there is no file to judge. */
export function breachesOf(files: ReadonlyMap<string, string>): string[] {
  if (files.size === 0) throw new Error('No source file was found: the architecture test looked in the wrong place.');
  return [...files].flatMap(([path, text]) => judge(path, text).map((breach) => `${path}: ${breach}`));
}

function judge(path: string, text: string): string[] {
  const room = roomOf(path);
  if (room === null) return [];
  const facts = factsOf(path, text);
  return [
    ...namesAgainstHabit(path, room),
    ...facts.references.flatMap((reference) => judgeReference(path, room, reference)),
    ...(facts.usesForwardRef ? ['uses forwardRef; break the cycle instead'] : []),
    ...(isPure(path, room) && !isSpec(path) && facts.readsClock
      ? ['reads the clock; take the date as an argument']
      : []),
  ];
}

function namesAgainstHabit(path: string, room: string): string[] {
  const folders = path.split('/').slice(1, -1);
  const bad = folders.filter((folder) => FORBIDDEN_FOLDERS.includes(folder));
  return [
    ...bad.map((folder) => `lies in a folder named ${folder}; name it after what it is about`),
    ...(posix.basename(path) === 'index.ts' ? ['is a barrel; import the file itself'] : []),
    ...(room in MAY_IMPORT || STARTERS.includes(room) ? [] : [`lies in an unknown room ${room}`]),
  ];
}

function judgeReference(path: string, room: string, { specifier, kind }: Reference): string[] {
  if (!specifier.startsWith('.')) return judgePackage(path, room, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  const targetRoom = roomOf(target);
  if (targetRoom === null) return isSpec(path) ? [] : [`imports ${target}, which is outside src`];
  return [
    ...(kind === 'dynamic' ? [`imports ${specifier} dynamically; import it at the top`] : []),
    ...(/\.(?:js|mjs|json)$/.test(specifier) ? [] : [`imports ${specifier} without its extension`]),
    ...(targetRoom === room ? [] : judgeCrossing(path, room, { target, targetRoom })),
  ];
}

function judgeCrossing(
  path: string,
  room: string,
  { target, targetRoom }: { readonly target: string; readonly targetRoom: string },
): string[] {
  const isPrivate = PRIVATE_SUFFIX.test(target) ? [`imports ${target}, which is private to ${targetRoom}`] : [];
  if (STARTERS.includes(room)) return isPrivate;
  if (!(MAY_IMPORT[room] ?? []).includes(targetRoom))
    return [`${room} may not import ${targetRoom} (${target})`, ...isPrivate];
  if (room === 'policy' && targetRoom === 'platform' && !POLICY_LOADER.test(path) && !isSpec(path)) {
    return [`is law and may not import ${target}; only the loader may`];
  }
  return isPrivate;
}

function judgePackage(path: string, room: string, specifier: string): string[] {
  if (isSpec(path)) return [];
  return [
    ...(isPure(path, room) && FORBIDDEN_IN_PURE.test(specifier) ? [`is pure and may not import ${specifier}`] : []),
    ...(/^axios(?:\/|$)/.test(specifier) && !EGRESS.test(path) && room !== 'sandbox'
      ? ['imports axios; only the egress may']
      : []),
  ];
}

function isPure(path: string, room: string): boolean {
  return room === 'domain' || (room === 'policy' && !POLICY_LOADER.test(path));
}

function isSpec(path: string): boolean {
  return path.endsWith('.spec.ts');
}

/** `src/sync/pull.ts` → sync, `src/main.ts` → main.ts, outside src → null. */
function roomOf(path: string): string | null {
  const [top, room] = path.split('/');
  return top === 'src' && room !== undefined ? room.replace(/\.js$/, '.ts') : null;
}

function factsOf(path: string, text: string): SourceFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
  const references: Reference[] = [];
  let readsClock = false;
  let usesForwardRef = false;
  const visit = (node: ts.Node): void => {
    const reference = referenceOf(node);
    if (reference !== null) references.push(reference);
    readsClock ||= isClockRead(node);
    usesForwardRef ||= ts.isIdentifier(node) && node.text === 'forwardRef';
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { references, readsClock, usesForwardRef };
}

function referenceOf(node: ts.Node): Reference | null {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), kind: 'static' };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { specifier: textOf(node.argument.literal), kind: 'static' };
  if (ts.isCallExpression(node) && isLoadCall(node)) return { specifier: textOf(node.arguments[0]), kind: 'dynamic' };
  return null;
}

function isLoadCall({ expression }: ts.CallExpression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  );
}

/** `Date.now`, `new Date()` without an argument, `performance.now`, `process.hrtime`. */
function isClockRead(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return isNamed(node.expression, ['Date']) && (node.arguments?.length ?? 0) === 0;
  if (!ts.isPropertyAccessExpression(node)) return false;
  return (
    (node.name.text === 'now' && isNamed(node.expression, ['Date', 'performance'])) ||
    (node.name.text === 'hrtime' && isNamed(node.expression, ['process']))
  );
}

function isNamed(node: ts.Node, names: readonly string[]): boolean {
  return ts.isIdentifier(node) && names.includes(node.text);
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : '';
}
