/** Wires the pages of employees, and the addresses that make their links, into the HTTP server of a node that answers callers. */
import { Module } from '@nestjs/common';
import { EmployeeController, EmployeeStyleController } from './employee.controller.js';
import { EmployeeModule } from './employee.module.js';
import { LinkController } from './link.controller.js';

@Module({
  imports: [EmployeeModule],
  controllers: [EmployeeController, EmployeeStyleController, LinkController],
})
export class EmployeePagesModule {}
