/** `/api/findings…`: what must be acted on, with the evidence of every source; set aside for a while, and taken back. */
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { isUuid } from '../../domain/uuid.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusing } from '../../platform/http/caller-mistake.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { type FindingFilter, type FindingView, listFindings } from '../../reconcile/findings.reader.js';
import { MarkFindings, unknownFinding } from '../../reconcile/mark-findings.js';
import { type FindingShown, ShowFinding } from '../../reconcile/show-finding.js';
import * as http from './findings.http.js';

const STATUSES = { 'unknown-finding': 404, 'finding-closed': 409, 'not-set-aside': 409 } as const;

@Controller('api/findings')
export class FindingsController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(ShowFinding) private readonly findings: ShowFinding,
    @Inject(MarkFindings) private readonly marks: MarkFindings,
  ) {}

  @Get()
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  list(
    @Query() query: unknown,
    @AskedBy() caller: Caller,
  ): Promise<{ readonly findings: readonly FindingView[]; readonly next: string | null }> {
    return refusing(async () => {
      const asked = readRequest(http.findingsQuery, query);
      const filter = filterOf(this.tenant(caller, asked.tenant), this.settings, asked);
      // One more than asked tells whether there is another page.
      const found = await this.database.inTenant(filter.tenantId, (em) =>
        listFindings(em, { ...filter, limit: asked.limit + 1 }),
      );
      const findings = found.slice(0, asked.limit);
      return { findings, next: found.length > asked.limit ? (findings.at(-1)?.findingId ?? null) : null };
    });
  }

  @Get(':findingId')
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  show(@Param('findingId') id: string, @Query() query: unknown, @AskedBy() caller: Caller): Promise<FindingShown> {
    return refusing(async () => {
      const { tenant } = readRequest(http.findingQuery, query);
      return this.findings.show(this.key(caller, tenant, id));
    }, STATUSES);
  }

  @Post(':findingId/set-aside')
  @Allow('hr')
  @HttpCode(200)
  setAside(@Param('findingId') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<FindingShown> {
    return refusing(async () => {
      const { tenant, reason, until } = readRequest(http.setAsideBody, body ?? {});
      const key = this.key(caller, tenant, id);
      await this.marks.setAside({ ...key, actor: caller.name, reason, until });
      return this.findings.show(key);
    }, STATUSES);
  }

  @Post(':findingId/take-back')
  @Allow('hr')
  @HttpCode(200)
  takeBack(@Param('findingId') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<FindingShown> {
    return refusing(async () => {
      const { tenant, reason } = readRequest(http.takeBackBody, body ?? {});
      const key = this.key(caller, tenant, id);
      await this.marks.takeBack({ ...key, actor: caller.name, reason });
      return this.findings.show(key);
    }, STATUSES);
  }

  private key(caller: Caller, named: string | undefined, id: string) {
    const tenantId = this.tenant(caller, named);
    if (!isUuid(id)) throw unknownFinding();
    return { tenantId, findingId: id.toLowerCase(), today: this.settings.today() };
  }

  private tenant(caller: Caller, named: string | undefined): string {
    return tenantAsked({ caller, config: this.config, named }).id;
  }
}

function filterOf(
  tenantId: string,
  settings: BackpaySettings,
  asked: ReturnType<typeof http.findingsQuery.parse>,
): FindingFilter {
  const { kind, state, person, connection, insurance, from, to, run, setAside, after, limit } = asked;
  return {
    ...{ tenantId, state, limit, today: settings.today() },
    ...(kind === undefined ? {} : { situations: kind }),
    ...(person === undefined ? {} : { personId: person }),
    ...(connection === undefined ? {} : { connectionId: connection }),
    ...(insurance === undefined ? {} : { insurance }),
    ...(from === undefined ? {} : { fromMonth: from }),
    ...(to === undefined ? {} : { lastMonth: to }),
    ...(run === undefined ? {} : { runId: run }),
    ...(setAside === undefined ? {} : { isSetAside: setAside }),
    ...(after === undefined ? {} : { after }),
  };
}
