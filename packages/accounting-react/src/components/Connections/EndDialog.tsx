import type { ReactNode } from 'react';
import type { ApiError } from '../../client/errors';
import type { Connection, LinkedAccount } from '../../client/types';
import { ConfirmDialog } from '../../ui/ConfirmDialog';

/** What is about to end: a connection, or one account of it. */
export interface Ending {
  connection: Connection;
  account: LinkedAccount | undefined;
}

interface EndDialogProps {
  ending: Ending;
  /** The account is the connection's last one, so the connection would end with it. */
  isLast: boolean;
  outcome: { isBusy: boolean; error?: ApiError } | undefined;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Says what ends and what stays, and asks. */
export function EndDialog({ ending, isLast, outcome, onConfirm, onCancel }: EndDialogProps): ReactNode {
  const { connection, account } = ending;
  const name = account?.accountName ?? connection.institutionName;
  return (
    <ConfirmDialog
      title={account === undefined ? `Disconnect ${name}?` : `Unlink ${name}?`}
      confirmLabel={account === undefined ? 'Disconnect' : 'Unlink'}
      cancelLabel={account === undefined ? 'Keep it connected' : 'Keep it linked'}
      isBusy={outcome?.isBusy === true}
      error={outcome?.error}
      {...{ onConfirm, onCancel }}
    >
      <ul className="ol-facts">
        {account === undefined ? (
          <li>Nothing more is imported from {name}, and the access at the bank is given up for good.</li>
        ) : (
          <li>Nothing more is imported from this account. The other accounts go on.</li>
        )}
        {account !== undefined && isLast ? (
          <li>It is the last account of {connection.institutionName}, so that connection ends with it.</li>
        ) : null}
        <li>Everything imported so far stays: transactions, categories, books and reports.</li>
        <li>Transactions that the bank still shows as pending go, because they were never booked.</li>
        <li>You can connect it again later; it then goes on where it ended.</li>
      </ul>
    </ConfirmDialog>
  );
}
