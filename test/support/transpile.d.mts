/** Returns the file URL of the compiled form of a source, for programs that plain Node runs beside the tests. */
export function transpile(entry: string): string;
