/** Where in a reply a value stands: dotted paths such as `data.list` or `rows.0.id`, compiled once. */
import type { Json } from '../port.js';

/** Returns undefined where the path leads nowhere. */
export type PathReader = (reply: Json | undefined) => Json | undefined;

export function compileReplyPath(path: string): PathReader {
  const steps = path.split('.');
  return (reply) => {
    let value: Json | undefined = reply;
    for (const step of steps) {
      if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string, Json>>)[step];
    }
    return value;
  };
}
