/** What a node does: answer callers, work, or both. */

export const ROLES = ['server', 'worker', 'all'] as const;
export type NodeRole = (typeof ROLES)[number];

/** Answers callers of the API; every node answers questions about its health. */
export function isServer(role: NodeRole): boolean {
  return role !== 'worker';
}

/** Runs jobs and starts the runs of schedules. */
export function isWorker(role: NodeRole): boolean {
  return role !== 'server';
}
