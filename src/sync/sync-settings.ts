/** What sync needs to know of rooms above it, handed down by the application. */

export const SYNC_SETTINGS = Symbol('sync-settings');

export interface SyncSettings {
  /** By what judgements of a tenant are made now; see FullRunRequest.policyVersion. */
  policyVersionOf(tenantId: string): string;
}
