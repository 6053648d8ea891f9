import { useEffect, useId, useRef, type ReactNode } from 'react';
import type { ApiError } from '../client/errors';
import { Button } from './Button';
import { ErrorNote } from './notes';

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

/** Opens the dialog over the page while it is mounted, and gives the focus back to what opened it. */
function useModal(): React.RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const shown = dialog.current;
    // Test environments without layout know no modal dialogs.
    if (typeof shown?.showModal === 'function') shown.showModal();
    else shown?.setAttribute('open', '');
    return () => {
      if (typeof shown?.close === 'function') shown.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return dialog;
}
