/** How the policy reaches the other rooms: one PolicyBooks, loaded at start. */
import { type DynamicModule, Module } from '@nestjs/common';
import { PolicyBooks, type PolicyBooksOptions } from './policy-books.js';

@Module({})
export class PolicyModule {
  /** Reads every policy file; throws ConfigError before anything starts. */
  static register(options: PolicyBooksOptions): DynamicModule {
    return {
      module: PolicyModule,
      providers: [{ provide: PolicyBooks, useFactory: () => PolicyBooks.load(options) }],
      exports: [PolicyBooks],
    };
  }
}
