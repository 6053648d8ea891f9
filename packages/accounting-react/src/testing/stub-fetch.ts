/** A `fetch` that answers like a server in one state, without a network. */
import type { Fetch } from '../client/call';
import type {
  CategorizationRun,
  CategorizationSettings,
  Connection,
  LinkedAccount,
  MappedKind,
  Report,
  Rule,
  Transaction,
  TransactionPage,
} from '../client/types';
import * as accounts from './accounts';
import * as categorization from './categorization';
import * as connections from './connections';
import { createBooks, type Books } from './books';
import { createBooking, createRecurring, fixturePeriods } from './recurring';
import * as reports from './reports';
import * as series from './series';
import * as transactionFixtures from './transactions';

/** What the server is like. */
export type Scenario =
  'connected' | 'empty' | 'importing' | 'troubled' | 'reviewed' | 'unbalanced' | 'loading' | 'failing';

interface World {
  accounts: LinkedAccount[];
  connections: Connection[];
  transactions: Transaction[];
  report: Report;
  rules: Rule[];
  floors: CategorizationSettings;
  mapping: MappedKind[];
  runs: CategorizationRun[];
  books: Books;
  recurring: Books;
  booking: ReturnType<typeof createBooking>;
}

const PAGE_SIZE = 50;
const TRANSACTIONS = 64;

/** Made anew, it remembers what was categorised and approved through it. */
export function createFixtureFetch(scenario: Scenario): Fetch {
  const world = worldOf(scenario);
  return async (input, init) => {
    if (scenario === 'loading') return await forever(init?.signal);
    if (scenario === 'failing') {
      return json({ error: 'boom', code: 'INTERNAL_ERROR', message: 'boom', request_id: 'req_7f3a91c2' }, 500);
    }
    const url = new URL(input instanceof Request ? input.url : String(input), 'http://fixture.invalid');
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    return json(answer(world, `${init?.method ?? 'GET'} ${url.pathname}`, url.searchParams, body));
  };
}

function worldOf(scenario: Scenario): World {
  const transactions = transactionFixtures.fixtureTransactions(TRANSACTIONS);
  const linked = accounts.fixtureAccounts();
  const connected = {
    accounts: linked,
    connections: connections.fixtureConnections(linked),
    transactions,
    report: reports.fixtureReport(13),
    rules: categorization.fixtureRules(),
    floors: categorization.fixtureFloors(),
    mapping: categorization.fixtureMapping(),
    runs: [categorization.fixtureCategorizationRun()],
    books: createBooks(false),
    recurring: createRecurring(false),
    booking: createBooking(),
  };
  const importing = accounts.fixtureImportingAccounts();
  const report = structuredClone(connected.report);
  if (report.balanceSheet !== null) report.balanceSheet.hierarchical.totals.liabilitiesAndEquityDecimal = '70590.12';
  const special: Partial<Record<Scenario, World>> = {
    empty: {
      accounts: [],
      connections: [],
      transactions: [],
      report: reports.fixtureEmptyReport(),
      rules: [],
      floors: categorization.fixtureFloors(),
      mapping: categorization.fixtureMapping(),
      runs: [],
      books: createBooks(true),
      recurring: createRecurring(true),
      booking: createBooking(),
    },
    importing: { ...connected, accounts: importing, connections: connections.fixtureConnections(importing) },
    troubled: {
      ...connected,
      accounts: accounts.fixtureTroubledAccounts(),
      connections: connections.fixtureTroubledConnections(),
    },
    reviewed: { ...connected, transactions: transactions.map(settled), report: reports.fixtureReport(0) },
    unbalanced: { ...connected, report },
  };
  return special[scenario] ?? connected;
}

function settled(row: Transaction): Transaction {
  return { ...row, status: 'POSTED', needsReview: false, isPending: false, suggestedCategory: null };
}

function answer(world: World, route: string, query: URLSearchParams, body: unknown): unknown {
  switch (route) {
    case 'GET /v1/banks/create-link':
      return {
        link_token: 'link-sandbox-fixture',
        expiration: '2030-01-01T00:00:00Z',
        request_id: 'req_link',
        user_id: 'user_1',
        link_script_url: null,
      };
    case 'GET /v1/banks/accounts':
      return {
        accounts: world.accounts.filter(({ unlinkedAt }) => unlinkedAt === null || query.has('includeUnlinked')),
      };
    case 'PUT /v1/banks/accounts':
      world.accounts = accounts.fixtureAccounts();
      world.connections = connections.fixtureConnections(world.accounts);
      return { createdAccounts: world.accounts, message: 'Linked 3 accounts.' };
    case 'GET /v1/periods':
      return fixturePeriods();
    case 'DELETE /v1/banks/accounts':
      return unlink(world, query.get('accountId') ?? '');
    case 'GET /v1/banks/connections':
      return { connections: world.connections };
    case 'GET /v1/banks/sync-status':
      return accounts.fixtureSyncStatus(
        world.accounts,
        world.transactions.filter(({ needsReview }) => needsReview).length,
      );
    case 'POST /v1/banks/sync':
      return { success: true, message: 'Sync started.' };
    case 'GET /v1/reports/generate':
      return world.report;
    case 'GET /v1/reports/overview':
      return isEmpty(world) ? series.fixtureEmptyOverview() : series.fixtureOverview();
    case 'GET /v1/reports/cash-position':
      return isEmpty(world) ? series.fixtureEmptyCashPosition() : series.fixtureCashPosition();
    case 'GET /v1/reports/spending':
      return isEmpty(world) ? series.fixtureEmptySpending() : series.fixtureSpending(query.get('by') ?? 'category');
    case 'GET /v1/reports/trial-balance':
      return isEmpty(world) ? series.fixtureEmptyTrialBalance() : series.fixtureTrialBalance();
    case 'GET /v1/reports/postings':
      return series.fixturePostings(query.get('cursor'));
    case 'GET /v1/reports/account-transactions':
      return series.fixtureAccountTransactions(query.get('cursor'));
    case 'GET /v1/transactions':
      return pageOf(world, query);
    case 'POST /v1/transactions/categorize':
      return categorize(world, body as Choice);
    case 'PUT /v1/transactions/approve':
      return approve(world, (body as { transactionIds: string[] }).transactionIds);
    default:
      if (/accounts\/\w+\/settings$/.test(route)) return world.booking(route.split(' ')[0] ?? '', body);
      if (route.includes('/v1/recurring-entries')) return world.recurring(route, body);
      if (route.includes('/v1/banks/')) return ofConnection(world, route, query);
      return world.books(route, body) ?? ofCategories(world, route, body);
  }
}

interface Decision {
  transactionId: string;
  categoryId?: string;
}

/** What is asked about rules, runs, review and figures. */
function ofCategories(world: World, route: string, body: unknown): unknown {
  const waiting = (): number => world.transactions.filter(({ needsReview }) => needsReview).length;
  switch (route.replace(/(rule|run)_\w+/, '{id}')) {
    case 'GET /v1/rules':
      return { rules: world.rules };
    case 'GET /v1/rules/suggestions':
      return { suggestions: world.rules.length === 0 ? [] : categorization.fixtureRuleSuggestions() };
    case 'POST /v1/rules/preview':
      return categorization.fixtureRulePreview();
    case 'POST /v1/rules':
    case 'PUT /v1/rules/{id}':
      return { rule: keepRule(world, body as Partial<Rule>, /rule_\w+/.exec(route)?.[0]) };
    case 'DELETE /v1/rules/{id}':
      world.rules = world.rules.filter(({ id }) => !route.endsWith(id));
      return { message: 'Rule deleted.' };
    case 'PUT /v1/rules/order':
      world.rules = (body as { ruleIds: string[] }).ruleIds.flatMap((id) =>
        world.rules.filter((rule) => rule.id === id),
      );
      return { rules: world.rules };
    case 'POST /v1/rules/{id}/apply':
      world.runs = [categorization.fixtureCategorizationRun({ id: 'run_2' }), ...world.runs];
      return { run: world.runs[0] };
    case 'GET /v1/categorization/runs':
      return { runs: world.runs, nextCursor: null, hasMore: false };
    case 'POST /v1/categorization/runs/{id}/undo':
      world.runs = world.runs.map((run) =>
        route.includes(run.id) ? { ...run, undoneAt: accounts.SYNCED_AT, restored: run.changed - 1, kept: 1 } : run,
      );
      return { run: world.runs.find(({ id }) => route.includes(id)) };
    case 'GET /v1/categorization/settings':
      return world.floors;
    case 'PUT /v1/categorization/settings':
      world.floors = { ...world.floors, ...(body as object) };
      return world.floors;
    case 'GET /v1/categorization/mapping':
      return { mapping: world.mapping };
    case 'PUT /v1/categorization/mapping':
      world.mapping = categorization.remapped(world.mapping, body as categorization.MappingBody);
      return { mapping: world.mapping };
    case 'GET /v1/categorization/statistics':
      return world.transactions.length === 0
        ? { total: { transactions: 0 }, byMonth: [], byDecider: [] }
        : categorization.fixtureStatistics(waiting());
    case 'GET /v1/review': {
      const groups = categorization.fixtureReviewGroups(world.transactions);
      return {
        groups,
        summary: { transactions: groups.flatMap(({ transactionIds }) => transactionIds).length, groups: groups.length },
        nextCursor: null,
        hasMore: false,
      };
    }
    case 'POST /v1/transactions/bulk-categorize':
      return decideMany(world, (body as { decisions: Decision[] }).decisions);
    default:
      throw new Error(`The fixture has no answer for ${route}.`);
  }
}

function keepRule(world: World, given: Partial<Rule>, id = `rule_${String(world.rules.length + 1)}`): Rule {
  const [model = { transactionCount: 0 }] = world.rules;
  const known = world.rules.find((rule) => rule.id === id);
  const kept = {
    ...model,
    transactionCount: 0,
    words: 'as said',
    position: world.rules.length,
    ...known,
    ...given,
    id,
  } as Rule;
  world.rules =
    known === undefined ? [...world.rules, kept] : world.rules.map((rule) => (rule.id === id ? kept : rule));
  return kept;
}

function decideMany(world: World, decisions: Decision[]): unknown {
  for (const { transactionId, categoryId } of decisions) {
    if (categoryId === undefined) approve(world, [transactionId]);
    else categorize(world, { transactionId, categoryId });
  }
  const results = decisions.map(({ transactionId, categoryId }) => ({
    transactionId,
    success: true,
    changed: true,
    categoryId: categoryId ?? null,
    categoryName: null,
    code: null,
    error: null,
  }));
  return { success: true, dryRun: false, changed: decisions.length, failed: 0, results };
}

/** What is asked about one connection, by its path. */
function ofConnection(world: World, route: string, query: URLSearchParams): unknown {
  const [, verb = '', id = '', deed = ''] = /^(\w+) \/v1\/banks\/connections\/(\w+)\/?(.*)$/.exec(route) ?? [];
  const known = world.connections.find((connection) => connection.id === id);
  if (known === undefined) throw new Error(`The fixture has no answer for ${route}.`);
  const become = (given: Partial<Connection>): Connection => {
    const action = connections.actionOf(given.status ?? known.status);
    const changed: Connection = { ...known, lastError: null, action, ...given };
    world.connections = world.connections.map((connection) => (connection.id === id ? changed : connection));
    return changed;
  };
  switch (`${verb} ${deed}`) {
    case 'GET ':
      return known;
    case 'GET runs': {
      const runs = connections.fixtureRuns();
      const size = Number(query.get('pageSize') ?? PAGE_SIZE);
      return { runs: runs.slice(0, size), nextCursor: null, hasMore: runs.length > size };
    }
    case 'POST repaired':
      return become({ status: 'healthy', endsAt: null, newAccountsAvailable: false });
    case 'POST pause':
      return become({ status: 'paused' });
    case 'POST resume':
      return become({ status: 'healthy' });
    case 'POST refresh':
      return { success: true, message: 'The bank is being asked.' };
    case 'DELETE ':
      world.accounts = world.accounts.map((account) => (account.connectionId === id ? unlinked(account) : account));
      return become({ status: 'disconnected', statusChangedAt: accounts.SYNCED_AT });
    default:
      throw new Error(`The fixture has no answer for ${route}.`);
  }
}

function unlink(world: World, id: string): unknown {
  world.accounts = world.accounts.map((account) => (account.id === id ? unlinked(account) : account));
  return { success: true, message: 'It is unlinked. Its transactions stay in the books.' };
}

function unlinked(account: LinkedAccount): LinkedAccount {
  return { ...account, unlinkedAt: accounts.SYNCED_AT };
}

function isEmpty({ accounts: linked }: World): boolean {
  return linked.length === 0;
}

function pageOf({ transactions }: World, query: URLSearchParams): TransactionPage {
  const status = query.get('status');
  const rows = transactions.filter((row) => status === null || row.status === status);
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('pageSize') ?? PAGE_SIZE);
  const hasMore = end < rows.length;
  return { transactions: rows.slice(start, end), nextCursor: hasMore ? String(end) : null, hasMore };
}

interface Choice {
  transactionId: string;
  categoryId: string;
  always?: boolean;
  applyToPast?: boolean;
}

function categorize(world: World, { transactionId, categoryId, always = false, applyToPast = false }: Choice): unknown {
  const name = transactionFixtures.fixtureCategories().find(({ id }) => id === categoryId)?.name ?? null;
  world.transactions = world.transactions.map((row) =>
    row.id === transactionId
      ? {
          ...settled(row),
          category: name,
          category_id: categoryId,
          decidedBy: 'person',
          confidence: null,
          reason: null,
        }
      : row,
  );
  return {
    message: 'ok',
    transaction: { id: transactionId, updatedAt: '2026-11-20T09:00:00Z' },
    ruleId: always ? 'rule_3' : null,
    runId: always && applyToPast ? 'run_1' : null,
    changedBefore: always && applyToPast ? 12 : 0,
    waitingLikeThis: 0,
  };
}

function approve(world: World, ids: string[]): unknown {
  world.transactions = world.transactions.map((row) => (ids.includes(row.id) ? settled(row) : row));
  return {
    success: true,
    totalProcessed: ids.length,
    results: ids.map((id) => ({ id, success: true, error: null })),
  };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

function forever(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new DOMException('The request was aborted.', 'AbortError'));
    });
  });
}
