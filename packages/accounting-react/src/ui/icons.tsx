import type { ReactNode } from 'react';

const PATHS = {
  check: 'M3.5 8.5l3 3 6-7',
  alert: 'M8 2.2l6.3 11H1.7L8 2.2zM8 6.6v3M8 11.4v.1',
  bank: 'M2 6.2L8 3l6 3.2M2.6 13h10.8M4 6.5V11M6.7 6.5V11M9.3 6.5V11M12 6.5V11',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.6 4h.1M2.6 8h.1M2.6 12h.1',
  refresh: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 2.4v2.4H11',
  plus: 'M8 3v10M3 8h10',
  download: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 13.2h11',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.4',
} as const;

/** A small line drawing beside words; hidden from screen readers, since the words say it. */
export function Icon({ name }: { name: keyof typeof PATHS }): ReactNode {
  return (
    <svg className="ol-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
