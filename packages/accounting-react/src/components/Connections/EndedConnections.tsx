import type { ReactNode } from 'react';
import type { Connection, LinkedAccount } from '../../client/types';
import { formatDate } from '../../format/dates';
import { statusLabel } from '../../format/status';
import type { BankLink } from '../../link/useBankLink';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';

interface EndedConnectionsProps {
  connections: Connection[];
  accounts: LinkedAccount[];
  link: BankLink;
}

/** Connections that are over, folded away; their transactions stay in the books. */
export function EndedConnections({ connections, accounts, link }: EndedConnectionsProps): ReactNode {
  const { locale } = useOpenLedger();
  if (connections.length === 0) return null;
  return (
    <details className="ol-card ol-details" data-slot="ol-ended-connections">
      <summary>Ended connections ({connections.length})</summary>
      <ul className="ol-connection-accounts">
        {connections.map(({ id, institutionName, status, statusChangedAt }) => (
          <li key={id}>
            <div className="ol-grow">
              <span className="ol-strong">{institutionName}</span>
              <span className="ol-small ol-block">
                {statusLabel(status).label}
                {statusChangedAt === null ? '' : ` on ${formatDate(statusChangedAt, locale)}`} ·{' '}
                {new Intl.NumberFormat(locale).format(countOf(id, accounts))} transactions stay in the books
              </span>
            </div>
            <Button isBusy={link.isBusy} aria-label={`Connect again: ${institutionName}`} onClick={link.start}>
              Connect again
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function countOf(connectionId: string, accounts: LinkedAccount[]): number {
  return accounts
    .filter((account) => account.connectionId === connectionId)
    .reduce((sum, { transactionCount }) => sum + transactionCount, 0);
}
