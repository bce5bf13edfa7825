/** `GET /api/case-metrics`: how long cases take, how often HR acts, and how much of the time is the hub's own. */
import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { METRIC_DAYS, readCaseMetrics } from '../../backpay/case-metrics.reader.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusingNow } from '../../platform/http/caller-mistake.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { metricsQuery } from './case-metrics.http.js';

@Controller('api/case-metrics')
export class CaseMetricsController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  @Get()
  @Allow('hr', 'checker', 'it', 'auditor')
  @Header('cache-control', 'no-store')
  async read(@Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { tenant } = refusingNow(() => readRequest(metricsQuery, query ?? {}));
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named: tenant });
    const asked = { tenantId, today: this.settings.today() };
    const metrics = await this.database.inTenant(tenantId, (em) => readCaseMetrics(em, asked));
    return { today: asked.today, withinDays: METRIC_DAYS, ...metrics };
  }
}
