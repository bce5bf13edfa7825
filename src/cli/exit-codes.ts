/** What a command's exit code says to a script. */
export const EXIT = {
  done: 0,
  failed: 1,
  badConfig: 2,
  suspended: 3,
  incomplete: 4,
  needsPerson: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
