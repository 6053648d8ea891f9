import type { ReactNode } from 'react';
import { Button } from './Button';

interface FormButtonsProps {
  /** Whether the form is being sent. */
  isBusy: boolean;
  onCancel: () => void;
  /** @defaultValue 'Save' */
  label?: string;
  /** @defaultValue 'Saving…' */
  busyLabel?: string;
}

/** The last row of a form in a dialog: leave it, or send it. */
export function FormButtons({ isBusy, onCancel, label = 'Save', busyLabel = 'Saving…' }: FormButtonsProps): ReactNode {
  return (
    <div className="ol-buttons">
      <Button onClick={onCancel}>Cancel</Button>
      <Button type="submit" look="primary" isBusy={isBusy}>
        {isBusy ? busyLabel : label}
      </Button>
    </div>
  );
}
