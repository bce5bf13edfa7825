/** How far a read is: what a run tells whoever watches it. */

export interface ReadProgress {
  readonly connectionId: string;
  readonly read: string;
  readonly pages: number;
  readonly rows: number;
  /** What the source declared, where it did. */
  readonly total: number | null;
  readonly state: 'running' | 'succeeded' | 'incomplete' | 'failed';
  /** Why it is incomplete or failed; a closed code or an error code. */
  readonly reason: string | null;
}
