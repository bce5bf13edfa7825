/** Wires the verbs behind the pages of employees. */
import { Module } from '@nestjs/common';
import { BackpayModule } from '../backpay/backpay.module.js';
import { AnswerCase } from './answer-case.js';
import { EmployeeLinks } from './employee-links.js';
import { OpenPage } from './open-page.js';
import { PageAnswers } from './page-answers.js';

@Module({
  imports: [BackpayModule],
  providers: [EmployeeLinks, OpenPage, AnswerCase, PageAnswers],
  exports: [EmployeeLinks, PageAnswers],
})
export class EmployeeModule {}
