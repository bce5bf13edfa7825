/** Wires notify: its verbs. NOTIFY_SETTINGS comes from the application. */
import { Module } from '@nestjs/common';
import { ReplayNotifications } from './replay-notifications.js';
import { SendNotifications } from './send-notifications.js';
import { TellNews } from './tell-news.js';

@Module({
  providers: [TellNews, SendNotifications, ReplayNotifications],
  exports: [TellNews, SendNotifications, ReplayNotifications],
})
export class NotifyModule {}
