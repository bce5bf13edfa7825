/** How the rows inside an event become records, by the mapping of the read they look like. */
import type { ConnectionOptions, Json } from '../../port.js';
import type { WebhookPayload } from '../../webhook-port.js';
import type { Manifest } from '../manifest.schema.js';
import { compileValuePath } from '../mapping/compile-path.js';
import { ReadMapper } from '../mapping/read-mapper.js';

/** Null where the manifest maps no payload; the function answers null for an event without rows or a whole version. */
export function compilePayload(
  { webhook, reads, codes }: Manifest,
  config: ConnectionOptions['config'],
): ((event: Json) => WebhookPayload | null) | null {
  const apply = webhook?.apply;
  const read = apply === undefined ? undefined : reads[apply.read];
  if (apply === undefined || read === undefined) return null;
  const mapper = new ReadMapper(read, { codes, config });
  const rowsIn = compileValuePath(apply.rows);
  const versionIn = compileValuePath(apply.version);
  return (event) => {
    const version = Number(versionIn(event));
    const found = rowsIn(event);
    if (!Number.isSafeInteger(version) || version < 0 || typeof found !== 'object' || found === null) return null;
    const rows: readonly unknown[] = Array.isArray(found) ? found : [found];
    const { records, rejected } = mapper.mapPage(rows, mapper.beginTraversal());
    return { read: apply.read, version, records, rejected };
  };
}
