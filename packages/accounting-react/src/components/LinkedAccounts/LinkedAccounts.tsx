import type { ReactNode } from 'react';
import type { ApiError } from '../../client/errors';
import type { LinkedAccount } from '../../client/types';
import { formatAgo, formatInstant } from '../../format/dates';
import { formatMoney, magnitude } from '../../format/money';
import { statusLabel } from '../../format/status';
import { sentence } from '../../format/words';
import { useAccounts, useSyncStatus } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Icon } from '../../ui/icons';
import { Logo } from '../../ui/Logo';
import { Money } from '../../ui/Money';
import { EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';

/** Linked bank accounts by institution: the bank's balance, the books' balance, and whether they agree. */
export function LinkedAccounts({ headingLevel = 2, ...rest }: CommonProps): ReactNode {
  return (
    <Surface slotName="linked-accounts" {...rest}>
      <LinkedAccountsBody headingLevel={headingLevel} />
    </Surface>
  );
}

function LinkedAccountsBody({ headingLevel }: { headingLevel: number }): ReactNode {
  const { data, error, isLoading, refetch } = useAccounts();
  useSyncStatus();
  return (
    <>
      <div className="ol-head">
        <Heading level={headingLevel} className="ol-title">
          Linked accounts
        </Heading>
      </div>
      <AccountGroups
        {...{ error, isLoading }}
        accounts={data?.accounts ?? []}
        headingLevel={headingLevel + 1}
        onRetry={refetch}
      />
    </>
  );
}

interface AccountGroupsProps {
  accounts: LinkedAccount[];
  error: ApiError | undefined;
  isLoading: boolean;
  headingLevel: number;
  onRetry: () => void;
}

/** One card per bank login. After a failed refresh the last good list stays. */
export function AccountGroups({ accounts, error, isLoading, headingLevel, onRetry }: AccountGroupsProps): ReactNode {
  if (isLoading) return <Skeleton rows={3} label="Loading your accounts" />;
  return (
    <>
      {error === undefined ? null : (
        <ErrorNote title="Your accounts could not be loaded" error={error} onRetry={onRetry} />
      )}
      {accounts.length === 0 && error === undefined ? (
        <EmptyNote icon="bank" title="No bank is connected yet">
          <p className="ol-muted">Accounts appear here as soon as a bank is connected.</p>
        </EmptyNote>
      ) : null}
      {byConnection(accounts).map((group) => (
        <Institution key={group[0].connectionId} accounts={group} headingLevel={headingLevel} />
      ))}
    </>
  );
}

type Group = [LinkedAccount, ...LinkedAccount[]];

function byConnection(accounts: LinkedAccount[]): Group[] {
  const groups = new Map<string, Group>();
  for (const account of accounts) {
    const group = groups.get(account.connectionId);
    if (group === undefined) groups.set(account.connectionId, [account]);
    else group.push(account);
  }
  return [...groups.values()];
}

function Institution({ accounts, headingLevel }: { accounts: Group; headingLevel: number }): ReactNode {
  const [{ institutionName, connectionStatus, lastError, lastSyncedAt }] = accounts;
  const { label, tone } = statusLabel(connectionStatus);
  const advice = ADVICE[connectionStatus];
  return (
    <div className="ol-card ol-institution" data-slot="ol-institution">
      <div className="ol-institution-head">
        <Logo name={institutionName} />
        <div className="ol-grow">
          <Heading level={headingLevel} className="ol-subtitle">
            {institutionName}
          </Heading>
          <LastSynced at={lastSyncedAt} />
        </div>
        <Badge tone={tone}>{label}</Badge>
      </div>
      {advice === undefined ? null : (
        <p className="ol-note" data-tone="warning">
          <Icon name="alert" />
          <span className="ol-note-text">{lastError === null ? advice : `${advice} (${lastError.code})`}</span>
        </p>
      )}
      <div className="ol-scroll">
        <table className="ol-table ol-accounts">
          <caption className="ol-hidden">Accounts at {institutionName}</caption>
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col" className="ol-number">
                Bank
              </th>
              <th scope="col" className="ol-number">
                Ledger
              </th>
              <th scope="col">Check</th>
            </tr>
          </thead>
          <tbody>
            {accounts.map((account) => (
              <AccountRow key={account.id} account={account} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** What to do is the matter of `Connections`; here it is only said that something is. */
const ADVICE: Partial<Record<string, string>> = {
  login_required: 'The bank asks you to sign in again. What was imported so far stays as it is.',
  bank_down: 'The bank is not answering at the moment. The import goes on by itself later.',
};

function LastSynced({ at }: { at: string | null }): ReactNode {
  const { locale } = useOpenLedger();
  if (at === null) return <p className="ol-small">Not synced yet</p>;
  return (
    <p className="ol-small" title={formatInstant(at, locale)}>
      Synced {formatAgo(at, new Date(), locale)}
    </p>
  );
}

function AccountRow({ account }: { account: LinkedAccount }): ReactNode {
  const { locale } = useOpenLedger();
  const { accountName, accountMask, accountSubtype, accountType, currency, reportedBalance, ledgerBalance } = account;
  const isOwed = accountType === 'credit' || accountType === 'loan';
  return (
    <tr data-slot="ol-account">
      <th scope="row">
        <span className="ol-strong">{accountName}</span>{' '}
        {accountMask === '' ? null : <span className="ol-muted ol-nowrap">•• {accountMask}</span>}
        <span className="ol-small ol-block">
          {sentence(accountSubtype ?? accountType)} · {new Intl.NumberFormat(locale).format(account.transactionCount)}{' '}
          transactions
        </span>
      </th>
      <td className="ol-number" data-label="Bank">
        {reportedBalance === null ? '—' : <Money amount={reportedBalance} currency={currency} />}
        {isOwed ? <span className="ol-small ol-block">owed</span> : null}
      </td>
      <td className="ol-number" data-label="Ledger">
        <Money amount={ledgerBalance} currency={currency} />
        {isOwed ? <span className="ol-small ol-block">owed</span> : null}
      </td>
      <td className="ol-check">
        <BalanceCheck account={account} />
      </td>
    </tr>
  );
}

function BalanceCheck({ account }: { account: LinkedAccount }): ReactNode {
  const { locale } = useOpenLedger();
  const { syncStatus, isReconciled, difference, currency } = account;
  if (syncStatus !== 'completed') return <Badge tone="info">Importing</Badge>;
  if (isReconciled) {
    return (
      <span className="ol-state" data-tone="success">
        <Icon name="check" /> Matches the bank
      </span>
    );
  }
  if (difference === null) return <span className="ol-muted">No bank balance yet</span>;
  return (
    <span className="ol-state" data-tone="danger">
      <Icon name="alert" /> Differs by {formatMoney(magnitude(difference), currency, locale)}
    </span>
  );
}
