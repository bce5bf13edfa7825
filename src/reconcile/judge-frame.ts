/** What is the same for every person of a batch: the day, the judged months, the tenant's rules, the policy as known that day. */
import { closedMonths, lastDay, monthOfDay, type Day, type Month } from '../domain/month.js';
import type { ConnectionRules, TenantRules } from './reconcile-settings.js';
import { PolicyCalls } from './policy-calls.js';
import type { SourceStates } from './source-states.js';

export interface JudgeFrame {
  readonly asOf: Day;
  readonly asOfMonth: Month;
  /** Closed months, oldest first. */
  readonly months: readonly Month[];
  readonly lastDays: readonly Day[];
  readonly placeOfMonth: ReadonlyMap<Month, number>;
  readonly rules: TenantRules;
  readonly connections: ReadonlyMap<string, ConnectionRules>;
  readonly policy: PolicyCalls;
  readonly sources: SourceStates;
}

export interface FrameInput {
  readonly asOf: Day;
  readonly rules: TenantRules;
  readonly sources: SourceStates;
}

export function frameOf({ asOf, rules, sources }: FrameInput): JudgeFrame {
  const months = closedMonths(asOf, rules.lookBackMonths);
  return {
    asOf,
    asOfMonth: monthOfDay(asOf),
    months,
    lastDays: months.map(lastDay),
    placeOfMonth: new Map(months.map((month, place) => [month, place])),
    rules,
    connections: new Map(rules.connections.map((connection) => [connection.connectionId, connection])),
    policy: new PolicyCalls(rules.policy, asOf, rules.recalculatedUpTo ?? null),
    sources,
  };
}
