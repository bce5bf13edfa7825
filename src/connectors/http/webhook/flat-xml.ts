/** How the small XML messages of WeCom are read: elements, text and CDATA; no attributes, no document types, no entities of their own. */
import type { Json } from '../../port.js';

const TOKEN = /<!\[CDATA\[([\s\S]*?)\]\]>|<\/([A-Za-z_][\w.-]{0,63})\s*>|<([A-Za-z_][\w.-]{0,63})\s*(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 5_000;

interface Element {
  readonly name: string;
  text: string;
  readonly children: Map<string, Json[]>;
}

/** The content of the root element; elements of one name become a list. Null for anything that is not such a message. */
export function readFlatXml(source: string): Json | null {
  const open: Element[] = [{ name: '', text: '', children: new Map() }];
  let elements = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const token = TOKEN.exec(source);
    const top = open.at(-1);
    if (token === null || top === undefined) return null;
    const [, cdata, closed, opened, selfClosed, text] = token;
    if (cdata !== undefined) top.text += cdata;
    else if (text !== undefined)
      top.text += text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
    else if (opened !== undefined) {
      elements += 1;
      if (elements > MAX_ELEMENTS || open.length > MAX_DEPTH) return null;
      if (selfClosed === '/') add(top, opened, '');
      else open.push({ name: opened, text: '', children: new Map() });
    } else if (closed !== undefined) {
      const parent = open.at(-2);
      if (parent === undefined || top.name !== closed) return null;
      open.pop();
      add(parent, closed, valueOf(top));
    }
  }
  const [root] = open;
  if (root === undefined || open.length !== 1 || root.children.size !== 1) return null;
  return [...root.children.values()][0]?.[0] ?? null;
}

function add(parent: Element, name: string, value: Json): void {
  const list = parent.children.get(name);
  if (list === undefined) parent.children.set(name, [value]);
  else list.push(value);
}

function valueOf({ text, children }: Element): Json {
  if (children.size === 0) return text;
  return Object.fromEntries([...children].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? null) : list]));
}
