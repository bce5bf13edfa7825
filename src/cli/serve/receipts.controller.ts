/** `/api/case-tasks`, `/api/cases/:caseId/receipt`: what a person has to carry to an office, and the receipt that ends it. */
import { Controller, Get, Header, HttpCode, Inject, Param, Post, Query, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { listCaseTasks } from '../../backpay/case-tasks.reader.js';
import { readReceipt, showReceipt } from '../../backpay/case-receipts.js';
import { DecideCases } from '../../backpay/decide-cases.js';
import { RECEIPT_TYPES } from '../../backpay/receipt-kind.js';
import { type Refusal, refusalText } from '../../backpay/refusal-text.js';
import { isUuid } from '../../domain/uuid.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { IdentityVault } from '../../platform/crypto/identity-vault.js';
import { Database } from '../../platform/database/database.js';
import { refusingNow } from '../../platform/http/caller-mistake.js';
import { HttpRefusal } from '../../platform/http/http-refusal.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import { receiptQuery, receiptShownQuery, tasksQuery } from './receipts.http.js';

@Controller('api')
export class ReceiptsController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(IdentityVault) private readonly vault: IdentityVault,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(DecideCases) private readonly decide: DecideCases,
  ) {}

  @Get('case-tasks')
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  async tasks(@Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    const { tenant, limit = 100 } = refusingNow(() => readRequest(tasksQuery, query ?? {}));
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named: tenant });
    const today = this.settings.today();
    const { handIn } = this.settings.tenantRules(tenantId);
    const asked = { tenantId, today, handIn, limit };
    return { today, tasks: await this.database.inTenant(tenantId, (em) => listCaseTasks(em, asked)) };
  }

  /** The bytes decide what it is; the content type only lets them in. */
  @Post('cases/:caseId/receipt')
  @Allow('hr')
  @HttpCode(200)
  async attach(
    @Param('caseId') caseId: string,
    @Req() { query, body }: Pick<FastifyRequest, 'query' | 'body'>,
    @AskedBy() caller: Caller,
  ): Promise<unknown> {
    const { tenant, reference = null } = refusingNow(() => readRequest(receiptQuery, query ?? {}));
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named: tenant });
    const receipt = readReceipt(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    if ('outcome' in receipt) throw refused(receipt);
    if (!isUuid(caseId)) throw refused({ outcome: 'unknown-case' });
    const act = { tenantId, actor: caller.name, today: this.settings.today() };
    const outcome = await this.decide.attach({ caseId: caseId.toLowerCase(), act, receipt, reference });
    if (outcome.outcome !== 'moved') throw refused(outcome);
    return { caseId: caseId.toLowerCase(), state: outcome.state, sha256: receipt.sha256 };
  }

  @Get('cases/:caseId/receipts/:receiptId')
  @Allow('hr', 'checker', 'auditor')
  @Header('cache-control', 'no-store')
  @Header('x-content-type-options', 'nosniff')
  async show(
    @Param() { caseId, receiptId }: { readonly caseId: string; readonly receiptId: string },
    @Query() query: unknown,
    @AskedBy() caller: Caller,
  ): Promise<StreamableFile> {
    const { tenant } = refusingNow(() => readRequest(receiptShownQuery, query ?? {}));
    const { id: tenantId } = tenantAsked({ caller, config: this.config, named: tenant });
    if (!isUuid(caseId) || !isUuid(receiptId)) throw refused({ outcome: 'unknown-case' });
    const asked = { tenantId, caseId, receiptId: receiptId.toLowerCase(), actor: caller.name };
    const shown = await showReceipt({ database: this.database, vault: this.vault }, asked);
    if (shown === null) throw refused({ outcome: 'unknown-case' });
    const disposition = `attachment; filename="receipt-${shown.receiptId}.${shown.kind}"`;
    return new StreamableFile(shown.content, { type: RECEIPT_TYPES[shown.kind], disposition });
  }
}

function refused(refusal: Refusal): HttpRefusal {
  const status =
    refusal.outcome === 'unknown-case'
      ? 404
      : refusal.outcome === 'receipt-too-large'
        ? 413
        : refusal.outcome === 'not-a-receipt'
          ? 400
          : 409;
  const next = status === 409 ? 'ask-person' : 'fix-config';
  return new HttpRefusal(status, { code: refusal.outcome, next, message: refusalText(refusal) });
}
