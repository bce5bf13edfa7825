/** Which channel speaks to an endpoint. */
import type { EgressPolicy } from '../../connectors/http/egress.js';
import type { NotifyEndpoint } from '../../platform/config/notify-config.js';
import type { Channel } from '../channel.js';
import { DingtalkRobot, DingtalkWork } from './dingtalk.js';
import { EmailChannel } from './email.js';
import { FeishuApp, FeishuRobot } from './feishu.js';
import type { VendorParts } from './vendor-api.js';
import { WebhookChannel } from './webhook.js';
import { WecomApp, WecomRobot } from './wecom.js';

export interface ChannelParts extends VendorParts {
  readonly policy: EgressPolicy;
}

export function openChannel(endpoint: NotifyEndpoint, parts: ChannelParts): Channel {
  switch (endpoint.channel) {
    case 'webhook':
      return new WebhookChannel(endpoint, parts);
    case 'wecom-robot':
      return new WecomRobot(endpoint, parts);
    case 'wecom-app':
      return new WecomApp(endpoint, parts);
    case 'dingtalk-robot':
      return new DingtalkRobot(endpoint, parts);
    case 'dingtalk-work':
      return new DingtalkWork(endpoint, parts);
    case 'feishu-robot':
      return new FeishuRobot(endpoint, parts);
    case 'feishu-app':
      return new FeishuApp(endpoint, parts);
    case 'email':
      return new EmailChannel(endpoint, parts.policy);
  }
}
