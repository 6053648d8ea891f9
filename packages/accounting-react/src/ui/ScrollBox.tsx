import type { ReactNode } from 'react';

/** A wide table that scrolls sideways in its own box, by keyboard too. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without a focus the keyboard could not scroll it
    <div className="ol-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
