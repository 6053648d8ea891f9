import type { ReactNode } from 'react';
import type { Connection, LinkedAccount } from '../../client/types';
import { formatAgo, formatInstant } from '../../format/dates';
import { statusLabel } from '../../format/status';
import type { BankLink } from '../../link/useBankLink';
import { useOpenLedger } from '../../provider/context';
import { Badge, type Tone } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Logo } from '../../ui/Logo';
import { ErrorNote } from '../../ui/notes';
import { Heading } from '../../ui/Surface';
import { ConnectionAccounts } from './ConnectionAccounts';
import { RunHistory } from './RunHistory';
import type { Deeds } from './useDeeds';
import { meaningOf, reasonOf } from './words';

interface ConnectionCardProps {
  connection: Connection;
  accounts: LinkedAccount[];
  deeds: Deeds;
  link: BankLink;
  headingLevel: number;
  /** Asks whether to end the connection, or one of its accounts. */
  onEnd: (account?: LinkedAccount) => void;
}

/** One login at one bank: how it is, the one thing to do, its accounts, and what else may be changed. */
export function ConnectionCard(props: ConnectionCardProps): ReactNode {
  const { connection, accounts, deeds, link, headingLevel, onEnd } = props;
  const { institutionName: name, status } = connection;
  const { label, tone } = statusLabel(status);
  return (
    <section className="ol-card ol-connection" data-slot="ol-connection" data-status={status} aria-label={name}>
      <div className="ol-institution-head">
        <Logo name={name} />
        <div className="ol-grow">
          <Heading level={headingLevel} className="ol-subtitle">
            {name}
          </Heading>
          <Freshness connection={connection} />
        </div>
        <Badge tone={tone}>{label}</Badge>
      </div>
      <Meaning {...{ connection, deeds, link }} />
      <ConnectionAccounts {...{ accounts, name }} headingLevel={headingLevel + 1} onUnlink={onEnd} />
      <OtherDeeds {...{ connection, deeds, link }} onEnd={onEnd} />
      <DeedOutcome {...{ connection, deeds }} />
      <RunHistory connection={connection} />
    </section>
  );
}

const DAY_MS = 86_400_000;

/** When we read last, and apart from it how old the bank's own data are. */
function Freshness({ connection }: { connection: Connection }): ReactNode {
  const { locale } = useOpenLedger();
  const { lastSyncedAt, providerLastSuccessAt, providerLastFailureAt } = connection;
  const now = new Date();
  const ago = (at: string): ReactNode => (
    <time dateTime={at} title={formatInstant(at, locale)}>
      {formatAgo(at, now, locale)}
    </time>
  );
  const hasFailed = providerLastFailureAt !== null && providerLastFailureAt > (providerLastSuccessAt ?? '');
  const isLate =
    lastSyncedAt !== null &&
    providerLastSuccessAt !== null &&
    Date.parse(lastSyncedAt) - Date.parse(providerLastSuccessAt) > DAY_MS;
  return (
    <>
      <p className="ol-small">
        {lastSyncedAt === null ? 'Not imported yet' : <>Imported {ago(lastSyncedAt)}</>}
        {providerLastSuccessAt === null ? null : <> · the bank’s data are from {ago(providerLastSuccessAt)}</>}
      </p>
      {hasFailed ? (
        <p className="ol-small">Plaid’s last try at the bank, {ago(providerLastFailureAt)}, did not succeed.</p>
      ) : isLate && connection.status === 'healthy' ? (
        <p className="ol-small">The delay is at the bank’s side. Asking the bank now may help.</p>
      ) : null}
    </>
  );
}

type DeedProps = Pick<ConnectionCardProps, 'connection' | 'deeds' | 'link'>;

const TONES: Partial<Record<string, Tone>> = { login_required: 'warning', expiring: 'warning', error: 'danger' };

/** What the state means, with the one right thing to do about it. Nothing where all is well. */
function Meaning({ connection, deeds, link }: DeedProps): ReactNode {
  const { locale } = useOpenLedger();
  const { status, action, lastError } = connection;
  const meaning = meaningOf(connection, locale);
  if (meaning === '') return null;
  const tone = action === 'choose_accounts' ? 'warning' : (TONES[status] ?? 'neutral');
  const isAlert = tone !== 'neutral';
  return (
    <div className="ol-note" data-tone={tone}>
      <Icon name={isAlert ? 'alert' : status === 'paused' ? 'pause' : 'clock'} />
      <div className="ol-note-text">
        <p>{meaning}</p>
        {lastError === null ? null : <p className="ol-small">Last time {reasonOf(lastError.code)}.</p>}
      </div>
      <RightAction {...{ connection, deeds, link }} />
    </div>
  );
}

/** The one button for a connection's state; none where waiting is all that helps. */
export function RightAction({ connection, deeds, link }: Omit<DeedProps, 'deeds'> & { deeds?: Deeds }): ReactNode {
  const { id, institutionName: name, action } = connection;
  const isBusy = link.isBusy;
  switch (action) {
    case 'login':
      return (
        <Button
          look="primary"
          aria-label={`Reconnect ${name}`}
          {...{ isBusy }}
          onClick={() => {
            link.repair({ connectionId: id });
          }}
        >
          Reconnect
        </Button>
      );
    case 'choose_accounts':
      return (
        <Button
          look="primary"
          aria-label={`Choose accounts of ${name}`}
          {...{ isBusy }}
          onClick={() => {
            link.repair({ connectionId: id, accountSelection: true });
          }}
        >
          Choose accounts
        </Button>
      );
    case 'link_again':
      return (
        <Button look="primary" aria-label={`Connect again: ${name}`} {...{ isBusy }} onClick={link.start}>
          Connect again
        </Button>
      );
    case 'resume':
      return (
        <Button
          look="primary"
          aria-label={`Resume ${name}`}
          isBusy={deeds?.outcome?.isBusy === true}
          onClick={() => deeds?.resume({ id, name })}
        >
          Resume
        </Button>
      );
    case 'wait':
    case 'none':
      return null;
  }
}

const REFRESHABLE = new Set<string>(['healthy', 'expiring', 'bank_down']);

/** What may be done besides; the last one asks first. */
function OtherDeeds({ connection, deeds, link, onEnd }: DeedProps & { onEnd: () => void }): ReactNode {
  const { id, institutionName: name, status, action } = connection;
  const isBusy = deeds.outcome?.isBusy === true;
  return (
    <div className="ol-buttons ol-deeds">
      {REFRESHABLE.has(status) ? (
        <Button
          {...{ isBusy }}
          aria-label={`Ask the bank now: ${name}`}
          onClick={() => {
            deeds.refresh({ id, name });
          }}
        >
          <Icon name="refresh" /> Ask the bank now
        </Button>
      ) : null}
      {REFRESHABLE.has(status) && action !== 'choose_accounts' ? (
        <Button
          isBusy={link.isBusy}
          aria-label={`Choose accounts of ${name}`}
          onClick={() => {
            link.repair({ connectionId: id, accountSelection: true });
          }}
        >
          <Icon name="list" /> Choose accounts
        </Button>
      ) : null}
      {status === 'paused' ? null : (
        <Button
          {...{ isBusy }}
          aria-label={`Pause ${name}`}
          onClick={() => {
            deeds.pause({ id, name });
          }}
        >
          <Icon name="pause" /> Pause
        </Button>
      )}
      <Button
        look="quiet"
        className="ol-end"
        aria-label={`Disconnect ${name}`}
        onClick={() => {
          onEnd();
        }}
      >
        Disconnect…
      </Button>
    </div>
  );
}

/** How the last deed went. A limit is no failure: it is said kindly, and when to come back. */
function DeedOutcome({ connection, deeds }: Pick<DeedProps, 'connection' | 'deeds'>): ReactNode {
  const { outcome } = deeds;
  if (outcome?.subject !== connection.id || outcome.isBusy) return null;
  if (outcome.error === undefined) {
    return outcome.said === '' ? null : (
      <p className="ol-state" data-tone="success">
        <Icon name="check" /> {outcome.said}
      </p>
    );
  }
  if (outcome.error.code === 'REFRESH_LIMIT') {
    return (
      <p className="ol-note" data-tone="info" role="alert">
        <Icon name="clock" />
        <span className="ol-note-text">
          The bank was asked twice within a minute, and more is not allowed. What is new also comes by itself; in a
          minute you can ask again.
        </span>
      </p>
    );
  }
  return <ErrorNote title="That did not work" error={outcome.error} />;
}
