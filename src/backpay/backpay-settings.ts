/** What backpay needs to know of the configuration, per tenant. */
import type { Day } from '../domain/month.js';
import type { Log } from '../platform/log/log.js';
import type { ChannelConnection } from './case-content.js';

export const BACKPAY_SETTINGS = Symbol('backpay-settings');

export interface TenantCaseRules {
  /** Connections that take applications for back-payment. */
  readonly connections: readonly ChannelConnection[];
  /** Of them, those whose forms lie in a folder until a person hands them in. */
  readonly handIn: readonly string[];
  /** How long an employee has to answer, never beyond the last day to apply. */
  readonly answerDays: number;
  /** A reminder falls due this many days before an answer or an application is due. */
  readonly remindDays: number;
  /** A bureau or agency that says nothing for longer than this after the application: a person looks. */
  readonly silentDays: number;
}

export interface BackpaySettings {
  readonly log: Log;
  /** The calendar by which deadlines are counted. */
  today(): Day;
  tenantRules(tenantId: string): TenantCaseRules;
}
