import { useState, type ReactNode } from 'react';
import type { PlaidLinkError, PlaidLinkOnEvent, PlaidLinkOnExitMetadata } from 'react-plaid-link';
import type { ApiError } from '../../client/errors';
import type { CreatedAccount } from '../../client/types';
import { useAccounts, useSyncStatus } from '../../hooks/resources';
import { LinkFailure } from '../../link/LinkFailure';
import { useBankLink, type BankLinkState } from '../../link/useBankLink';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Announcer, ErrorNote } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { BookingToggle } from '../AccountBooking/BookingToggle';
import { useLinkChoices } from '../AccountBooking/LinkChoicesFields';
import { AccountGroups } from '../LinkedAccounts/LinkedAccounts';
import { ProgressPanel } from '../SyncProgress/SyncProgress';

export interface BankLinkingProps extends CommonProps {
  /** Called once the accounts are stored; their history is then being imported. */
  onSuccess?: (accounts: CreatedAccount[]) => void;
  /** The reader left Plaid Link; with an error if something stopped them. */
  onExit?: (error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata) => void;
  /** Every event of Plaid Link. */
  onEvent?: PlaidLinkOnEvent;
  /** This component's failures only; the provider's `onError` hears of them too. */
  onError?: (error: ApiError) => void;
  /** Lists the linked accounts below the button. @defaultValue true */
  showAccounts?: boolean;
}

/** Connects banks through Plaid Link and shows what is connected. */
export function BankLinking(props: BankLinkingProps): ReactNode {
  const { onSuccess, onExit, onEvent, onError, showAccounts = true, headingLevel = 2, ...rest } = props;
  return (
    <Surface slotName="bank-linking" {...rest}>
      <BankLinkingBody {...{ onSuccess, onExit, onEvent, onError, showAccounts, headingLevel }} />
    </Surface>
  );
}

type BodyProps = { [K in 'onSuccess' | 'onExit' | 'onEvent' | 'onError']: BankLinkingProps[K] | undefined } & {
  showAccounts: boolean;
  headingLevel: number;
};

function BankLinkingBody({ showAccounts, headingLevel, onError, ...events }: BodyProps): ReactNode {
  const { choices, fields } = useLinkChoices();
  const [created, setCreated] = useState<CreatedAccount[]>([]);
  const onSuccess = (made: CreatedAccount[]): void => {
    setCreated(made);
    events.onSuccess?.(made);
  };
  const link = useBankLink({ ...events, onSuccess, onError, choices });
  const { state, isBusy, start, launcher } = link;
  const { data, error, isLoading, refetch } = useAccounts();
  const status = useSyncStatus().data;
  const news = useSyncNow();
  const accounts = data?.accounts ?? [];
  const isEmpty = !isLoading && error === undefined && accounts.length === 0;
  return (
    <>
      <div className="ol-head" data-empty={isEmpty || undefined}>
        {isEmpty ? (
          <span className="ol-empty-icon">
            <Icon name="bank" />
          </span>
        ) : null}
        <div>
          <Heading level={headingLevel} className="ol-title">
            {isEmpty ? 'Connect your bank' : 'Bank connections'}
          </Heading>
          <p className="ol-muted">
            {isEmpty
              ? 'Your transactions are then imported, categorised and booked by themselves.'
              : 'Read-only: nobody can move money through these connections.'}
          </p>
        </div>
        <div className="ol-buttons">
          {accounts.length === 0 ? null : (
            <Button isBusy={news.isBusy} onClick={news.sync}>
              <Icon name="refresh" />
              {news.isBusy ? 'Asking…' : 'Sync now'}
            </Button>
          )}
          <Button look="primary" isBusy={isBusy} onClick={start}>
            <Icon name="plus" />
            {buttonLabel(state, accounts.length > 0)}
          </Button>
        </div>
        {isEmpty ? <Promises /> : null}
      </div>
      <Announcer>{announcement(state) || news.said}</Announcer>
      {news.error === undefined ? null : (
        <ErrorNote title="The bank could not be asked" error={news.error} onRetry={news.sync} />
      )}
      {fields}
      <LinkFailure link={link} />
      <Created accounts={created} headingLevel={headingLevel + 1} />
      {status !== undefined && status.summary.total > 0 && !status.allSynced ? <ProgressPanel status={status} /> : null}
      {showAccounts && !isEmpty ? (
        <AccountGroups {...{ accounts, error, isLoading }} headingLevel={headingLevel + 1} onRetry={refetch} />
      ) : null}
      {launcher}
    </>
  );
}

/** The accounts just linked, and where their booking is changed; who changes nothing is done. */
function Created({ accounts, headingLevel }: { accounts: CreatedAccount[]; headingLevel: number }): ReactNode {
  if (accounts.length === 0) return null;
  return (
    <div className="ol-note" data-tone="success">
      <Icon name="check" />
      <div className="ol-note-text">
        <strong>Connected. The history is being imported and booked by itself.</strong>
        <ul className="ol-connection-accounts" aria-label="Accounts just connected">
          {accounts.map(({ id, accountName, accountMask }) => (
            <li key={id}>
              <span className="ol-grow">{accountName}</span>
              <BookingToggle accountId={id} name={`${accountName} ${accountMask}`.trim()} headingLevel={headingLevel} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface SyncNow {
  sync: () => void;
  isBusy: boolean;
  said: string;
  error: ApiError | undefined;
}

/** Asks the bank for news now, instead of waiting for its next message. */
function useSyncNow(): SyncNow {
  const { session } = useOpenLedger();
  const [state, setState] = useState<Omit<SyncNow, 'sync'>>({ isBusy: false, said: '', error: undefined });
  const sync = (): void => {
    setState({ isBusy: true, said: 'Asking the bank.', error: undefined });
    session.client.call('post', '/v1/banks/sync', { body: { entityId: session.entityId } }).then(
      () => {
        session.cache.invalidate('/v1/banks/');
        setState({
          isBusy: false,
          said: 'The bank is asked. New transactions appear by themselves.',
          error: undefined,
        });
      },
      (thrown: unknown) => {
        setState({ isBusy: false, said: '', error: session.report(thrown, 'bank.sync') });
      },
    );
  };
  return { ...state, sync };
}

function Promises(): ReactNode {
  return (
    <ul className="ol-promises">
      <li>
        <Icon name="check" /> Read-only access
      </li>
      <li>
        <Icon name="check" /> Your bank login is never stored
      </li>
      <li>
        <Icon name="check" /> Up to 24 months of history
      </li>
    </ul>
  );
}

function buttonLabel({ stage }: BankLinkState, hasAccounts: boolean): string {
  if (stage === 'opening' || stage === 'preparing') return 'Opening…';
  if (stage === 'saving') return 'Saving…';
  return hasAccounts ? 'Connect another bank' : 'Connect a bank';
}

function announcement({ stage }: BankLinkState): string {
  if (stage === 'opening' || stage === 'preparing') return 'Opening the bank connection.';
  return stage === 'saving' ? 'Saving your accounts.' : '';
}
