/** `/api/cases…`: back-payment cases listed by days left, shown, proved, proposed, asked about, answered, approved, submitted, withdrawn, rejected, reopened. */
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, StreamableFile } from '@nestjs/common';
import type { z } from 'zod';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { listCases, readCase, readCaseHistory } from '../../backpay/cases.reader.js';
import { type CaseRequest, type DecideOutcome, DecideCases } from '../../backpay/decide-cases.js';
import type { CaseAct } from '../../backpay/move-case.js';
import { ProposeCases } from '../../backpay/propose-cases.js';
import { type Refusal, refusalText } from '../../backpay/refusal-text.js';
import { HubError } from '../../domain/hub-error.js';
import { isUuid } from '../../domain/uuid.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { refusingNow } from '../../platform/http/caller-mistake.js';
import { HttpRefusal } from '../../platform/http/http-refusal.js';
import { CLOCK, HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { evidenceArchive, evidenceName } from '../evidence/evidence-archive.js';
import { takeEvidence } from '../evidence/take-evidence.js';
import * as http from './cases.http.js';

@Controller('api/cases')
export class CasesController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(ProposeCases) private readonly proposals: ProposeCases,
    @Inject(DecideCases) private readonly decide: DecideCases,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  async list(@Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { tenant, state, person, limit = 100 } = asked(http.casesQuery, query);
    const today = this.settings.today();
    const filter = {
      tenantId: this.tenant(caller, tenant),
      today,
      limit,
      ...given({ states: state, personId: person }),
    };
    return { today, cases: await this.database.inTenant(filter.tenantId, (em) => listCases(em, filter)) };
  }

  @Get(':caseId')
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  async show(@Param('caseId') caseId: string, @Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const tenantId = this.tenant(caller, asked(http.caseQuery, query).tenant);
    const of = { tenantId, caseId: idOf(caseId), today: this.settings.today() };
    const view = await this.database.inTenant(tenantId, (em) => readCase(em, of));
    if (view === null) throw refused({ outcome: 'unknown-case' });
    return view;
  }

  @Get(':caseId/history')
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  async history(@Param('caseId') caseId: string, @Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const tenantId = this.tenant(caller, asked(http.caseQuery, query).tenant);
    const events = await this.database.inTenant(tenantId, (em) => readCaseHistory(em, tenantId, idOf(caseId)));
    if (events.length === 0) throw refused({ outcome: 'unknown-case' });
    return { events };
  }

  @Get(':caseId/evidence')
  @Allow('auditor', 'hr', 'checker')
  @Header('cache-control', 'no-store')
  async evidence(
    @Param('caseId') caseId: string,
    @Query() query: unknown,
    @AskedBy() caller: Caller,
  ): Promise<StreamableFile> {
    const { tenant: named } = asked(http.caseQuery, query);
    const tenant = tenantAsked({ caller, config: this.config, named });
    const request = { tenant, caseId: idOf(caseId), today: this.settings.today(), by: caller.name };
    const evidence = await takeEvidence({ database: this.database, clock: this.clock }, request);
    if (evidence === null) throw refused({ outcome: 'unknown-case' });
    const disposition = `attachment; filename="${evidenceName(evidence)}"`;
    return new StreamableFile(evidenceArchive(evidence), { type: 'application/zip', disposition });
  }

  @Post()
  @Allow('hr')
  @HttpCode(200)
  async propose(@Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { tenant, person, origin, only = null } = asked(http.proposeBody, body);
    const act = this.act(caller, { tenant });
    const outcome = await this.proposals.propose({ personId: person, origin, act, only });
    if (outcome.outcome !== 'proposed') throw refused(outcome);
    return { made: outcome.made, standing: outcome.standing };
  }

  /** Each line on its own: one that cannot be approved stops no other. */
  @Post('approve')
  @Allow('checker')
  @HttpCode(200)
  async approveMany(@Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { acceptsUnverified, cases } = asked(http.bulkApproveBody, body);
    const approve = (line: (typeof cases)[number]): Promise<DecideOutcome> =>
      this.decide.approve({ ...line, act: this.act(caller, line), acceptsUnverified });
    return eachAlone(cases, approve);
  }

  @Post('submit')
  @Allow('hr')
  @HttpCode(200)
  async submitMany(@Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { cases } = asked(http.bulkSubmitBody, body);
    return eachAlone(cases, ({ tenant, reference = null, ...line }) =>
      this.decide.submit({ ...line, reference, act: this.act(caller, { tenant }) }),
    );
  }

  @Post(':caseId/ask')
  @Allow('hr')
  @HttpCode(200)
  ask(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return moved(this.decide.ask(this.request({ caller, caseId }, asked(http.actBody, body))), caseId);
  }

  @Post(':caseId/confirm')
  @Allow('hr')
  @HttpCode(200)
  confirm(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { hash, evidence, ...act } = asked(http.answerBody, body);
    return moved(this.decide.confirm({ ...this.request({ caller, caseId }, act), hash, evidence }), caseId);
  }

  @Post(':caseId/decline')
  @Allow('hr')
  @HttpCode(200)
  decline(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { hash, evidence, ...act } = asked(http.answerBody, body);
    return moved(this.decide.decline({ ...this.request({ caller, caseId }, act), hash, evidence }), caseId);
  }

  @Post(':caseId/approve')
  @Allow('checker')
  @HttpCode(200)
  approve(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { hash, acceptsUnverified, ...act } = asked(http.approveBody, body);
    return moved(this.decide.approve({ ...this.request({ caller, caseId }, act), hash, acceptsUnverified }), caseId);
  }

  @Post(':caseId/return')
  @Allow('checker')
  @HttpCode(200)
  sendBack(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { hash, ...act } = asked(http.sendBackBody, body);
    return moved(this.decide.sendBack({ ...this.request({ caller, caseId }, act), hash }, 'returned'), caseId);
  }

  @Post(':caseId/refuse')
  @Allow('checker')
  @HttpCode(200)
  refuse(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { hash, ...act } = asked(http.sendBackBody, body);
    return moved(this.decide.sendBack({ ...this.request({ caller, caseId }, act), hash }, 'refused'), caseId);
  }

  @Post(':caseId/submit')
  @Allow('hr')
  @HttpCode(200)
  submit(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { reference = null, ...act } = asked(http.submitBody, body);
    return moved(this.decide.submit({ ...this.request({ caller, caseId }, act), reference }), caseId);
  }

  @Post(':caseId/withdraw')
  @Allow('hr')
  @HttpCode(200)
  withdraw(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return moved(this.decide.withdraw(this.request({ caller, caseId }, asked(http.actBody, body))), caseId);
  }

  @Post(':caseId/reject')
  @Allow('hr')
  @HttpCode(200)
  reject(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return moved(this.decide.reject(this.request({ caller, caseId }, asked(http.rejectBody, body))), caseId);
  }

  @Post(':caseId/reopen')
  @Allow('hr')
  @HttpCode(200)
  reopen(@Param('caseId') caseId: string, @Body() body: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return moved(this.decide.reopen(this.request({ caller, caseId }, asked(http.reopenBody, body))), caseId);
  }

  private request({ caller, caseId }: Asked, acting: Acting): CaseRequest {
    return { caseId: idOf(caseId), act: this.act(caller, acting) };
  }

  /** In the name of whose key it is; no request can say another. */
  private act(caller: Caller, { tenant, reason = null }: Acting): CaseAct {
    return { tenantId: this.tenant(caller, tenant), actor: caller.name, today: this.settings.today(), reason };
  }

  private tenant(caller: Caller, named: string | undefined): string {
    return tenantAsked({ caller, config: this.config, named }).id;
  }
}

interface Asked {
  readonly caller: Caller;
  readonly caseId: string;
}

interface Acting {
  readonly tenant?: string | undefined;
  readonly reason?: string | null | undefined;
}

/** What the caller can mend is a refusal (400), not a fault of the hub. */
function asked<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  return refusingNow(() => readRequest(schema, input ?? {}));
}

function idOf(text: string): string {
  if (!isUuid(text)) throw refused({ outcome: 'unknown-case' });
  return text.toLowerCase();
}

function refused(refusal: Refusal): HttpRefusal {
  const isUnknown = refusal.outcome === 'unknown-case' || refusal.outcome === 'unknown-person';
  return new HttpRefusal(isUnknown ? 404 : 409, {
    code: refusal.outcome,
    next: isUnknown ? 'fix-config' : 'ask-person',
    message: refusalText(refusal),
  });
}

async function moved(deciding: Promise<DecideOutcome>, caseId: string): Promise<unknown> {
  const outcome = await deciding;
  if (outcome.outcome !== 'moved') throw refused(outcome);
  return { caseId: caseId.toLowerCase(), state: outcome.state };
}

async function eachAlone<L extends { readonly caseId: string }>(
  lines: readonly L[],
  decide: (line: L) => Promise<DecideOutcome>,
): Promise<unknown> {
  const results = [];
  for (const line of lines) {
    const { caseId } = line;
    try {
      const outcome = await decide(line);
      const isMoved = outcome.outcome === 'moved';
      const message = isMoved ? null : refusalText(outcome);
      results.push({ caseId, outcome: outcome.outcome, state: isMoved ? outcome.state : null, message });
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      results.push({ caseId, outcome: error.code, state: null, message: error.message });
    }
  }
  return { results };
}

/** Without the properties that were not given. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
