/** `GET /api/openapi.json`: what can be asked of this hub, and by whom. */
import { Controller, Get, Inject } from '@nestjs/common';
import { AccessWall } from '../../platform/access/access-wall.js';
import { AllowEveryKey } from '../../platform/access/permission.js';
import { programVersion } from '../program-version.js';
import { openApiDocument } from './openapi.js';

@Controller('api/openapi.json')
export class OpenApiController {
  constructor(@Inject(AccessWall) private readonly wall: AccessWall) {}

  @Get()
  @AllowEveryKey()
  document(): Readonly<Record<string, unknown>> {
    return openApiDocument(programVersion(), this.wall.routes());
  }
}
