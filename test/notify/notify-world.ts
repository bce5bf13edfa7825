/** One tenant with endpoints on loopback, a real database, and hands that do what jobs would do. */
import { v7 as newId } from 'uuid';
import type { News } from '../../src/domain/facts.js';
import { ReplayNotifications } from '../../src/notify/replay-notifications.js';
import { SendNotifications } from '../../src/notify/send-notifications.js';
import { TellNews } from '../../src/notify/tell-news.js';
import type { FindingsTold, NotifySettings } from '../../src/notify/notify-settings.js';
import { systemClock } from '../../src/platform/clock/clock.js';
import type { NotifyEndpoint, WebhookEndpoint } from '../../src/platform/config/notify-config.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log/log.js';
import { claimStuck } from '../../src/push/tell-stuck.store.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

export const TENANT = 'company-a';
export const LOOPBACK = { allow: [{ host: '127.0.0.1', http: true, addresses: ['127.0.0.0/8'] }] };
/** The published example secret of Standard Webhooks. */
export const SIGNING_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface NotifyWorld {
  readonly test: TestDatabase;
  readonly settings: NotifySettings;
  readonly send: SendNotifications;
  readonly replay: ReplayNotifications;
  /** What the settings answer; tests change them. */
  readonly given: {
    endpoints: NotifyEndpoint[];
    findings: FindingsTold;
    address: string | null;
    pageLink: string | null;
  };
  readonly logged: () => string;
  tell(news: News): Promise<void>;
  /** As the job would: everything that is due for the endpoint. */
  sendDue(endpointId?: string): Promise<void>;
  /** Lets this much time pass for everything that waits. */
  later(seconds: number): Promise<void>;
  rows(): Promise<Record<string, unknown>[]>;
  sql(text: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openNotifyWorld(...endpoints: readonly NotifyEndpoint[]): Promise<NotifyWorld> {
  const test = await openTestDatabase();
  const { database } = test;
  const lines: string[] = [];
  const log = createLog({ level: 'debug', pretty: false, destination: { write: (line) => void lines.push(line) } });
  const jobs = new Jobs({ database, url: test.url, log });
  const given: NotifyWorld['given'] = {
    endpoints: [...endpoints],
    findings: { findings: 0, persons: 0, bySituation: {}, first: [] },
    address: null,
    pageLink: null,
  };
  const settings: NotifySettings = {
    ...{ log, clock: systemClock, egress: LOOPBACK },
    endpointsOf: () => given.endpoints,
    findingsOf: (_em, { moved }) =>
      Promise.resolve(moved === 'opened' ? given.findings : { findings: 0, persons: 0, bySituation: {}, first: [] }),
    claimStuck,
    addressOf: () => Promise.resolve(given.address),
    pageLinkOf: () => Promise.resolve(given.pageLink),
  };
  const sql: NotifyWorld['sql'] = (text, parameters = []) =>
    database.inTenant(TENANT, (em) => em.query(text, [...parameters]));
  await database.acrossTenants((em) =>
    em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [TENANT]),
  );
  const news = new TellNews(database, jobs, settings);
  const send = new SendNotifications(database, jobs, settings);
  return {
    ...{ test, settings, send, given, sql },
    replay: new ReplayNotifications(database, jobs),
    logged: () => lines.join(''),
    tell: (told) => news.onNews(told),
    sendDue: (endpointId = given.endpoints[0]?.id ?? '') =>
      send.onNotificationsDue({ fact: 'NotificationsDue', tenantId: TENANT, endpointId }),
    later: async (seconds) => {
      await sql(
        `UPDATE buduan.notification SET next_at = next_at - make_interval(secs => $1), give_up_at = give_up_at - make_interval(secs => $1),
                attempted_at = attempted_at - make_interval(secs => $1)`,
        [seconds],
      );
      await sql('UPDATE buduan.notification_endpoint SET paused_until = paused_until - make_interval(secs => $1)', [
        seconds,
      ]);
    },
    rows: () =>
      sql(
        `SELECT event_type, endpoint_id, state, attempts, last_code FROM buduan.notification ORDER BY notification_id`,
      ),
    close: async () => {
      send.onApplicationShutdown();
      await test.close();
    },
  };
}

export function webhook(url: string, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    ...{ channel: 'webhook', id: 'erp', url, secrets: [new Secret(SIGNING_SECRET)], events: ['*'], format: 'standard' },
    ...more,
  };
}

export function suspended(planId = newId()): Extract<News, { fact: 'RunSuspended' }> {
  const runId = newId();
  return { fact: 'RunSuspended', tenantId: TENANT, runId, planId, reasons: ['worse-status'], operations: 40 };
}

export function caseMoved(to = 'awaiting-employee', from = 'proposed'): Extract<News, { fact: 'CaseMoved' }> {
  return { fact: 'CaseMoved', tenantId: TENANT, caseId: newId(), personId: newId(), from, to, moveNo: 2 };
}
