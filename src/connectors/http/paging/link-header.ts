/** Which link of a `Link` header (RFC 8288) leads to the next page. */

/** The target of the link with `rel=next`, or null. */
export function nextLinkOf(header: string): string | null {
  for (const link of splitLinks(header)) {
    const match = /^\s*<([^>]*)>(.*)$/s.exec(link);
    if (match && relationsOf(match[2] ?? '').includes('next')) return match[1] ?? null;
  }
  return null;
}

function splitLinks(header: string): string[] {
  const links: string[] = [];
  let depth: 'plain' | 'target' | 'quoted' = 'plain';
  let start = 0;
  for (let index = 0; index < header.length; index += 1) {
    const character = header[index];
    if (depth === 'plain' && character === ',') {
      links.push(header.slice(start, index));
      start = index + 1;
    } else if (depth === 'plain' && character === '<') depth = 'target';
    else if (depth === 'target' && character === '>') depth = 'plain';
    else if (character === '"' && depth !== 'target') depth = depth === 'quoted' ? 'plain' : 'quoted';
  }
  return [...links, header.slice(start)];
}

function relationsOf(parameters: string): readonly string[] {
  const match = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase().split(/\s+/);
}
