/** How notifications leave: claimed before they are sent, settled one by one, tried again for a day; an endpoint that fails rests. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { createEgress, type Egress } from '../connectors/http/egress.js';
import type { EventType } from '../domain/events.js';
import type { NotificationsDue } from '../domain/facts.js';
import type { NotifyEndpoint } from '../platform/config/notify-config.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { ATTEMPT_WITHIN_MS, type Channel, type Delivery, type Outgoing } from './channel.js';
import { openChannel } from './channels/open-channel.js';
import { laterKey } from './due-key.js';
import { asksEmployee } from './employee-news.js';
import { type EventBody, storedEvent } from './event-data.js';
import { messageText } from './message-texts.js';
import {
  bury,
  claimDue,
  forgetEnded,
  giveUpLate,
  noteRest,
  noteSuccess,
  secondsToNext,
  settleNotification,
  wake,
  type ClaimedNotification,
  type EndpointKey,
  type Settled,
} from './notification.store.js';
import { type AddressRule, NOTIFY_SETTINGS, type NotifySettings } from './notify-settings.js';
import { ENDPOINT_RESTS_SECONDS, waitAfter } from './retry-schedule.js';

/** One job does not hold its worker longer than this and one more attempt; the next job goes on. */
const SLICE_MS = 5_000;
/** Longer than an attempt can last, also when the clocks of node and database differ. */
const LEASE_SECONDS = 60;

interface OpenEndpoint {
  readonly endpoint: NotifyEndpoint;
  readonly channel: Channel;
}

/** How an attempt found the endpoint; `recovered`: it had failed before. */
type Found = 'there' | 'recovered' | 'away';

@Injectable()
export class SendNotifications implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly egress: Egress;
  /** Kept open for the tokens of vendors; as many as the configuration names. */
  private readonly open = new Map<string, OpenEndpoint>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(NOTIFY_SETTINGS) private readonly settings: NotifySettings,
  ) {
    this.egress = createEgress(settings.egress, settings.log);
  }

  /** Sends what is due for one endpoint, and leaves a job for what must wait. A worker never sleeps here. */
  async onNotificationsDue({ tenantId, endpointId }: NotificationsDue): Promise<void> {
    const key = { tenantId, endpointId };
    const open = this.openEndpoint(key);
    if (open === null) return this.giveUp(key);
    await this.database.inTenant(tenantId, async (em) => {
      const late = await giveUpLate(em, key);
      if (late > 0) this.settings.log.error({ ...key, late }, GAVE_UP);
      await forgetEnded(em, tenantId);
    });
    const endMs = performance.now() + SLICE_MS;
    while (!this.stopping.signal.aborted && performance.now() < endMs) if (!(await this.sendSome(key, open))) break;
    await this.postNext(key, open.channel.perMinute);
  }

  /** One message straight to an endpoint, past the outbox: for trying a configuration. Null when there is no such endpoint. */
  async try(key: EndpointKey, message: Outgoing): Promise<Delivery | null> {
    const open = this.openEndpoint(key);
    return open === null ? null : open.channel.send(message, AbortSignal.timeout(ATTEMPT_WITHIN_MS));
  }

  stop(): void {
    this.stopping.abort();
  }

  onApplicationShutdown(): void {
    this.stop();
    this.egress.close();
  }

  private openEndpoint({ tenantId, endpointId }: EndpointKey): OpenEndpoint | null {
    const name = `${tenantId}/${endpointId}`;
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const endpoint = this.settings.endpointsOf(tenantId).find(({ id }) => id === endpointId);
    if (endpoint === undefined) return null;
    const { egress: policy, clock, log } = this.settings;
    const channel = openChannel(endpoint, { tenantId, endpointId, egress: this.egress, policy, clock, log });
    const opened = { endpoint, channel };
    this.open.set(name, opened);
    return opened;
  }

  private async giveUp(key: EndpointKey): Promise<void> {
    const buried = await this.database.inTenant(key.tenantId, (em) => bury(em, key, 'endpoint-not-configured'));
    if (buried > 0) this.settings.log.error({ ...key, buried }, GAVE_UP);
  }

  /** False when nothing more may leave now. */
  private async sendSome(key: EndpointKey, open: OpenEndpoint): Promise<boolean> {
    const { atOnce: limit, perMinute } = open.channel;
    const claimed = await this.database.inTenant(key.tenantId, (em) =>
      claimDue(em, { ...key, limit, perMinute, leaseSeconds: LEASE_SECONDS }),
    );
    const found = await Promise.all(claimed.map((notification) => this.sendOne(key, open, notification)));
    if (found.includes('recovered')) await this.database.inTenant(key.tenantId, (em) => wake(em, key));
    return claimed.length > 0 && !found.includes('away');
  }

  private async sendOne(key: EndpointKey, open: OpenEndpoint, claimed: ClaimedNotification): Promise<Found> {
    const delivery = await this.attempt(key, open, claimed);
    const settled: Settled = { ...settlementOf(claimed, delivery), tenantId: key.tenantId };
    const { state, found } = await this.database.inTenant(key.tenantId, async (em) => ({
      state: await settleNotification(em, settled),
      found: await this.noteEndpoint(em, key, delivery),
    }));
    this.report(key, claimed, { delivery, state });
    return found;
  }

  private async noteEndpoint(em: EntityManager, key: EndpointKey, delivery: Delivery): Promise<Found> {
    switch (delivery.outcome) {
      case 'delivered':
      case 'taken':
        return (await noteSuccess(em, key)) ? 'recovered' : 'there';
      case 'refused':
        return 'there';
      case 'failed':
      case 'throttled': {
        const waitSeconds = delivery.waitMs === null ? null : delivery.waitMs / 1000;
        await noteRest(em, { ...key, code: delivery.code, waitSeconds, waitsSeconds: ENDPOINT_RESTS_SECONDS });
        return 'away';
      }
    }
  }

  private async attempt(
    { tenantId }: EndpointKey,
    open: OpenEndpoint,
    claimed: ClaimedNotification,
  ): Promise<Delivery> {
    const { endpoint, channel } = open;
    const rule = 'address' in endpoint ? endpoint.address : undefined;
    const address = rule === undefined ? null : await this.addressOf(tenantId, claimed, rule);
    if (rule !== undefined && address === null) return { outcome: 'refused', code: 'no-address' };
    const type = claimed.eventType as EventType;
    const event = storedEvent(type, claimed.body);
    const audience = rule === undefined ? 'hr' : { pageLink: await this.pageLinkOf(tenantId, event) };
    const language = 'language' in endpoint ? endpoint.language : 'zh-CN';
    const message: Outgoing = {
      ...{ tenantId, type, notificationId: claimed.notificationId, eventId: claimed.eventId },
      ...{ occurredAt: claimed.occurredAt, body: claimed.body, receipt: claimed.receipt },
      to: address === null ? [] : [address],
      text: messageText(event, language, audience),
    };
    // Not ended by a stop: what has left is waited for, within the time of an attempt.
    return channel.send(message, AbortSignal.timeout(ATTEMPT_WITHIN_MS));
  }

  private async pageLinkOf(tenantId: string, { type, data }: EventBody): Promise<string | null> {
    if (!asksEmployee(type) || !('caseId' in data)) return null;
    return this.settings.pageLinkOf({ tenantId, caseId: data.caseId });
  }

  private async addressOf(
    tenantId: string,
    { personId }: ClaimedNotification,
    rule: AddressRule,
  ): Promise<string | null> {
    if (personId === null) return null;
    return this.database.inTenant(tenantId, (em) => this.settings.addressOf(em, { tenantId, personId, rule }));
  }

  private async postNext(key: EndpointKey, perMinute: number | null): Promise<void> {
    const { tenantId, endpointId } = key;
    await this.database.inTenant(tenantId, async (em) => {
      const seconds = await secondsToNext(em, { ...key, perMinute });
      if (seconds === null) return;
      const runAt = new Date(this.settings.clock.now().getTime() + seconds * 1000);
      await this.jobs.post(
        em,
        { fact: 'NotificationsDue', tenantId, endpointId },
        { ...laterKey(tenantId, endpointId), runAt },
      );
    });
  }

  private report(
    key: EndpointKey,
    { notificationId, eventType, attempts }: ClaimedNotification,
    { delivery, state }: { readonly delivery: Delivery; readonly state: string | null },
  ): void {
    const code = 'code' in delivery ? delivery.code : null;
    const told = { ...key, notificationId, eventType, attempts, outcome: delivery.outcome, code, state };
    if (state === 'dead') this.settings.log.error(told, GAVE_UP);
    else if (code === null) this.settings.log.debug(told, 'A notification left.');
    else this.settings.log.warn(told, 'A notification did not get through; it is tried again.');
  }
}

const GAVE_UP =
  'Notifications are given up: see "buduan notifications list --state dead", mend the cause, then replay them.';

/** A receiver's own wish to wait longer than planned is kept; a message that will not do is not tried again. */
function settlementOf(
  { notificationId, attempts }: ClaimedNotification,
  delivery: Delivery,
): Omit<Settled, 'tenantId'> {
  const base = { notificationId, attempts, receipt: null, waitSeconds: null, countsAttempt: true };
  switch (delivery.outcome) {
    case 'delivered':
      return { ...base, state: 'delivered', code: delivery.note ?? null };
    case 'taken': {
      const { receipt, askAfterMs } = delivery;
      // Asking what became of it is no further attempt to send it.
      const waitSeconds = askAfterMs / 1000;
      return {
        ...base,
        state: 'retry-wait',
        code: 'result-pending',
        receipt,
        waitSeconds,
        countsAttempt: attempts === 1,
      };
    }
    case 'throttled':
      return {
        ...base,
        state: 'retry-wait',
        code: delivery.code,
        waitSeconds: delivery.waitMs / 1000,
        countsAttempt: false,
      };
    case 'failed': {
      const waitSeconds = waitAfter(attempts, delivery.waitMs);
      const state = waitSeconds === null ? 'dead' : 'retry-wait';
      return { ...base, state, code: delivery.code, waitSeconds };
    }
    case 'refused':
      return { ...base, state: 'dead', code: delivery.code };
  }
}
