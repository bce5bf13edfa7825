/** Turns every error of a request into the one answer of error-answer.ts, and logs those that are the hub's fault. */
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Log } from '../log/log.js';
import { LOG } from '../platform.module.js';
import { errorAnswer } from './error-answer.js';

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body, isFault } = errorAnswer(error);
    if (isFault) this.log.warn({ component: 'http', code: body.code, err: error }, 'A request failed.');
    if (reply.sent) return;
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.status(status).send(body);
  }
}
