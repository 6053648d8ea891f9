import { useId, type ReactNode } from 'react';
import type { ApiError } from '../client/errors';
import { Button } from './Button';
import { ErrorNote } from './notes';
import { useModal } from './useModal';

interface ConfirmDialogProps {
  /** The question. */
  title: string;
  /** What happens, and what stays. */
  children: ReactNode;
  confirmLabel: string;
  cancelLabel: string;
  isBusy: boolean;
  error: ApiError | undefined;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that cannot be taken back. Escape and the first button mean no; the focus goes back after it. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { title, children, confirmLabel, cancelLabel, isBusy, error, onConfirm, onCancel } = props;
  const dialog = useModal();
  const id = useId();
  return (
    <dialog
      ref={dialog}
      className="ol-dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!isBusy) onCancel();
      }}
    >
      <h2 className="ol-subtitle" id={id}>
        {title}
      </h2>
      {children}
      {error === undefined ? null : <ErrorNote title="That did not work" error={error} />}
      <div className="ol-buttons">
        <Button onClick={isBusy ? undefined : onCancel}>{cancelLabel}</Button>
        <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
          {isBusy ? 'One moment…' : confirmLabel}
        </Button>
      </div>
    </dialog>
  );
}
