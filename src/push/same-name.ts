/** Whether two names stand for one person: written otherwise, they still do. Pure. */
export function sameName(one: string, other: string): boolean {
  return one.normalize('NFKC').trim().toLowerCase() === other.normalize('NFKC').trim().toLowerCase();
}
