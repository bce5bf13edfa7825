/** Which of two editions is the newer: year.month.number, compared as numbers. */

/** Negative where `a` is older than `b`. Marks of overlays (`+…`) do not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (const [place, number] of left.entries()) {
    const difference = number - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The pack's edition without the marks of overlays. */
export function packVersionOf(bookVersion: string): string {
  return bookVersion.split('+')[0] ?? bookVersion;
}

function numbersOf(version: string): readonly number[] {
  return packVersionOf(version).split('.').map(Number);
}
