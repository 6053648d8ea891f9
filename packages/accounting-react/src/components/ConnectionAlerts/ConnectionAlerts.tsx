import type { ReactNode } from 'react';
import type { Connection } from '../../client/types';
import { useConnections } from '../../hooks/resources';
import { LinkFailure } from '../../link/LinkFailure';
import { useBankLink } from '../../link/useBankLink';
import { useOpenLedger } from '../../provider/context';
import { Icon } from '../../ui/icons';
import { Surface, type RootProps } from '../../ui/Surface';
import { RightAction } from '../Connections/ConnectionCard';
import { meaningOf, needsPerson } from '../Connections/words';

export interface ConnectionAlertsProps extends RootProps {
  /** Called once a connection was made good again from here. */
  onRepaired?: (connection: Connection) => void;
}

/** The connections that somebody has to do something about, with the way to do it. Renders nothing while there is none. */
export function ConnectionAlerts({ onRepaired, ...rest }: ConnectionAlertsProps): ReactNode {
  const connections = useConnections().data?.connections.filter(needsPerson) ?? [];
  const link = useBankLink({ onRepaired, onlyRepairs: true });
  const { locale } = useOpenLedger();
  // While Link is open, or after it failed, the alert it was opened from may be gone already.
  if (connections.length === 0 && link.state.stage === 'idle') return null;
  return (
    <Surface slotName="connection-alerts" {...rest}>
      <LinkFailure link={link} />
      {connections.map((connection) => (
        <div
          key={connection.id}
          className="ol-note"
          data-tone={connection.status === 'error' ? 'danger' : 'warning'}
          role="status"
        >
          <Icon name="alert" />
          <div className="ol-note-text">
            <strong>{connection.institutionName}</strong>
            <p>{meaningOf(connection, locale)}</p>
          </div>
          <RightAction {...{ connection, link }} />
        </div>
      ))}
      {link.launcher}
    </Surface>
  );
}
