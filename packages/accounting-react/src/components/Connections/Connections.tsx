import { useRef, useState, type ReactNode } from 'react';
import type { PlaidLinkError, PlaidLinkOnExitMetadata } from 'react-plaid-link';
import type { ApiError } from '../../client/errors';
import type { Connection, CreatedAccount, LinkedAccount } from '../../client/types';
import { useAllAccounts, useConnections, useSyncStatus } from '../../hooks/resources';
import { LinkFailure } from '../../link/LinkFailure';
import { useBankLink, type BankLink } from '../../link/useBankLink';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { ConnectionCard } from './ConnectionCard';
import { EndDialog, type Ending } from './EndDialog';
import { EndedConnections } from './EndedConnections';
import { useDeeds } from './useDeeds';
import { useLinkChoices } from '../AccountBooking/LinkChoicesFields';
import { isEnded } from './words';

export interface ConnectionsProps extends CommonProps {
  /** Called once the accounts of a new connection are stored. */
  onSuccess?: (accounts: CreatedAccount[]) => void;
  /** Called once a connection was made good again in update mode. */
  onRepaired?: (connection: Connection) => void;
  /** Called once a connection was ended by the reader. */
  onDisconnected?: (connectionId: string) => void;
  /** The reader left Plaid Link; with an error if something stopped them. */
  onExit?: (error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata) => void;
  /** Failures of linking and reconnecting; the provider's `onError` hears of all. */
  onError?: (error: ApiError) => void;
}

/** The life of every bank connection: how it is, what to do about it, and all that its owner may change. */
export function Connections(props: ConnectionsProps): ReactNode {
  const { onSuccess, onRepaired, onDisconnected, onExit, onError, headingLevel = 2, ...rest } = props;
  return (
    <Surface slotName="connections" {...rest}>
      <ConnectionsBody {...{ onSuccess, onRepaired, onDisconnected, onExit, onError, headingLevel }} />
    </Surface>
  );
}

type Events = 'onSuccess' | 'onRepaired' | 'onDisconnected' | 'onExit' | 'onError';
type BodyProps = { [K in Events]: ConnectionsProps[K] | undefined } & { headingLevel: number };

function ConnectionsBody({ headingLevel, onRepaired, onDisconnected, ...events }: BodyProps): ReactNode {
  const [repaired, setRepaired] = useState('');
  const { choices, fields } = useLinkChoices();
  const link = useBankLink({
    ...events,
    choices,
    onRepaired: (connection) => {
      setRepaired(`${connection.institutionName} is connected again.`);
      onRepaired?.(connection);
    },
  });
  const { data, error, isLoading, refetch } = useConnections();
  const accounts = useAllAccounts().data?.accounts ?? [];
  useSyncStatus();
  const deeds = useDeeds();
  const [ending, setEnding] = useState<Ending>();
  const title = useRef<HTMLDivElement>(null);
  const all = data?.connections ?? [];
  const live = all.filter(({ status }) => !isEnded(status));

  const end = async ({ connection, account }: Ending): Promise<void> => {
    const isDone = await (account === undefined
      ? deeds.disconnect({ id: connection.id, name: connection.institutionName })
      : deeds.unlink({ id: account.id, name: account.accountName }));
    if (!isDone) return;
    setEnding(undefined);
    if (account === undefined) onDisconnected?.(connection.id);
    // What was in focus may be gone with it.
    title.current?.focus();
  };

  return (
    <>
      <Head {...{ link, headingLevel, title }} isEmpty={!isLoading && error === undefined && live.length === 0} />
      {fields}
      <Announcer>{deeds.outcome?.said ?? repaired}</Announcer>
      <LinkFailure link={link} />
      {isLoading ? <Skeleton rows={4} label="Loading your bank connections" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="Your bank connections could not be loaded" error={error} onRetry={refetch} />
      )}
      {data !== undefined && live.length === 0 ? (
        <EmptyNote icon="bank" title={all.length === 0 ? 'No bank is connected yet' : 'No bank is connected any more'}>
          <p className="ol-muted">Once one is, everything about it is found here: how it is, its accounts, its end.</p>
        </EmptyNote>
      ) : null}
      {live.map((connection) => (
        <ConnectionCard
          key={connection.id}
          {...{ connection, deeds, link }}
          accounts={accountsOf(connection, accounts)}
          headingLevel={headingLevel + 1}
          onEnd={(account) => {
            deeds.forget();
            setEnding({ connection, account });
          }}
        />
      ))}
      <EndedConnections connections={all.filter(({ status }) => isEnded(status))} {...{ accounts, link }} />
      {ending === undefined ? null : (
        <EndDialog
          ending={ending}
          isLast={accountsOf(ending.connection, accounts).filter(({ unlinkedAt }) => unlinkedAt === null).length === 1}
          outcome={deeds.outcome}
          onConfirm={() => void end(ending)}
          onCancel={() => {
            setEnding(undefined);
            deeds.forget();
          }}
        />
      )}
      {link.launcher}
    </>
  );
}

export function accountsOf({ id }: Connection, accounts: LinkedAccount[]): LinkedAccount[] {
  return accounts.filter(({ connectionId }) => connectionId === id);
}

interface HeadProps {
  link: BankLink;
  headingLevel: number;
  isEmpty: boolean;
  title: React.RefObject<HTMLDivElement | null>;
}

function Head({ link, headingLevel, isEmpty, title }: HeadProps): ReactNode {
  const isLinking = link.isBusy && link.state.target === undefined;
  return (
    <div className="ol-head">
      <div ref={title} tabIndex={-1}>
        <Heading level={headingLevel} className="ol-title">
          Bank connections
        </Heading>
        <p className="ol-muted">Read-only: nobody can move money through these connections.</p>
      </div>
      <Button look="primary" isBusy={link.isBusy} onClick={link.start}>
        <Icon name="plus" />
        {isLinking ? 'Opening…' : isEmpty ? 'Connect a bank' : 'Connect another bank'}
      </Button>
    </div>
  );
}
