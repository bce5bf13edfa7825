/** How commands speak to people: text and tables to stdout, progress to stderr, one JSON object with --json. */
import Table from 'cli-table3';
import pc from 'picocolors';

export interface Terminal {
  readonly isJson: boolean;
  /** A line for people; silent with --json. */
  say(line: string): void;
  /** A table for people; silent with --json. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
  /** The command's one JSON object; silent without --json. */
  json(value: unknown): void;
  /** A line that is never part of the result: progress, warnings. */
  note(line: string): void;
}

export function createTerminal(options: { readonly json?: boolean | undefined }): Terminal {
  const isJson = options.json === true;
  return {
    isJson,
    say: (line) => {
      if (!isJson) process.stdout.write(`${line}\n`);
    },
    table: (head, rows) => {
      if (isJson) return;
      const table = new Table({
        head: head.map((cell) => pc.bold(cell)),
        // The table's own colours would go by TERM alone, also into a pipe.
        style: { head: [], border: pc.isColorSupported ? ['gray'] : [], compact: true },
      });
      for (const row of rows) table.push([...row].map(String));
      process.stdout.write(`${table.toString()}\n`);
    },
    json: (value) => {
      if (isJson) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (line) => process.stderr.write(`${line}\n`),
  };
}
