/** The host's theme as CSS custom properties, with a contrast check instead of trust in brand colours. */
import type { CSSProperties } from 'react';

/** A CSS hex colour, plain or in the `{ hex }` form that Open Ledger themes use. */
export type ThemeColor = string | { hex: string };

export interface OpenLedgerTheme {
  /** @defaultValue 'auto', which follows the reader's system */
  mode?: 'light' | 'dark' | 'auto';
  /** Buttons, links, focus ring. */
  primary?: ThemeColor;
  /** Same as `primary`, used when that is missing (Open Ledger's spelling). */
  accent?: ThemeColor;
  background?: ThemeColor;
  text?: ThemeColor;
  /** Less important text. */
  secondary?: ThemeColor;
  /** Errors and money owed. */
  negative?: ThemeColor;
  border?: ThemeColor;
  /** Any CSS length. */
  radius?: string;
  /** Any CSS font-family. */
  font?: string;
}

export interface ResolvedTheme {
  mode: 'light' | 'dark' | 'auto';
  style: CSSProperties;
}

/** WCAG AA for text. */
const CONTRAST_MIN = 4.5;
const INK = '#101820';
const PAPER = '#ffffff';

export function resolveTheme(theme: OpenLedgerTheme | 'light' | 'dark' | 'auto' | undefined): ResolvedTheme {
  const given: OpenLedgerTheme = typeof theme === 'string' ? { mode: theme } : (theme ?? {});
  const primary = hexOf(given.primary ?? given.accent);
  const background = hexOf(given.background);
  const ground = background ?? (given.mode === 'dark' ? INK : PAPER);
  const onGround = (color: string | undefined): string | undefined =>
    color !== undefined && contrast(color, ground) >= CONTRAST_MIN ? color : undefined;
  const tokens: Record<string, string | undefined> = {
    '--ol-color-primary': primary,
    '--ol-color-on-primary': primary === undefined ? undefined : readableOn(primary),
    '--ol-color-bg': background,
    '--ol-color-text': onGround(hexOf(given.text)) ?? (background === undefined ? undefined : readableOn(background)),
    '--ol-color-muted': onGround(hexOf(given.secondary)),
    '--ol-color-danger': onGround(hexOf(given.negative)),
    '--ol-color-border': hexOf(given.border),
    '--ol-radius': given.radius,
    '--ol-font': given.font,
  };
  const set = Object.entries(tokens).filter(([, value]) => value !== undefined);
  return { mode: given.mode ?? 'auto', style: Object.fromEntries(set) };
}

/** Black or white, whichever is easier to read on the colour. */
export function readableOn(color: string): string {
  return contrast(color, PAPER) >= contrast(color, INK) ? PAPER : INK;
}

/** WCAG 2 contrast ratio of two hex colours, 1 to 21. */
export function contrast(first: string, second: string): number {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** "#rrggbb", or undefined when it is no hex colour. */
function hexOf(color: ThemeColor | undefined): string | undefined {
  const text = typeof color === 'object' ? color.hex : color;
  if (text === undefined) return undefined;
  if (/^#[0-9a-f]{6}$/i.test(text)) return text;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  return short === null
    ? undefined
    : `#${short
        .slice(1)
        .map((digit) => digit + digit)
        .join('')}`;
}
