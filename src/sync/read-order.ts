/** In which order the reads of one connection run: those others wait for first, lists of persons before facts. */
import { HubError } from '../domain/hub-error.js';
import type { ConnectorDeclaration, ReadDeclaration } from '../connectors/port.js';

/**
 * The reads in an order that honours `after` and `ownersFrom`. Throws HubError `read-order` for a name nobody declares, a
 * circle, or a stream that two reads feed: absence could not be told then.
 */
export function readOrder(declaration: ConnectorDeclaration): readonly ReadDeclaration[] {
  refuseSharedStreams(declaration);
  const waiting = [...declaration.reads].sort((left, right) => rank(left) - rank(right));
  const ordered: ReadDeclaration[] = [];
  while (waiting.length > 0) {
    const done = new Set(ordered.map((read) => read.name));
    const at = waiting.findIndex((read) => prerequisites(read).every((name) => done.has(name)));
    if (at < 0) {
      throw orderError(
        declaration,
        `its reads ${waiting.map((read) => read.name).join(', ')} wait for each other or for a read that is not declared; correct "after"`,
      );
    }
    ordered.push(...waiting.splice(at, 1));
  }
  return ordered;
}

/** Names of the reads that must have gone well before this one makes sense. */
export function prerequisites(read: ReadDeclaration): readonly string[] {
  return read.ownersFrom === null ? read.after : [...new Set([...read.after, read.ownersFrom])];
}

function rank(read: ReadDeclaration): number {
  return read.streams.includes('persons') ? 0 : 1;
}

function refuseSharedStreams(declaration: ConnectorDeclaration): void {
  const feeders = new Map<string, string>();
  for (const read of declaration.reads) {
    for (const stream of read.streams) {
      const other = feeders.get(stream);
      if (other !== undefined)
        throw orderError(
          declaration,
          `the reads ${other} and ${read.name} both feed the stream ${stream}; let one read feed it`,
        );
      feeders.set(stream, read.name);
    }
  }
}

function orderError(declaration: ConnectorDeclaration, what: string): HubError {
  return new HubError({
    code: 'read-order',
    next: 'fix-config',
    message: `Connector ${declaration.id} cannot be read: ${what}.`,
    detail: { connectorId: declaration.id },
  });
}
