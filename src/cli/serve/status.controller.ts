/** `GET /api/status`: how every tenant of this hub stands. */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { AskedBy, type Caller, tenantsOf } from '../../platform/access/caller.js';
import { AllowEveryKey } from '../../platform/access/permission.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readTenantStatus, type TenantStatus } from '../read-tenant-status.js';

export interface StatusBody {
  readonly tenants: readonly (TenantStatus & { readonly tenant: string })[];
}

@Controller('api/status')
export class StatusController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
  ) {}

  @Get()
  @AllowEveryKey()
  @Header('cache-control', 'no-store')
  async status(@AskedBy() caller: Caller): Promise<StatusBody> {
    const tenants = [];
    for (const { id } of tenantsOf(caller, this.config))
      tenants.push({ tenant: id, ...(await this.database.inTenant(id, (em) => readTenantStatus(em, id))) });
    return { tenants };
  }
}
