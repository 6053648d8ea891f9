import type { ReactNode } from 'react';
import type { LinkedAccount } from '../../client/types';
import { formatDate } from '../../format/dates';
import { sentence } from '../../format/words';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { BookingToggle } from '../AccountBooking/BookingToggle';

interface ConnectionAccountsProps {
  accounts: LinkedAccount[];
  /** The bank's. */
  name: string;
  headingLevel: number;
  onUnlink: (account: LinkedAccount) => void;
}

/** The bank accounts that a connection feeds or fed; each can be unlinked alone. */
export function ConnectionAccounts({ accounts, name, headingLevel, onUnlink }: ConnectionAccountsProps): ReactNode {
  if (accounts.length === 0) return null;
  return (
    <ul className="ol-connection-accounts" aria-label={`Accounts at ${name}`}>
      {accounts.map((account) => (
        <Account key={account.id} {...{ account, headingLevel, onUnlink }} />
      ))}
    </ul>
  );
}

function Account({
  account,
  headingLevel,
  onUnlink,
}: Omit<ConnectionAccountsProps, 'accounts' | 'name'> & Row): ReactNode {
  const { locale } = useOpenLedger();
  const { accountName, accountMask, accountSubtype, accountType, transactionCount, unlinkedAt } = account;
  const count = new Intl.NumberFormat(locale).format(transactionCount);
  return (
    <li data-slot="ol-connection-account" data-unlinked={unlinkedAt !== null || undefined}>
      <div className="ol-grow">
        <span className="ol-strong">{accountName}</span>{' '}
        {accountMask === '' ? null : <span className="ol-muted ol-nowrap">•• {accountMask}</span>}
        <span className="ol-small ol-block">
          {unlinkedAt === null
            ? `${sentence(accountSubtype ?? accountType)} · ${count} transactions`
            : `Unlinked on ${formatDate(unlinkedAt, locale)} · its ${count} transactions stay`}
        </span>
      </div>
      {unlinkedAt === null ? (
        <>
          {account.reportedBalance === null ? null : (
            <Money amount={account.reportedBalance} currency={account.currency} />
          )}
          <Button
            look="quiet"
            aria-label={`Unlink ${accountName}${accountMask === '' ? '' : ` ${accountMask}`}`}
            onClick={() => {
              onUnlink(account);
            }}
          >
            Unlink…
          </Button>
          <BookingToggle
            {...{ headingLevel }}
            accountId={account.id}
            name={`${accountName}${accountMask === '' ? '' : ` ${accountMask}`}`}
          />
        </>
      ) : null}
    </li>
  );
}

interface Row {
  account: LinkedAccount;
}
