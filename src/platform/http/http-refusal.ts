/** An answer that is not what the caller asked for: a HubError with the HTTP status that says so. */
import { HubError, type HubErrorOptions } from '../../domain/hub-error.js';

export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503;

export class HttpRefusal extends HubError {
  constructor(
    readonly status: RefusalStatus,
    options: HubErrorOptions,
  ) {
    super(options);
    this.name = 'HttpRefusal';
  }
}
