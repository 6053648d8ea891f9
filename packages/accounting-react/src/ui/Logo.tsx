import type { ReactNode } from 'react';

/** Initials on a hue of the name's own; a bank keeps its colour from page to page. */
export function Logo({ name }: { name: string }): ReactNode {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase());
  const hue = Array.from(name).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span className="ol-logo" style={{ background: `hsl(${String(hue)} 45% 32%)` }} aria-hidden="true">
      {initials}
    </span>
  );
}
