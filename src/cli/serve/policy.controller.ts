/** `GET /api/policy/…`: quotes, back-payment advice and regions, by the policy and the overlay of a tenant. */
import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import type { Day } from '../../domain/month.js';
import { AskedBy, type Caller, tenantAsked } from '../../platform/access/caller.js';
import { AllowEveryKey } from '../../platform/access/permission.js';
import { type Clock, dayInZone } from '../../platform/clock/clock.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { refusing } from '../../platform/http/caller-mistake.js';
import { CLOCK, HUB_CONFIG } from '../../platform/platform.module.js';
import { answerBackPayment, answerQuote, plainAdvice } from '../../policy/answer-requests.js';
import type { PolicyBook } from '../../policy/book.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { readRequest } from '../../policy/policy-request.schema.js';
import type { Quote } from '../../policy/quote.js';
import { type RegionEntry, regionsOf } from '../../policy/resolve-region.js';
import { backPaymentQuery, quoteQuery, regionsQuery } from './policy.http.js';

interface AskedFor {
  readonly caller: Caller;
  readonly tenant: string | undefined;
  readonly packVersion: string | undefined;
}

interface Asked {
  readonly book: PolicyBook;
  readonly today: Day;
}

@Controller('api/policy')
export class PolicyController {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(PolicyEditions) private readonly editions: PolicyEditions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('quote')
  @AllowEveryKey()
  @Header('cache-control', 'no-store')
  quote(@Query() query: unknown, @AskedBy() caller: Caller): Promise<Quote> {
    return refusing(async () => {
      const { tenant, packVersion, ...request } = readRequest(quoteQuery, query);
      return answerQuote(request, await this.asked({ caller, tenant, packVersion }));
    });
  }

  @Get('backpay')
  @AllowEveryKey()
  @Header('cache-control', 'no-store')
  backPayment(@Query() query: unknown, @AskedBy() caller: Caller): Promise<unknown> {
    return refusing(async () => {
      const { tenant, packVersion, ...request } = readRequest(backPaymentQuery, query);
      const asked = await this.asked({ caller, tenant, packVersion });
      return plainAdvice(answerBackPayment(request, asked), asked.book);
    });
  }

  @Get('regions')
  @AllowEveryKey()
  @Header('cache-control', 'no-store')
  regions(
    @Query() query: unknown,
    @AskedBy() caller: Caller,
  ): Promise<{ readonly policyVersion: string; readonly regions: readonly RegionEntry[] }> {
    return refusing(async () => {
      const { tenant, packVersion, q } = readRequest(regionsQuery, query);
      const { book, today } = await this.asked({ caller, tenant, packVersion });
      return { policyVersion: book.version, regions: regionsOf(book, q ?? null, today) };
    });
  }

  private async asked({ caller, tenant, packVersion }: AskedFor): Promise<Asked> {
    const { id } = tenantAsked({ caller, config: this.config, named: tenant });
    const book = await (packVersion === undefined ? this.editions.refresh(id) : this.editions.bookOf(id, packVersion));
    return { book, today: dayInZone(this.clock.now()) };
  }
}
