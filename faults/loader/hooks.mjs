/** Which modules of dist/ are wrapped: each wrapper exports what the module exports, and replaces or surrounds some of it. */
import { POINTS } from './points.mjs';

const DIST = new URL('../../dist/', import.meta.url).href;
const LAYER = 'faults-layer';

/** Path below dist/ → sources of wrappers, outermost first. */
const wrappers = new Map();

export async function initialize({ variant }) {
  const { patches = {} } = variant === null ? {} : await import(`../broken/${variant}.mjs`);
  for (const path of new Set([...Object.keys(POINTS), ...Object.keys(patches)]))
    wrappers.set(
      path,
      [POINTS[path], patches[path]].filter((source) => source !== undefined),
    );
}

/** A wrapper loads what it wraps under the same URL with the number of its layer. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith(DIST)) return nextLoad(url, context);
  const place = new URL(url);
  const layer = Number(place.searchParams.get(LAYER) ?? 0);
  place.search = '';
  const source = wrappers.get(place.href.slice(DIST.length))?.[layer];
  if (source === undefined) return nextLoad(url, context);
  const wrapped = JSON.stringify(`${place.href}?${LAYER}=${layer + 1}`);
  return {
    format: 'module',
    shortCircuit: true,
    source: `import * as inner from ${wrapped};\nexport * from ${wrapped};\n${source}`,
  };
}
