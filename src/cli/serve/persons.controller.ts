/** `POST /api/persons`: somebody was hired; the system that knows of it and every bureau that knows the person are read at once. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { ConnectionRegistry } from '../../connectors/registry.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusingNow } from '../../platform/http/caller-mistake.js';
import { HttpRefusal } from '../../platform/http/http-refusal.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { findPersonByOwner, readOwners } from '../../sync/persons.reader.js';
import { pullPersons } from '../../sync/pull-persons.js';
import { SYNC_SETTINGS, type SyncSettings } from '../../sync/sync-settings.js';
import { SyncTools } from '../../sync/sync-tools.js';
import { personBody } from './cases.http.js';

const READ_WITHIN_MS = 60_000;

interface PersonAnswer {
  readonly personId: string | null;
  readonly reads: { readonly connection: string; readonly run: string; readonly changed: number }[];
  readonly notKnownAt: string[];
}

@Controller('api/persons')
export class PersonsController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(ConnectionRegistry) private readonly registry: ConnectionRegistry,
    @Inject(SyncTools) private readonly tools: SyncTools,
    @Inject(SYNC_SETTINGS) private readonly sync: SyncSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** The judgement follows as a job; a gap opens a finding and a case. */
  @Post()
  @Allow('hr', 'it')
  @HttpCode(202)
  async hired(@Body() body: unknown, @AskedBy() caller: Caller): Promise<PersonAnswer> {
    const { tenant, connection, key } = refusingNow(() => readRequest(personBody, body ?? {}));
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named: tenant });
    if (!this.registry.all(tenantId).some(({ connectionId }) => connectionId === connection))
      throw new HttpRefusal(400, unknownConnection(connection));
    const by = { tenantId, startedBy: caller.name };
    const answer: PersonAnswer = { personId: null, reads: [], notKnownAt: [] };
    await this.read(answer, by, { connectionId: connection, ownerKeys: [key] });
    const of = { tenantId, connectionId: connection, ownerKey: key };
    const person = await this.database.inTenant(tenantId, (em) => findPersonByOwner(em, of));
    if (person === null) return answer;
    const owners = await this.database.inTenant(tenantId, (em) => readOwners(em, tenantId, person.personId));
    for (const { connectionId, declaration } of this.registry.all(tenantId)) {
      if (declaration.role !== 'bureau' || connectionId === connection) continue;
      const ownerKeys = owners.filter((each) => each.connectionId === connectionId).map(({ ownerKey }) => ownerKey);
      if (ownerKeys.length === 0) answer.notKnownAt.push(connectionId);
      else await this.read(answer, by, { connectionId, ownerKeys });
    }
    return { ...answer, personId: person.personId };
  }

  private async read(
    answer: PersonAnswer,
    { tenantId, startedBy }: { readonly tenantId: string; readonly startedBy: string },
    what: { readonly connectionId: string; readonly ownerKeys: readonly string[] },
  ): Promise<void> {
    const { runId, personIds } = await pullPersons(this.tools, {
      ...{ tenantId, ...what, asOf: this.settings.today(), trigger: 'manual', startedBy },
      policyVersion: this.sync.policyVersionOf(tenantId),
      signal: AbortSignal.timeout(READ_WITHIN_MS),
    });
    answer.reads.push({ connection: what.connectionId, run: runId, changed: personIds.length });
  }
}

function unknownConnection(connection: string) {
  return {
    code: 'unknown-connection',
    next: 'fix-config' as const,
    message: `There is no connection "${connection.slice(0, 63)}"; name one of the configuration.`,
  };
}
