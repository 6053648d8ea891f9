import { useId, type ReactNode } from 'react';
import { Button } from './Button';
import { useModal } from './useModal';

interface DialogProps {
  title: ReactNode;
  children: ReactNode;
  /** Wider than a question needs. @defaultValue false */
  isWide?: boolean;
  onClose: () => void;
}

/** Something to look at over the page. Escape and its button close it; the focus goes back to what opened it. */
export function Dialog({ title, children, isWide = false, onClose }: DialogProps): ReactNode {
  const dialog = useModal();
  const id = useId();
  return (
    <dialog
      ref={dialog}
      className="ol-dialog"
      data-wide={isWide || undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="ol-dialog-head">
        <h2 className="ol-subtitle" id={id}>
          {title}
        </h2>
        <Button onClick={onClose}>Close</Button>
      </div>
      {children}
    </dialog>
  );
}
