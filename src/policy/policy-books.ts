/** Which policy book counts for a tenant: the pack, with that tenant's overlay laid over it. */
import { HubError } from '../domain/hub-error.js';
import type { PolicyBook } from './book.js';
import { loadPolicyBook } from './load.js';

export interface PolicyBooksOptions {
  readonly policyDir: string;
  /** Overlay files by tenant; a tenant with none is listed with an empty list. */
  readonly overlays: ReadonlyMap<string, readonly string[]>;
}

/** All books are loaded at once, so that a bad overlay stops the start and not a night's run. */
export class PolicyBooks {
  readonly #books: ReadonlyMap<string, PolicyBook>;

  constructor(books: ReadonlyMap<string, PolicyBook>) {
    this.#books = books;
  }

  /** Throws ConfigError with every problem of the pack and of a tenant's overlay. */
  static load({ policyDir, overlays }: PolicyBooksOptions): PolicyBooks {
    const books = [...overlays].map(
      ([tenantId, overlayFiles]) => [tenantId, loadPolicyBook({ policyDir, overlayFiles, tenantId })] as const,
    );
    return new PolicyBooks(new Map(books));
  }

  /** Throws `unknown-tenant`. */
  forTenant(tenantId: string): PolicyBook {
    const book = this.#books.get(tenantId);
    if (book === undefined) {
      throw new HubError({
        code: 'unknown-tenant',
        next: 'fix-config',
        message: `No policy was loaded for the tenant "${tenantId}"; expected one of the tenants of the configuration.`,
        detail: { tenantId },
      });
    }
    return book;
  }
}
