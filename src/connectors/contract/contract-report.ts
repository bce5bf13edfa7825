/** What the contract suite says: a list of checks for the author of a manifest, without a single value of a person. */

export interface ContractCheck {
  /** `read employees: fields`, `write status: dry` … */
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, with counts. */
  readonly says: string;
  /** What to change; null where nothing needs to be. */
  readonly fix: string | null;
}

export interface ContractReport {
  readonly ok: boolean;
  readonly checks: readonly ContractCheck[];
}

export function passed(name: string, says: string): ContractCheck {
  return { name, ok: true, says, fix: null };
}

export function failed(name: string, says: string, fix: string): ContractCheck {
  return { name, ok: false, says, fix };
}
