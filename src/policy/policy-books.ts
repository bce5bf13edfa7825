/** Which policy book counts for a tenant: an edition of the pack, with that tenant's overlay laid over it. */
import { HubError } from '../domain/hub-error.js';
import type { PolicyBook } from './book.js';
import { loadPolicyBook } from './load.js';
import { packVersionOf } from './packs/pack-version.js';
import type { PolicyFileSet } from './load-files.js';

export interface PolicyBooksOptions {
  /** The edition that came with the program. */
  readonly policyDir: string;
  /** Overlay files by tenant; a tenant with none is listed with an empty list. */
  readonly overlays: ReadonlyMap<string, readonly string[]>;
}

/** All books are loaded at once, so that a bad overlay stops the start and not a night's run. */
export class PolicyBooks {
  /** Of the edition that came with the program. */
  readonly shippedVersion: string;
  readonly #books: Map<string, PolicyBook>;

  private constructor(
    private readonly options: PolicyBooksOptions,
    books: Iterable<readonly [string, PolicyBook]>,
  ) {
    this.#books = new Map(books);
    const [first] = this.#books.values();
    this.shippedVersion = packVersionOf((first ?? loadPolicyBook({ policyDir: options.policyDir })).version);
  }

  /** Throws ConfigError with every problem of the pack and of a tenant's overlay. */
  static load(options: PolicyBooksOptions): PolicyBooks {
    const { policyDir } = options;
    const books = [...options.overlays].map(
      ([tenantId, overlayFiles]) => [tenantId, loadPolicyBook({ policyDir, overlayFiles, tenantId })] as const,
    );
    return new PolicyBooks(options, books);
  }

  /** Throws `unknown-tenant`. */
  forTenant(tenantId: string): PolicyBook {
    const book = this.#books.get(tenantId);
    if (book === undefined) throw unknownTenant(tenantId);
    return book;
  }

  /** Another edition with the tenant's overlay; null = the one that came with the program. Throws `unknown-tenant` and ConfigError. */
  laidOver(tenantId: string, edition: PolicyFileSet | null): PolicyBook {
    const overlayFiles = this.options.overlays.get(tenantId);
    if (overlayFiles === undefined) throw unknownTenant(tenantId);
    return loadPolicyBook({ policyDir: edition ?? this.options.policyDir, overlayFiles, tenantId });
  }

  /** From now on this book counts for the tenant; who has asked before keeps what it got. */
  replace(tenantId: string, book: PolicyBook): void {
    this.#books.set(tenantId, book);
  }
}

function unknownTenant(tenantId: string): HubError {
  return new HubError({
    code: 'unknown-tenant',
    next: 'fix-config',
    message: `No policy was loaded for the tenant "${tenantId}"; expected one of the tenants of the configuration.`,
    detail: { tenantId },
  });
}
