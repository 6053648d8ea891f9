/** Names for the wire shapes, taken from the endpoints themselves, so that a regenerated schema needs no renaming. */
import type { Answer, Body } from './call';

/** A bank account as `GET /v1/banks/accounts` reports it, with the bank's balance and the books'. */
export type LinkedAccount = Answer<'get', '/v1/banks/accounts'>['accounts'][number];
/** What an entity's imports have done so far. */
export type SyncStatus = Answer<'get', '/v1/banks/sync-status'>;
/** A ledger account that a bank transaction can be put in. */
export type Category = Answer<'get', '/v1/categories'>['categories'][number];
/** One bank transaction with its judgement. */
export type Transaction = Answer<'get', '/v1/transactions'>['transactions'][number];
export type TransactionPage = Answer<'get', '/v1/transactions'>;
export type Report = Answer<'get', '/v1/reports/generate'>;
export type IncomeStatement = NonNullable<Report['incomeStatement']>;
export type ReportNode = IncomeStatement['hierarchical']['revenue'][number];
export type CashFlowStatement = NonNullable<Report['cashFlowStatement']>;
export type TrialBalance = Answer<'get', '/v1/reports/trial-balance'>;
export type Spending = Answer<'get', '/v1/reports/spending'>;
export type CashPosition = Answer<'get', '/v1/reports/cash-position'>;
export type Overview = Answer<'get', '/v1/reports/overview'>;
/** One ledger account's postings with running balances, page by page. */
export type AccountTransactions = Answer<'get', '/v1/reports/account-transactions'>;
/** The postings that one figure of a report is made of. */
export type Postings = Answer<'get', '/v1/reports/postings'>;
/** Which periods are closed, and what waits because of it. */
export type Periods = Answer<'get', '/v1/periods'>;
/** One entry of the journal with its lines. */
export type JournalEntry = Answer<'get', '/v1/journal-entries'>['journalEntries'][number];
export type LinkToken = Answer<'get', '/v1/banks/create-link'>;

/** One login at one bank: how it is and what its user can do. */
export type Connection = Answer<'get', '/v1/banks/connections'>['connections'][number];
/** How a bank account is booked. */
export type BookingSettings = Answer<'get', '/v1/banks/accounts/{account_id}/settings'>;
export type BookingChange = Body<'patch', '/v1/banks/accounts/{account_id}/settings'>;
/** An entry that comes again and again. */
export type RecurringEntry = Answer<'get', '/v1/recurring-entries'>['recurringEntries'][number];
export type RecurringDraft = Body<'post', '/v1/recurring-entries'>;
/** The record of one sync. */
export type SyncRun = Answer<'get', '/v1/banks/connections/{connection_id}/runs'>['runs'][number];

/** A rule of the entity: what it finds and what it does. */
export type Rule = Answer<'get', '/v1/rules'>['rules'][number];
/** A rule worth making, because people decided so again and again. */
export type RuleSuggestion = Answer<'get', '/v1/rules/suggestions'>['suggestions'][number];
/** What a rule would change, with examples. */
export type RulePreview = Answer<'post', '/v1/rules/preview'>;
/** Many categories changed together; it can be undone. */
export type CategorizationRun = Answer<'get', '/v1/categorization/runs'>['runs'][number];
/** Rows of one counterparty that wait for a person. */
export type ReviewGroup = Answer<'get', '/v1/review'>['groups'][number];
export type CategorizationStatistics = Answer<'get', '/v1/categorization/statistics'>;

/** The entity's floors and those that hold where it says nothing, from 0 to 1. */
export type CategorizationSettings = Answer<'get', '/v1/categorization/settings'>;
/** Where one kind of transaction is booked. */
export type MappedKind = Answer<'get', '/v1/categorization/mapping'>['mapping'][number];

/** What `PUT /v1/banks/accounts` says it stored. */
export interface CreatedAccount {
  id: string;
  accountName: string;
  accountType: string;
  accountMask: string;
}
