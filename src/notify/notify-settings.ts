/** What notify needs to know of the configuration and to ask of other rooms; the application fills it. */
import type { EntityManager } from 'typeorm';
import type { EgressPolicy } from '../connectors/http/egress.js';
import type { Clock } from '../platform/clock/clock.js';
import type { MessageEndpoint, NotifyConfig } from '../platform/config/notify-config.js';
import type { Log } from '../platform/log/log.js';
import type { NamedFinding, StuckData } from './event-data.js';

export const NOTIFY_SETTINGS = Symbol('notify-settings');

export interface FindingsAsked {
  readonly tenantId: string;
  readonly runId: string;
  readonly moved: 'opened' | 'closed';
  readonly personIds: readonly string[] | null;
  readonly limit: number;
}

export interface FindingsTold {
  readonly findings: number;
  readonly persons: number;
  readonly bySituation: Readonly<Record<string, number>>;
  readonly first: readonly NamedFinding[];
}

export interface StuckTold extends Omit<StuckData, 'tenantId' | 'connectionId'> {
  /** Another one for other operations, and for the same ones stuck again. */
  readonly fingerprint: string;
}

/** How employees are reached: one of the ways of hub.yaml. */
export type AddressRule = Extract<MessageEndpoint, { readonly address?: unknown }>['address'] & {};

export interface AddressAsked {
  readonly tenantId: string;
  readonly personId: string;
  readonly rule: AddressRule;
}

export interface NotifySettings {
  readonly log: Log;
  readonly clock: Clock;
  readonly egress: EgressPolicy;
  /** Empty for a tenant that the configuration does not know. */
  endpointsOf(tenantId: string): NotifyConfig;
  findingsOf(em: EntityManager, asked: FindingsAsked): Promise<FindingsTold>;
  /** Operations that need a person and were not told; marked as told with the caller's commit. */
  claimStuck(em: EntityManager, tenantId: string, connectionId: string): Promise<StuckTold | null>;
  /** Where a person is reached; null when nobody knows. Asked when a message leaves; the answer is kept nowhere. */
  addressOf(em: EntityManager, asked: AddressAsked): Promise<string | null>;
  /** The address of the page where the employee of this case answers; null = there is none now. A secret, asked for when a message leaves. */
  pageLinkOf(asked: { readonly tenantId: string; readonly caseId: string }): Promise<string | null>;
}
