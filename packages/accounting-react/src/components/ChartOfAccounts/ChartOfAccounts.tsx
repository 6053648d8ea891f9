import { useState, type ReactNode } from 'react';
import type { Category } from '../../client/types';
import { useResource } from '../../hooks/useResource';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { AccountForm } from './AccountForm';
import { Interchange } from './Interchange';
import { MergeDialog } from './MergeDialog';
import { branchesOf, TYPES } from './tree';

export interface ChartOfAccountsProps extends CommonProps {
  /** Whether accounts can be added and changed. @defaultValue true */
  isEditable?: boolean;
}

/** The ledger accounts as a tree: add, rename, arrange, archive, merge, and exchange as CSV. */
export function ChartOfAccounts({ isEditable = true, headingLevel = 2, ...rest }: ChartOfAccountsProps): ReactNode {
  return (
    <Surface slotName="chart-of-accounts" {...rest}>
      <Chart isEditable={isEditable} headingLevel={headingLevel} />
    </Surface>
  );
}

type Open = { kind: 'add' } | { kind: 'change' | 'merge'; account: Category };

function Chart({ isEditable, headingLevel }: { isEditable: boolean; headingLevel: number }): ReactNode {
  const { entityId } = useOpenLedger().session;
  const [withArchived, setWithArchived] = useState(false);
  const [open, setOpen] = useState<Open>();
  const [said, setSaid] = useState('');
  const { data, error, isLoading, refetch } = useResource('/v1/categories', {
    entityId,
    ...(withArchived ? { includeArchived: true } : {}),
  });
  const chart = data?.categories ?? [];
  const close = (): void => {
    setOpen(undefined);
  };
  const done = (text: string): void => {
    close();
    setSaid(text);
  };
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Chart of accounts
          </Heading>
          <p className="ol-muted">Where everything is booked. An account keeps its history when it is renamed.</p>
        </div>
        {isEditable ? (
          <Button
            look="primary"
            onClick={() => {
              setOpen({ kind: 'add' });
            }}
          >
            <Icon name="plus" /> New account
          </Button>
        ) : null}
      </div>
      <div className="ol-card">
        <div className="ol-head ol-tools">
          {isEditable ? <Interchange onDone={done} /> : null}
          <label className="ol-checkbox">
            <input
              type="checkbox"
              checked={withArchived}
              onChange={(event) => {
                setWithArchived(event.target.checked);
              }}
            />{' '}
            Show archived
          </label>
        </div>
        {isLoading ? <Skeleton rows={8} label="Loading the chart of accounts" /> : null}
        {error === undefined ? null : (
          <ErrorNote title="The chart of accounts could not be loaded" error={error} onRetry={refetch} />
        )}
        {data !== undefined && chart.length === 0 ? <EmptyNote icon="list" title="There are no accounts yet" /> : null}
        {chart.length === 0 ? null : (
          <ChartTable chart={chart} isEditable={isEditable} onOpen={setOpen} onDone={done} />
        )}
      </div>
      <Announcer>{said}</Announcer>
      {open === undefined ? null : open.kind === 'merge' ? (
        <MergeDialog account={open.account} chart={chart} onClose={close} onDone={done} />
      ) : (
        <AccountForm
          chart={chart}
          onClose={close}
          onDone={done}
          {...(open.kind === 'change' ? { account: open.account } : {})}
        />
      )}
    </>
  );
}

interface ChartTableProps {
  chart: Category[];
  isEditable: boolean;
  onOpen: (open: Open) => void;
  onDone: (said: string) => void;
}

function ChartTable({ chart, ...rest }: ChartTableProps): ReactNode {
  return (
    <table className="ol-table ol-chart-of-accounts">
      <caption className="ol-hidden">Chart of accounts</caption>
      <thead className="ol-hidden">
        <tr>
          <th scope="col">Number</th>
          <th scope="col">Account</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      {TYPES.map(([type, title]) => {
        const branches = branchesOf(chart, type);
        return branches.length === 0 ? null : (
          <tbody key={type}>
            <tr className="ol-report-title">
              <th scope="rowgroup" colSpan={3}>
                {title}
              </th>
            </tr>
            {branches.map(({ account, depth }) => (
              <AccountRow key={account.id} account={account} depth={depth} {...rest} />
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

interface AccountRowProps extends Omit<ChartTableProps, 'chart'> {
  account: Category;
  depth: number;
}

function AccountRow({ account, depth, isEditable, onOpen, onDone }: AccountRowProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/categories');
  const { name, isArchived } = account;
  const archive = (): void => {
    const options = { query: { entityId: session.entityId }, path: { category_id: account.id } };
    const send = (): Promise<unknown> =>
      isArchived
        ? session.client.call('delete', '/v1/categories/{category_id}/archive', options)
        : session.client.call('post', '/v1/categories/{category_id}/archive', options);
    void change.run(send).then((answer) => {
      if (answer !== undefined) onDone(isArchived ? `${name} is in use again.` : `${name} was archived.`);
    });
  };
  // The system's own accounts and those that banks feed stay where they are.
  const isFree = account.systemRole === null && account.currency === null;
  return (
    <tr data-archived={isArchived || undefined}>
      <td className="ol-code">{account.code}</td>
      <th scope="row" style={{ paddingInlineStart: `${String(depth * 1.5)}em` }}>
        {name} {isArchived ? <Badge>Archived</Badge> : null}
        {account.systemRole === null ? null : <Badge tone="info">System</Badge>}
        <span className="ol-small ol-block">{account.financialType}</span>
        {change.error === undefined ? null : <ErrorNote title="That did not work" error={change.error} />}
      </th>
      <td className="ol-actions">
        {isEditable && !isArchived ? (
          <Button
            look="quiet"
            aria-label={`Change ${name}`}
            onClick={() => {
              onOpen({ kind: 'change', account });
            }}
          >
            Change
          </Button>
        ) : null}
        {isEditable && isFree && !isArchived ? (
          <Button
            look="quiet"
            aria-label={`Merge ${name}`}
            onClick={() => {
              onOpen({ kind: 'merge', account });
            }}
          >
            Merge
          </Button>
        ) : null}
        {isEditable && isFree && account.mergedIntoId === null ? (
          <Button
            look="quiet"
            aria-label={isArchived ? `Restore ${name}` : `Archive ${name}`}
            isBusy={change.isBusy}
            onClick={archive}
          >
            {isArchived ? 'Restore' : 'Archive'}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
