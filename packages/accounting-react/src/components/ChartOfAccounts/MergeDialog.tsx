import { useState, type ReactNode } from 'react';
import type { Category } from '../../client/types';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { ChoiceField } from '../../ui/Field';

interface MergeDialogProps {
  account: Category;
  chart: Category[];
  onClose: () => void;
  onDone: (said: string) => void;
}

/** Lets another account of the same type take over everything that was booked to this one. */
export function MergeDialog({ account, chart, onClose, onDone }: MergeDialogProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/categories');
  const others = chart.filter(({ id, type, isArchived }) => id !== account.id && type === account.type && !isArchived);
  const [into, setInto] = useState(others[0]?.id ?? '');
  return (
    <ConfirmDialog
      title={`Merge ${account.name} into another account?`}
      confirmLabel="Merge"
      cancelLabel="Leave it"
      isBusy={change.isBusy}
      error={change.error}
      onCancel={onClose}
      onConfirm={() => {
        if (into === '') return;
        void change
          .run(() =>
            session.client.call('post', '/v1/categories/{category_id}/merge', {
              path: { category_id: account.id },
              query: { entityId: session.entityId },
              body: { intoCategoryId: into },
            }),
          )
          .then((answer) => {
            if (answer !== undefined) onDone(`${account.name} was merged.`);
          });
      }}
    >
      <p>
        What was booked to {account.name} is reversed and booked anew to the account you choose; rules and memory
        follow.
        {` ${account.name}`} is archived.
      </p>
      <div className="ol-filters">
        <ChoiceField
          label="Into"
          value={into}
          options={others.map(({ id, code, name }) => ({ value: id, label: `${String(code)} ${name}` }))}
          onChange={setInto}
        />
      </div>
    </ConfirmDialog>
  );
}
