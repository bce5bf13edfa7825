/** Which day it is for the people of a hub: the calendar by which it counts deadlines. */
import { BACKPAY_SETTINGS, type BackpaySettings } from '../backpay/backpay-settings.js';
import type { Day } from '../domain/month.js';
import type { OpenHub } from './open-hub.js';

export function todayOf({ app }: Pick<OpenHub, 'app'>): Day {
  return app.get<BackpaySettings>(BACKPAY_SETTINGS).today();
}
