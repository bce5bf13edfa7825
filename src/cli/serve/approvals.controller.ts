/** `/api/approvals…`: everything that waits for a second person in one list, and the decision about exactly that. */
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { DecideCases } from '../../backpay/decide-cases.js';
import { HubError } from '../../domain/hub-error.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusing } from '../../platform/http/caller-mistake.js';
import { HttpRefusal } from '../../platform/http/http-refusal.js';
import type { Log } from '../../platform/log/log.js';
import { HUB_CONFIG, LOG } from '../../platform/platform.module.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { packVersionOf } from '../../policy/packs/pack-version.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { DecideOperations } from '../../push/decide-operations.js';
import { DecidePlan } from '../../push/decide-plan.js';
import { parseApprovalId } from '../approvals/approval.js';
import { type ApprovalOutcome, type Deciders, decideApproval } from '../approvals/decide-approval.js';
import { type ApprovalShown, type ApprovalsPage, listApprovals, readApproval } from '../approvals/list-approvals.js';
import * as http from './approvals.http.js';

@Controller('api/approvals')
export class ApprovalsController {
  private readonly deciders: Deciders;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(PolicyEditions) private readonly editions: PolicyEditions,
    @Inject(LOG) private readonly log: Log,
    @Inject(DecidePlan) plans: DecidePlan,
    @Inject(DecideOperations) operations: DecideOperations,
    @Inject(DecideCases) cases: DecideCases,
  ) {
    this.deciders = { plans, operations, cases, editions };
  }

  @Get()
  @Allow('checker', 'hr', 'auditor')
  @Header('cache-control', 'no-store')
  list(@Query() query: unknown, @AskedBy() caller: Caller): Promise<ApprovalsPage> {
    return refusing(async () => {
      const { tenant, kind, after, limit } = readRequest(http.approvalsQuery, query);
      const of = await this.tenant(caller, tenant);
      const page = { ...of, limit, ...(kind === undefined ? {} : { kind }), ...(after === undefined ? {} : { after }) };
      return this.database.inTenant(of.tenantId, (em) => listApprovals(em, page));
    });
  }

  @Get(':approvalId')
  @Allow('checker', 'hr', 'auditor')
  @Header('cache-control', 'no-store')
  show(@Param('approvalId') id: string, @Query() query: unknown, @AskedBy() caller: Caller): Promise<ApprovalShown> {
    return refusing(async () => {
      const { tenant } = readRequest(http.approvalQuery, query);
      const found = await this.find(await this.tenant(caller, tenant), id);
      if (found === null) throw new HttpRefusal(404, { next: 'fix-config', ...NOT_WAITING });
      return found;
    });
  }

  /** Each line on its own: whatever becomes of one, the others are decided. */
  @Post('decide')
  @Allow('checker')
  @HttpCode(200)
  decideMany(@Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return refusing(async () => {
      const results = [];
      for (const line of readRequest(http.decideBody, body ?? {}).lines) results.push(await this.line(caller, line));
      return { results };
    });
  }

  @Post(':approvalId/approve')
  @Allow('checker')
  @HttpCode(200)
  approve(@Param('approvalId') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return refusing(async () => {
      const asked = readRequest(http.approveBody, body ?? {});
      return answer(id, 'approve', await this.decide(caller, { ...asked, id, decision: 'approve' }));
    });
  }

  @Post(':approvalId/reject')
  @Allow('checker')
  @HttpCode(200)
  reject(@Param('approvalId') id: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return refusing(async () => {
      const asked = readRequest(http.rejectBody, body ?? {});
      const line = { ...asked, id, decision: 'reject' as const, acceptsUnverified: false };
      return answer(id, 'reject', await this.decide(caller, line));
    });
  }

  /** In the name of whose key it is; no request can say another. */
  private async decide(caller: Caller, line: Line): Promise<ApprovalOutcome> {
    const { tenant, id, decision, hash, reason = null, acceptsUnverified } = line;
    const { tenantId, policyVersion } = await this.tenant(caller, tenant);
    const of = parseApprovalId(id);
    if (of === null) return { outcome: 'refused', status: 404, ...NOT_WAITING };
    const waiting = of.kind === 'policy-edition' ? await this.find({ tenantId, policyVersion }, id) : null;
    const asked = { tenantId, of, decision, hash, reason, acceptsUnverified, actor: caller.name };
    return decideApproval(this.deciders, { ...asked, today: this.settings.today() }, waiting);
  }

  private async line(caller: Caller, input: { readonly id?: unknown }): Promise<LineResult> {
    const id = typeof input.id === 'string' ? input.id.slice(0, 100) : null;
    try {
      const line = await refusing(() => Promise.resolve(readRequest(http.decideLine, input)));
      if (line.decision === 'reject' && line.reason === undefined)
        return { id, status: 422, code: 'reason-needed', message: 'A rejection says why: give "reason".' };
      const outcome = await this.decide(caller, line);
      if (outcome.outcome === 'decided') return { id, status: 200, code: 'decided', message: null };
      const { status, code, message } = outcome;
      return { id, status, code, message };
    } catch (error) {
      if (error instanceof HttpRefusal) {
        const { code, message, status } = error;
        return { id, status: status === 400 ? 422 : status, code, message };
      }
      this.log.error({ component: 'http', err: error, approval: id }, 'One line of many could not be decided.');
      const code = error instanceof HubError ? error.code : 'fault';
      return { id, status: 500, code, message: 'The hub failed at this line; nothing of it was done. Try it again.' };
    }
  }

  private async find(of: Tenant, id: string): Promise<ApprovalShown | null> {
    const parsed = parseApprovalId(id);
    if (parsed === null) return null;
    const asked = { ...of, of: parsed, today: this.settings.today() };
    return this.database.inTenant(of.tenantId, (em) => readApproval(em, asked));
  }

  private async tenant(caller: Caller, named: string | undefined): Promise<Tenant> {
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named });
    return { tenantId, policyVersion: packVersionOf((await this.editions.refresh(tenantId)).version) };
  }
}

interface Tenant {
  readonly tenantId: string;
  readonly policyVersion: string;
}

type Line = ReturnType<typeof http.decideLine.parse>;

interface LineResult {
  readonly id: string | null;
  readonly status: number;
  readonly code: string;
  readonly message: string | null;
}

const NOT_WAITING = {
  code: 'unknown-approval',
  message: 'Nothing of this id waits for an approval; "buduan approvals list" shows what does.',
};

function answer(id: string, decision: Line['decision'], outcome: ApprovalOutcome) {
  if (outcome.outcome === 'decided') return { id, decision };
  const { status, code, message } = outcome;
  throw new HttpRefusal(status, { code, message, next: status === 404 ? 'fix-config' : 'ask-person' });
}
