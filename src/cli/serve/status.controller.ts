/** `GET /api/status`: how every tenant of this hub stands. */
import { Controller, Get, Header, Inject, UseGuards } from '@nestjs/common';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { ApiGuard } from '../../platform/http/api-guard.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readTenantStatus, type TenantStatus } from '../read-tenant-status.js';

export interface StatusBody {
  readonly tenants: readonly (TenantStatus & { readonly tenant: string })[];
}

@Controller('api/status')
@UseGuards(ApiGuard)
export class StatusController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async status(): Promise<StatusBody> {
    const tenants = [];
    for (const { id } of this.config.tenants)
      tenants.push({ tenant: id, ...(await this.database.inTenant(id, (em) => readTenantStatus(em, id))) });
    return { tenants };
  }
}
