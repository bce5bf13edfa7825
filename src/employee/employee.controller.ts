/** `/e/<token>`: the page of an employee. HTML in and out, no script, nothing stored in browsers but a short session. */
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AllowAnybody } from '../platform/access/permission.js';
import type { Clock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import type { Log } from '../platform/log/log.js';
import { CLOCK, HUB_CONFIG, LOG } from '../platform/platform.module.js';
import type { Language } from '../policy/wording.js';
import { type PageAnswer, PageAnswers, type PageRequest } from './page-answers.js';
import { SESSION_MS } from './page-session.js';
import { textOf } from './pages/html.js';
import { messagePage } from './pages/pages.js';
import { STYLE } from './pages/style.js';
import { WORDS } from './pages/words.js';
import { RequestRate } from './request-rate.js';

const OWN_LOCK = 'opens by a signed link and the last four of the identity number';
const COOKIE = 'buduan_page';

/** No script, no frame, no other site; and the address, which is a secret, is told to nobody. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

const short = z.string().max(200).catch('');
const factorForm = z.object({ factor: short });
const answerForm = z.object({ answer: z.enum(['agree', 'decline']), text: short, mark: short });
const askForm = z.object({ mark: short });

@Controller('e/:token')
export class EmployeeController {
  private readonly rate: RequestRate;

  constructor(
    @Inject(PageAnswers) private readonly pages: PageAnswers,
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(LOG) private readonly log: Log,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.rate = new RequestRate(clock);
  }

  @Get()
  @AllowAnybody(OWN_LOCK)
  main(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (asked) => this.pages.main(asked));
  }

  @Get('record')
  @AllowAnybody(OWN_LOCK)
  record(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (asked) => this.pages.record(asked));
  }

  @Post('open')
  @AllowAnybody(OWN_LOCK)
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = factorForm.safeParse(request.body ?? {});
    return this.answer(request, reply, (asked) => this.pages.open(asked, form.data?.factor ?? ''));
  }

  @Post('answer')
  @AllowAnybody(OWN_LOCK)
  decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = answerForm.safeParse(request.body);
    return this.answer(request, reply, (asked) =>
      form.success ? this.pages.answer(asked, form.data) : this.pages.main(asked),
    );
  }

  @Post('ask')
  @AllowAnybody(OWN_LOCK)
  ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = askForm.safeParse(request.body ?? {});
    return this.answer(request, reply, (asked) => this.pages.ask(asked, form.data?.mark ?? ''));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (asked: PageRequest) => Promise<PageAnswer>,
  ): Promise<void> {
    const asked = askedBy(request);
    void reply.headers(HEADERS);
    if (!this.rate.admits(asked.address)) {
      void reply.header('retry-after', '60').status(429).type('text/html; charset=utf-8');
      return void reply.send(textOf(messagePage(bare(asked.language), WORDS.tooManyTitle, WORDS.tooMany)));
    }
    try {
      this.send(reply, asked, await work(asked));
    } catch (error) {
      this.log.warn({ component: 'employee', err: error }, 'A page of an employee failed.');
      void reply.status(500).type('text/html; charset=utf-8');
      void reply.send(textOf(messagePage(bare(asked.language), WORDS.faultTitle, WORDS.fault)));
    }
  }

  private send(reply: FastifyReply, { token }: PageRequest, answer: PageAnswer): void {
    if (answer.kind === 'page') {
      void reply.status(answer.status).type('text/html; charset=utf-8').send(textOf(answer.page));
      return;
    }
    if (answer.session !== undefined) {
      const secure = this.config.server.publicUrl?.startsWith('https:') === true ? '; Secure' : '';
      const lives = `Path=/e/${token}; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Strict${secure}`;
      void reply.header('set-cookie', `${COOKIE}=${answer.session}; ${lives}`);
    }
    void reply.status(303).header('location', answer.to).send();
  }
}

@Controller('employee.css')
export class EmployeeStyleController {
  @Get()
  @AllowAnybody('looks the same for everybody')
  style(@Res() reply: FastifyReply): void {
    void reply.header('cache-control', 'public, max-age=3600').type('text/css; charset=utf-8').send(STYLE);
  }
}

function askedBy({ params, query, headers, ip }: FastifyRequest): PageRequest {
  const { token = '' } = params as { token?: string };
  const { lang } = query as { lang?: unknown };
  const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim().split('='));
  const session = cookies.find(([name]) => name === COOKIE)?.[1] ?? null;
  return {
    token,
    session,
    language: languageOf(lang, headers['accept-language']),
    address: ip,
    userAgent: (headers['user-agent'] ?? '').slice(0, 200),
  };
}

/** As chosen on the page, else as the browser wants it; Chinese where nothing says otherwise. */
function languageOf(chosen: unknown, accepted: string | undefined): Language {
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return accepted?.trim().toLowerCase().startsWith('en') === true ? 'en' : 'zh';
}

function bare(language: Language): Parameters<typeof messagePage>[0] {
  return { language, companyName: null, path: null, here: '', notice: null };
}
