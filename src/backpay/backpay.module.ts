/** Wires backpay: its verbs. BACKPAY_SETTINGS comes from the application. */
import { Module } from '@nestjs/common';
import { CaseDeadlines } from './case-deadlines.js';
import { DecideCases } from './decide-cases.js';
import { FollowCases } from './follow-cases.js';
import { ProposeCases } from './propose-cases.js';

@Module({
  providers: [ProposeCases, DecideCases, FollowCases, CaseDeadlines],
  exports: [ProposeCases, DecideCases, FollowCases, CaseDeadlines],
})
export class BackpayModule {}
