/** `GET /api/openapi.json`: what can be asked of this hub. */
import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiGuard } from '../../platform/http/api-guard.js';
import { programVersion } from '../program-version.js';
import { openApiDocument } from './openapi.js';

@Controller('api/openapi.json')
@UseGuards(ApiGuard)
export class OpenApiController {
  @Get()
  document(): Readonly<Record<string, unknown>> {
    return openApiDocument(programVersion());
  }
}
