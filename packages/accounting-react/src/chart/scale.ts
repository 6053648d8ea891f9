/** From figures to places on a chart. The server's charts (`documents/charts.py`) use the same rules. */

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
}

const TICKS = 4;

/** Round figures that hold zero and all values between them. */
export function scaleOf(values: number[]): Scale {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const rough = Math.max((high - low) / TICKS, Number.MIN_VALUE);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = high === low ? 1 : unit * ([1, 2, 5].find((factor) => unit * factor >= rough) ?? 10);
  const from = Math.floor(low / step);
  const to = Math.max(Math.ceil(high / step), from + 1);
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => (from + index) * step);
  return { low: from * step, high: to * step, ticks };
}

/** "40K", "-1.5M". */
export function compact(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** Every how many of so many labels fits into the width. */
export function labelStep(count: number, width: number, labelWidth: number): number {
  return Math.max(1, Math.ceil((count * labelWidth) / Math.max(width, 1)));
}
