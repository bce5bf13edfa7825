/** `GET /api/audit/…`: the audit trail of a tenant for auditors. */
import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import { type AuditEventView, listAuditEvents, readAuditHead } from '../../platform/audit/audit-events.reader.js';
import { type KeptHead, writeHead } from '../../platform/audit/kept-head.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusing } from '../../platform/http/caller-mistake.js';
import { CLOCK, HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { auditEventsQuery, auditHeadQuery } from './audit.http.js';

@Controller('api/audit')
export class AuditController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('events')
  @Allow('auditor')
  @Header('cache-control', 'no-store')
  events(@Query() query: unknown, @AskedBy() caller: Caller): Promise<{ readonly events: readonly AuditEventView[] }> {
    return refusing(async () => {
      const { tenant: named, ...filter } = readRequest(auditEventsQuery, query);
      const { id: tenantId } = tenantAsked({ caller, config: this.config, named });
      const events = await this.database.inTenant(tenantId, (em) => listAuditEvents(em, { tenantId, ...filter }));
      return { events };
    });
  }

  @Get('head')
  @Allow('auditor')
  @Header('cache-control', 'no-store')
  head(@Query() query: unknown, @AskedBy() caller: Caller): Promise<KeptHead> {
    return refusing(async () => {
      const { tenant: named } = readRequest(auditHeadQuery, query);
      const { id: tenant } = tenantAsked({ caller, config: this.config, named });
      const head = await this.database.inTenant(tenant, (em) => readAuditHead(em, tenant));
      return writeHead(head, { tenant, at: this.clock.now() });
    });
  }
}
