/** Wires push: its verbs. PUSH_SETTINGS comes from the application. */
import { Module } from '@nestjs/common';
import { DecideOperations } from './decide-operations.js';
import { PlanOperations } from './plan-operations.js';
import { SendOperations } from './send-operations.js';

@Module({
  providers: [PlanOperations, SendOperations, DecideOperations],
  exports: [PlanOperations, SendOperations, DecideOperations],
})
export class PushModule {}
