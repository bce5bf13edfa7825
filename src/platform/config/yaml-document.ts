/** How a YAML file that a person wrote is read, and where in it (line and column) each value stands. */
import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from 'yaml';
import { ConfigError } from './config-error.js';

/** Keys and indexes from the root of the document. */
export type DocumentPath = readonly (string | number)[];

/** A place in the text; both count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the value (or, `at: 'key'`, with the key) at a path. The message holds no configured value. */
export interface DocumentIssue {
  readonly path: DocumentPath;
  readonly message: string;
  readonly at?: 'key' | 'value';
}

export interface YamlDocument {
  readonly file: string;
  /** Plain JavaScript: maps with string keys, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** Where a path stands; for a path that does not exist, the nearest existing parent. */
  locate(path: DocumentPath, at?: 'key' | 'value'): SourcePosition;
}

/** Bytes of UTF-8; a configuration file beyond this is a mistake or an attack. */
export const MAX_YAML_BYTES = 256 * 1024;

/** Nesting beyond this cannot be any of our formats. */
const MAX_DEPTH = 64;

const SYNTAX_ADVICE: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands twice in the same map; remove one of the two',
  MULTIPLE_DOCS: 'the file holds several documents; expected one, without a further "---" line',
  BAD_INDENT: 'the indentation does not fit; expected the same number of blanks as the lines beside it',
  TAB_AS_INDENT: 'a tab is used for indentation; expected blanks',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing',
  BAD_ALIAS: 'aliases (*name) are refused; write the value again in full',
  MULTILINE_IMPLICIT_KEY: 'a key runs over several lines; expected "key: value" on one line, or quotes round the value',
  BLOCK_AS_IMPLICIT_KEY:
    'a nested value begins on the line of its key; put it on the next line, or quote a value with ": " in it',
  BAD_SCALAR_START: 'a plain value cannot begin with this character; put the value in quotes',
};

/** Reads one YAML 1.2 document. Throws ConfigError with every syntax problem; anchors, aliases, tags and duplicate keys are refused. */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    throw new ConfigError(file, [
      `${file}:1:1  the file is larger than ${MAX_YAML_BYTES / 1024} KB; split it or remove what does not belong in it`,
    ]);
  }
  const lines = new LineCounter();
  const document = parseShallow(text, file, lines);
  const problems = [...syntaxProblems(document, file, lines), ...forbiddenNodes(document, file, lines)];
  if (problems.length > 0) throw new ConfigError(file, problems);
  const root = document.contents;
  return {
    file,
    value: document.toJS({ maxAliasCount: 0 }),
    locate: (path, at = 'value') => positionOf(lines, findOffset(root, path, at)),
  };
}

/** Issues as lines `file:line:column  path  message`, in the order of the file. */
export function formatIssues(document: YamlDocument, issues: readonly DocumentIssue[]): string[] {
  return issues
    .map((issue) => ({ issue, position: document.locate(issue.path, issue.at ?? 'value') }))
    .sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
    .map(({ issue, position }) => {
      const place = `${document.file}:${position.line}:${position.column}`;
      return [place, formatPath(issue.path), issue.message].filter((part) => part !== '').join('  ');
    });
}

/** `['tenants', 0, 'id']` → `tenants[0].id`; keys that are not plain words are quoted. */
export function formatPath(path: DocumentPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step.slice(0, 60))}]`;
  }
  return text;
}

/** The parser and the tree are recursive: nesting is bounded before either can exhaust the stack. */
function parseShallow(text: string, file: string, lines: LineCounter): Document.Parsed {
  if (nestingOf(text) > MAX_DEPTH)
    throw new ConfigError(file, [`${file}:1:1  values are nested more than ${MAX_DEPTH} deep; flatten them`]);
  return parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, version: '1.2' });
}

/** An upper bound of the nesting: open brackets, and the deepest chain of indentations and inline dashes. */
function nestingOf(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    deepest = Math.max(deepest, open);
  }
  for (const line of text.split('\n')) {
    const inline = /^\s*(?:[-?:] +)*/.exec(line)?.[0].match(/[-?:]/g)?.length ?? 0;
    deepest = Math.max(deepest, inline);
  }
  return Math.max(deepest, deepestIndentation(text));
}

function deepestIndentation(text: string): number {
  const levels: number[] = [];
  let deepest = 0;
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    if (indent === line.length) continue;
    while (levels.length > 0 && (levels.at(-1) ?? 0) >= indent) levels.pop();
    levels.push(indent);
    deepest = Math.max(deepest, levels.length);
  }
  return deepest;
}

function syntaxProblems(document: Document.Parsed, file: string, lines: LineCounter): string[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const { line, column } = positionOf(lines, error.pos[0]);
    // The library appends source text after a colon; that text may be a secret.
    const advice =
      SYNTAX_ADVICE[error.code] ?? `${error.message.split(/:\s/)[0] ?? 'not YAML'}; quote the value or mend the line`;
    return `${file}:${line}:${column}  ${advice}`;
  });
}

function forbiddenNodes(document: Document.Parsed, file: string, lines: LineCounter): string[] {
  const problems: string[] = [];
  const refuse = (node: Node, what: string): void => {
    const { line, column } = positionOf(lines, node.range?.[0] ?? 0);
    problems.push(`${file}:${line}:${column}  ${what}`);
  };
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) return refuse(node, 'aliases (*name) are refused; write the value again in full');
      if (node.anchor !== undefined)
        refuse(node, 'anchors (&name) are refused; remove it and write the value where it is needed');
      if (node.tag !== undefined) refuse(node, 'tags (!name) are refused; remove it');
      return undefined;
    },
    Pair(_key, pair) {
      if (isNode(pair.key) && !isScalar(pair.key)) refuse(pair.key, 'a key must be a plain word, not a list or a map');
    },
  });
  return problems;
}

function positionOf(lines: LineCounter, offset: number): SourcePosition {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The offset of the deepest existing step. Scalars and flow collections are shown where they stand, block collections at their key. */
function findOffset(root: unknown, path: DocumentPath, at: 'key' | 'value'): number {
  let node = root;
  let offset = startOf(root) ?? 0;
  for (const [index, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === null) return offset;
    const isLast = index === path.length - 1;
    const keyOffset = startOf(child.key);
    const valueOffset = startOf(child.value);
    const showKey = keyOffset !== null && ((isLast && at === 'key') || isBlock(child.value));
    offset = (showKey ? keyOffset : valueOffset) ?? keyOffset ?? offset;
    node = child.value;
  }
  return offset;
}

function childOf(node: unknown, step: string | number): { readonly key: unknown; readonly value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find((candidate: Pair) => keyText(candidate.key) === String(step));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (isSeq(node) && typeof step === 'number' && step < node.items.length)
    return { key: null, value: node.items[step] };
  return null;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function isBlock(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}
