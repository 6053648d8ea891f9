/** The parts that few pages show, each fetched when it is. Other modules import them from here, never directly. */
import { lazily } from './ui/lazily';

export const Rules = /* @__PURE__ */ lazily('rules', async () => (await import('./components/Rules/Rules')).Rules);
export const CategorizationStatistics = /* @__PURE__ */ lazily(
  'categorization-statistics',
  async () => (await import('./components/CategorizationStatistics/CategorizationStatistics')).CategorizationStatistics,
);
export const ChartOfAccounts = /* @__PURE__ */ lazily(
  'chart-of-accounts',
  async () => (await import('./components/ChartOfAccounts/ChartOfAccounts')).ChartOfAccounts,
);
export const AccountBooking = /* @__PURE__ */ lazily(
  'account-booking',
  async () => (await import('./components/AccountBooking/AccountBooking')).AccountBooking,
);
export const RecurringEntries = /* @__PURE__ */ lazily(
  'recurring-entries',
  async () => (await import('./components/RecurringEntries/RecurringEntries')).RecurringEntries,
);
export const JournalEntries = /* @__PURE__ */ lazily(
  'journal-entries',
  async () => (await import('./components/JournalEntries/JournalEntries')).JournalEntries,
);
export const CategorizationSettings = /* @__PURE__ */ lazily(
  'categorization-settings',
  async () => (await import('./components/CategorizationSettings/CategorizationSettings')).CategorizationSettings,
);
