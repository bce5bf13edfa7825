/** Tests that need no database: everything beside the pure sources, and the habits of the repository. */
import whole from './jest.config.mjs';

const { globalSetup: _setup, globalTeardown: _teardown, ...shared } = whole;

export default { ...shared, testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/*.spec.ts'] };
