/** For tests and galleries of hosts: a `fetch` with made-up books, to be given to `OpenLedgerProvider`. */
export { fixtureAccounts, fixtureSyncStatus } from './accounts';
export { fixtureConnection, fixtureConnections, fixtureRuns } from './connections';
export { fixtureEmptyReport, fixtureReport } from './reports';
export { createFixtureFetch, type Scenario } from './stub-fetch';
export { fixtureCategories, fixtureTransactions } from './transactions';
export { fixtureRules, fixtureStatistics } from './categorization';
