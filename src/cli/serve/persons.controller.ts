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
import { readAtBureaus } from '../../sync/read-at-bureaus.js';
import { pullPersons } from '../../sync/pull-persons.js';
import { SYNC_SETTINGS, type SyncSettings } from '../../sync/sync-settings.js';
import { SyncTools } from '../../sync/sync-tools.js';
import { personBody } from './cases.http.js';

const READ_WITHIN_MS = 60_000;

interface PersonAnswer {
  readonly personId: string | null;
  readonly reads: readonly { readonly connection: string; readonly run: string; readonly changed: number }[];
  readonly notKnownAt: readonly string[];
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
      throw new HttpRefusal(404, unknownConnection(connection));
    const asked = {
      ...{ tenantId, asOf: this.settings.today(), trigger: 'manual' as const, startedBy: caller.name },
      policyVersion: this.sync.policyVersionOf(tenantId),
      signal: AbortSignal.timeout(READ_WITHIN_MS),
    };
    const first = await pullPersons(this.tools, { ...asked, connectionId: connection, ownerKeys: [key] });
    const reads = [{ connection, run: first.runId, changed: first.personIds.length }];
    const of = { tenantId, connectionId: connection, ownerKey: key };
    const person = await this.database.inTenant(tenantId, (em) => findPersonByOwner(em, of));
    if (person === null) return { personId: null, reads, notKnownAt: [] };
    const { personId } = person;
    for (const each of await readAtBureaus(this.tools, { ...asked, personIds: [personId], runId: null }))
      reads.push({ connection: each.connectionId, run: each.runId, changed: each.personIds.length });
    const owners = await this.database.inTenant(tenantId, (em) => readOwners(em, tenantId, personId));
    const notKnownAt = this.registry
      .all(tenantId)
      .filter(({ declaration, connectionId }) => {
        const isKnown = owners.some((owner) => owner.connectionId === connectionId);
        return declaration.role === 'bureau' && !isKnown;
      })
      .map(({ connectionId }) => connectionId);
    return { personId, reads, notKnownAt };
  }
}

function unknownConnection(connection: string) {
  return {
    code: 'unknown-connection',
    next: 'fix-config' as const,
    message: `There is no connection "${connection.slice(0, 63)}"; name one of the configuration.`,
  };
}
