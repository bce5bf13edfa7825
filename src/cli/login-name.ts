/** Who sits at this terminal, as the system knows them. */
import { userInfo } from 'node:os';

/** `cli` where the system has no name for the user, as in many containers. */
export function loginName(): string {
  try {
    return userInfo().username || 'cli';
  } catch {
    return 'cli';
  }
}
