/** `POST /api/persons/:id/identity`: the whole identity number of one person, against a reason. */
import { Body, Controller, Header, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { HubError } from '../../domain/hub-error.js';
import { isUuid } from '../../domain/uuid.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { refusing } from '../../platform/http/caller-mistake.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { type RevealedIdentity, revealIdentity } from '../../sync/reveal-identity.js';
import { SyncTools } from '../../sync/sync-tools.js';
import { identityRequest } from './person.http.js';

@Controller('api/persons')
export class PersonController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(SyncTools) private readonly tools: SyncTools,
  ) {}

  @Post(':id/identity')
  @Allow('hr')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  reveal(@Param('id') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<RevealedIdentity> {
    return refusing(
      async () => {
        const { tenant: named, reason } = readRequest(identityRequest, body);
        const { id: tenantId } = tenantAsked({ caller, config: this.config, named });
        if (!isUuid(id))
          throw new HubError({ code: 'unknown-person', next: 'fix-config', message: 'There is no such person.' });
        return revealIdentity(this.tools, { tenantId, personId: id, actor: caller.name, reason });
      },
      { 'unknown-person': 404 },
    );
  }
}
