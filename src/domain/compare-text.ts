/** The same order everywhere, whatever the language of the machine: by code units. For `sort`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
