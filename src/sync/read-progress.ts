/** How far a read is: what a run tells whoever watches it. */

export interface ReadProgress {
  readonly connectionId: string;
  readonly read: string;
  readonly pages: number;
  readonly rows: number;
  /** Rows of the newest complete walk of this read; null when there was none. */
  readonly total: number | null;
  readonly state: 'running' | 'succeeded' | 'incomplete' | 'failed';
  /** Why it is incomplete or failed; a closed code or an error code. */
  readonly reason: string | null;
}
