/** The public surface. */
export { OpenLedgerProvider, type OpenLedgerProviderProps } from './provider/OpenLedgerProvider';
export type { OpenLedgerTheme, ThemeColor } from './provider/theme';
export { useOpenLedgerContext } from './hooks/useOpenLedgerContext';

export { BankLinking, type BankLinkingProps } from './components/BankLinking/BankLinking';
/** Open Ledger's other name for the same component. */
export {
  BankLinking as SettingsView,
  type BankLinkingProps as SettingsViewProps,
} from './components/BankLinking/BankLinking';
export { Connections, type ConnectionsProps } from './components/Connections/Connections';
export { ConnectionAlerts, type ConnectionAlertsProps } from './components/ConnectionAlerts/ConnectionAlerts';
export { LinkedAccounts } from './components/LinkedAccounts/LinkedAccounts';
export { SyncProgress, type SyncProgressProps } from './components/SyncProgress/SyncProgress';
export {
  TransactionsView,
  type TransactionsViewProps,
  type TransactionTab,
} from './components/TransactionsView/TransactionsView';
export { TransactionTable, type TransactionTableProps } from './components/TransactionTable/TransactionTable';
export { ReviewQueue, type ReviewQueueProps } from './components/ReviewQueue/ReviewQueue';
export {
  AccountBooking,
  CategorizationSettings,
  CategorizationStatistics,
  ChartOfAccounts,
  JournalEntries,
  RecurringEntries,
  Rules,
} from './lazy';
export { ProfitAndLoss, type ProfitAndLossProps } from './components/ProfitAndLoss/ProfitAndLoss';
export { BalanceSheet, type BalanceSheetProps } from './components/BalanceSheet/BalanceSheet';
export { CashFlow, type CashFlowProps } from './components/CashFlow/CashFlow';
export { Spending, type SpendingProps } from './components/Spending/Spending';
export { TrialBalance, type TrialBalanceProps } from './components/TrialBalance/TrialBalance';
export { GeneralLedger, type GeneralLedgerProps } from './components/GeneralLedger/GeneralLedger';
export { ReportView, type ReportType, type ReportViewProps } from './components/ReportView/ReportView';
export type { AccountBookingProps } from './components/AccountBooking/AccountBooking';
export type { RecurringEntriesProps } from './components/RecurringEntries/RecurringEntries';
export type { JournalEntriesProps } from './components/JournalEntries/JournalEntries';
export type { ChartOfAccountsProps } from './components/ChartOfAccounts/ChartOfAccounts';
export { Dashboard, type DashboardProps } from './components/Dashboard/Dashboard';
export { DashboardBox, type DashboardBoxProps } from './components/Dashboard/DashboardBox';
export { OpenLedgerView, type OpenLedgerViewProps, type Section } from './components/OpenLedgerView/OpenLedgerView';
export type { CommonProps, HeadingLevel, RootProps } from './ui/Surface';

export {
  useAccounts,
  useBookingSettings,
  useCashPosition,
  useCategories,
  useConnections,
  useOverview,
  useRecurringEntries,
  useReport,
  useSpending,
  useSyncRuns,
  useSyncStatus,
  useTrialBalance,
  type Basis,
  type ComparisonName,
  type ReportQuery,
} from './hooks/resources';
export { useDownload, type Download, type FileFormat } from './hooks/useDownload';
export {
  useCategorizationRuns,
  useCategorizationStatistics,
  useReviewQueue,
  useRuleSuggestions,
  useRules,
} from './hooks/categorization';
export { useTransactions, type TransactionFilter, type TransactionList } from './hooks/useTransactions';
export {
  useBankLink,
  type BankLink,
  type BankLinkOptions,
  type BankLinkState,
  type BankLinkTarget,
  type LinkChoices,
} from './link/useBankLink';
export { PLAID_CDN_SCRIPT, prepareLinkScript } from './link/link-script';
export type { Resource } from './hooks/useResource';

export { ApiError } from './client/errors';
export type { ReportedError } from './client/session';
export type { AccessToken, AuthProps, TokenAnswer } from './client/tokens';
export type {
  CategorizationRun,
  Category,
  Connection,
  CreatedAccount,
  JournalEntry,
  LinkedAccount,
  LinkToken,
  Report,
  ReviewGroup,
  Rule,
  RulePreview,
  RuleSuggestion,
  ReportNode,
  SyncRun,
  SyncStatus,
  Transaction,
  TransactionPage,
} from './client/types';
export type { Period, PeriodName } from './format/dates';
export { formatMoney, type MoneyStyle } from './format/money';
