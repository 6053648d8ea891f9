import type { ReactNode } from 'react';
import { Button } from '../ui/Button';
import { Icon } from '../ui/icons';
import { ErrorNote } from '../ui/notes';
import type { BankLink } from './useBankLink';

/** What went wrong in Link or after it, and the way on. Renders nothing if nothing did. */
export function LinkFailure({ link }: { link: BankLink }): ReactNode {
  const { state, start, repair } = link;
  if (state.stage !== 'failed') return null;
  const { step, error, target } = state;
  if (step === 'exists') return <LinkedAlready link={link} />;
  const retry = (): void => {
    if (target === undefined) start();
    else repair(target);
  };
  const words = (target === undefined ? LINKING : REPAIRING)[step];
  return (
    <ErrorNote
      {...words}
      error={error}
      onRetry={retry}
      retryLabel={step === 'save' && target === undefined ? 'Save again' : undefined}
    />
  );
}

const SCRIPT = {
  title: 'Plaid Link could not be loaded',
  explanation: 'An ad blocker, a strict network or a missing connection may have stopped it.',
};

const LINKING = {
  token: { title: 'The bank connection could not be started' },
  script: SCRIPT,
  link: { title: 'The bank was not connected' },
  save: {
    title: 'Your bank was linked, but its accounts could not be saved',
    explanation: 'You do not need to log in at your bank again. Try to save within the next 30 minutes.',
  },
};

const REPAIRING = {
  token: { title: 'The sign-in could not be started' },
  script: SCRIPT,
  link: { title: 'The bank did not accept the sign-in' },
  save: {
    title: 'You signed in, but this could not be noted',
    explanation: 'You do not need to sign in at your bank again.',
  },
};

function LinkedAlready({ link }: { link: BankLink }): ReactNode {
  return (
    <div className="ol-note" data-tone="warning" role="alert">
      <Icon name="alert" />
      <div className="ol-note-text">
        <strong>This bank is connected already</strong>
        <p>Nothing was changed. If that connection does not work, reconnect it instead of linking it twice.</p>
      </div>
      <div className="ol-buttons">
        <Button onClick={link.dismiss}>Leave it as it is</Button>
        <Button look="quiet" onClick={link.force}>
          Connect it a second time
        </Button>
      </div>
    </div>
  );
}
