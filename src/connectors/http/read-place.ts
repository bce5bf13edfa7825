/** How the place of a traversal is written into a checkpoint and read back. */
import type { Json } from '../port.js';
import type { WalkState } from './paging/page-walk.js';
import type { ReadWindow } from './paging/read-windows.js';

/** Version of the cursors below; another one starts from the beginning. */
const CURSOR_VERSION = 1;

/** A place in a listing: which window, and how far its walk has come. */
export interface ListingPlace {
  readonly windowIndex: number;
  readonly walk: WalkState;
}

export function listingCursor(place: ListingPlace, windows: readonly ReadWindow[]): Json {
  const { walk, windowIndex } = place;
  return {
    v: CURSOR_VERSION,
    w: windowIndex,
    f: windows[windowIndex]?.firstDay ?? null,
    p: walk.position,
    k: walk.pages,
    n: walk.rows,
    t: walk.total,
    h: walk.print,
  };
}

/** Null where the cursor is not one of these windows' (other months, another version): the read then starts anew. */
export function listingPlace(cursor: Json | null, windows: readonly ReadWindow[]): ListingPlace | null {
  const { v, w, f, p, k, n, t, h } = fieldsOf(cursor);
  if (v !== CURSOR_VERSION || typeof w !== 'number' || typeof k !== 'number' || typeof n !== 'number') return null;
  const window = windows[w];
  if (window === undefined || window.firstDay !== f) return null;
  const position = typeof p === 'string' || typeof p === 'number' ? p : null;
  return {
    windowIndex: w,
    walk: {
      position,
      pages: k,
      rows: n,
      total: typeof t === 'number' ? t : null,
      print: typeof h === 'string' ? h : null,
    },
  };
}

/** After which owner a read in batches goes on. */
export function ownerCursor(lastOwner: string): Json {
  return { v: CURSOR_VERSION, o: lastOwner };
}

export function ownerPlace(cursor: Json | null): string | null {
  const { v, o } = fieldsOf(cursor);
  return v === CURSOR_VERSION && typeof o === 'string' ? o : null;
}

function fieldsOf(cursor: Json | null): Readonly<Record<string, Json>> {
  return typeof cursor === 'object' && cursor !== null && !Array.isArray(cursor)
    ? (cursor as Readonly<Record<string, Json>>)
    : {};
}
