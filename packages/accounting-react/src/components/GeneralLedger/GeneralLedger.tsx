import { useId, useState, type ReactNode } from 'react';
import type { AccountTransactions } from '../../client/types';
import { formatDate, type PeriodName } from '../../format/dates';
import { useCategories } from '../../hooks/resources';
import { usePages } from '../../hooks/usePages';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { EmptyNote } from '../../ui/notes';
import { Surface, type CommonProps } from '../../ui/Surface';
import { choose, PeriodDates, PeriodPicker } from '../ReportTable/report-parts';
import { ReportFrame } from '../ReportTable/ReportFrame';
import { ScrollBox } from '../../ui/ScrollBox';

export interface GeneralLedgerProps extends CommonProps {
  /** The period shown first. @defaultValue 'this-month' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

/** Every posting with running balances, of all ledger accounts or of one. */
export function GeneralLedger({ defaultPeriod, headingLevel = 2, ...rest }: GeneralLedgerProps): ReactNode {
  return (
    <Surface slotName="general-ledger" {...rest}>
      <div className="ol-card">
        <GeneralLedgerBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

interface BodyProps {
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
}

/** The report without a root element of its own. */
export function GeneralLedgerBody({ defaultPeriod = 'this-month', headingLevel }: BodyProps): ReactNode {
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const [account, setAccount] = useState('');
  const { startDate, endDate } = period;
  const query = { startDate, endDate, ledgerAccountId: account === '' ? undefined : account };
  const { pages, error, isLoading, hasMore, loadMore, refetch } = usePages('/v1/reports/account-transactions', query);
  return (
    <ReportFrame
      title="General ledger"
      headingLevel={headingLevel}
      dates={<PeriodDates {...period} />}
      controls={
        <>
          <AccountPicker value={account} onChange={setAccount} />
          <PeriodPicker value={period} onChange={setPeriod} />
        </>
      }
      download={{ report: account === '' ? 'general-ledger' : 'account-transactions', query }}
      isLoading={isLoading}
      error={error}
      onRetry={refetch}
    >
      {pages.length === 0 ? null : <LedgerTable pages={pages} />}
      {hasMore ? (
        <div className="ol-more">
          <Button isBusy={isLoading} onClick={loadMore}>
            Load more
          </Button>
        </div>
      ) : null}
    </ReportFrame>
  );
}

function AccountPicker({ value, onChange }: { value: string; onChange: (id: string) => void }): ReactNode {
  const id = useId();
  const { data } = useCategories();
  return (
    <label className="ol-field" htmlFor={id}>
      Ledger account
      <select
        id={id}
        className="ol-select"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        <option value="">All</option>
        {data?.categories.map((category) => (
          <option key={category.id} value={category.id}>
            {category.code} {category.name}
          </option>
        ))}
      </select>
    </label>
  );
}

type LedgerAccount = AccountTransactions['accounts'][number];

/** An account that goes on from one page to the next has its rows put together again. */
function joined(pages: AccountTransactions[]): LedgerAccount[] {
  const accounts = new Map<string, LedgerAccount>();
  for (const account of pages.flatMap((page) => page.accounts)) {
    const known = accounts.get(account.id);
    accounts.set(
      account.id,
      known === undefined ? account : { ...known, transactions: [...known.transactions, ...account.transactions] },
    );
  }
  return [...accounts.values()];
}

function LedgerTable({ pages }: { pages: AccountTransactions[] }): ReactNode {
  const { locale } = useOpenLedger();
  const accounts = joined(pages);
  const currency = pages[0]?.currency ?? '';
  const money = (amount: string | null): ReactNode =>
    amount === null ? null : <Money amount={amount} currency={currency} look="accounting" />;
  if (accounts.length === 0) return <EmptyNote icon="list" title="Nothing is booked in this period" />;
  return (
    <ScrollBox label="General ledger">
      <table className="ol-table ol-report ol-postings" data-columns>
        <caption className="ol-hidden">General ledger</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Description</th>
            <th scope="col">Other account</th>
            {['Debit', 'Credit', 'Balance'].map((label) => (
              <th key={label} scope="col" className="ol-number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        {accounts.map((account) => (
          <tbody key={account.id}>
            <tr className="ol-report-title">
              <th scope="rowgroup" colSpan={6}>
                {account.code} {account.name}
              </th>
            </tr>
            <tr className="ol-muted">
              <td />
              <td colSpan={4}>Opening balance</td>
              <td className="ol-number">{money(account.openingDecimal)}</td>
            </tr>
            {account.transactions.map((row) => (
              <tr key={`${row.journalEntryId} ${String(row.line)}`}>
                <td className="ol-nowrap">{formatDate(row.date, locale)}</td>
                <td>{row.description}</td>
                <td className="ol-muted">{row.otherAccounts.join(', ')}</td>
                <td className="ol-number">{money(row.debitDecimal)}</td>
                <td className="ol-number">{money(row.creditDecimal)}</td>
                <td className="ol-number">{money(row.runningBalanceDecimal)}</td>
              </tr>
            ))}
            <tr className="ol-report-total" data-kind="section">
              <td />
              <th scope="row" colSpan={2}>
                Closing balance
              </th>
              <td className="ol-number">{money(account.debitsDecimal)}</td>
              <td className="ol-number">{money(account.creditsDecimal)}</td>
              <td className="ol-number">{money(account.closingDecimal)}</td>
            </tr>
          </tbody>
        ))}
      </table>
    </ScrollBox>
  );
}
