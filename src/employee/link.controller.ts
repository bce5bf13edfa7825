/** `POST /api/cases/:id/link` and its kin: HR makes and ends the links to employees' pages. */
import { Body, Controller, Header, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { HubError } from '../domain/hub-error.js';
import { isUuid } from '../domain/uuid.js';
import { AskedBy, type Caller, tenantAsked } from '../platform/access/caller.js';
import { Allow } from '../platform/access/permission.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { refusing } from '../platform/http/caller-mistake.js';
import { HUB_CONFIG } from '../platform/platform.module.js';
import { readRequest } from '../policy/policy-request.schema.js';
import { EmployeeLinks, type MadeLink } from './employee-links.js';
import { linkEndRequest, linkRequest } from './link.http.js';

const STATUSES = { 'unknown-case': 404, 'unknown-person': 404, 'unknown-link': 404, 'case-not-askable': 409 } as const;

@Controller('api')
export class LinkController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(EmployeeLinks) private readonly links: EmployeeLinks,
  ) {}

  @Post('cases/:caseId/link')
  @Allow('hr')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  forCase(@Param('caseId') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<MadeLink> {
    return refusing(async () => {
      const { tenantId, days } = this.asked(linkRequest, body, caller);
      return this.links.forCase({ tenantId, caseId: uuid(id, 'unknown-case'), by: caller.name, days });
    }, STATUSES);
  }

  @Post('persons/:id/link')
  @Allow('hr')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  forPerson(@Param('id') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<MadeLink> {
    return refusing(async () => {
      const { tenantId, days } = this.asked(linkRequest, body, caller);
      return this.links.forPerson({ tenantId, personId: uuid(id, 'unknown-person'), by: caller.name, days });
    }, STATUSES);
  }

  @Post('links/:id/revoke')
  @Allow('hr')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  revoke(
    @Param('id') id: string,
    @Body() body: unknown,
    @AskedBy() caller: Caller,
  ): Promise<{ readonly linkId: string; readonly revoked: true }> {
    return refusing(async () => {
      const { tenantId } = this.asked(linkEndRequest, body, caller);
      await this.links.revoke({ tenantId, linkId: uuid(id, 'unknown-link'), by: caller.name });
      return { linkId: id, revoked: true as const };
    }, STATUSES);
  }

  private asked<T extends z.ZodType<{ tenant?: string | undefined }>>(
    schema: T,
    body: unknown,
    caller: Caller,
  ): Omit<z.output<T>, 'tenant'> & { readonly tenantId: string } {
    const { tenant: named, ...rest } = readRequest(schema, body ?? {});
    return { ...rest, tenantId: tenantAsked({ caller, config: this.config, named }).id };
  }
}

/** What is no id is an id that nobody has. */
function uuid(text: string, code: keyof typeof STATUSES): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new HubError({ code, next: 'fix-config', message: 'Nothing has this id.' });
}
