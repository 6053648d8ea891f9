import type { ComponentPropsWithoutRef, ReactNode } from 'react';
import { cx } from './cx';

interface ButtonProps extends ComponentPropsWithoutRef<'button'> {
  /** @defaultValue 'secondary' */
  look?: 'primary' | 'secondary' | 'quiet' | 'danger';
  /** Does nothing while true, but keeps the focus, which a disabled button would lose. */
  isBusy?: boolean;
}

export function Button({ look = 'secondary', isBusy = false, className, onClick, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={cx('ol-button', className)}
      data-look={look}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
      {...rest}
    />
  );
}
