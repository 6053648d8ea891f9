/** Exact sums of amounts that people type: decimal places are counted, never rounded. */

const DIGITS = 4;
const TYPED = /^\d{1,13}(?:\.\d{0,4})?$/;

/** Ten-thousandths of a typed amount such as "1,234.5"; null when it is no amount. An empty field is zero. */
export function unitsOf(typed: string): bigint | null {
  const text = typed.replaceAll(',', '').trim();
  if (text === '') return 0n;
  if (!TYPED.test(text)) return null;
  const [whole = '0', part = ''] = text.split('.');
  return BigInt(whole) * 10n ** BigInt(DIGITS) + BigInt(part.padEnd(DIGITS, '0'));
}

/** The decimal string of ten-thousandths, with at least two places: "1234.50". */
export function decimalOf(units: bigint): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(DIGITS + 1, '0');
  const part = digits.slice(-DIGITS).replace(/0{1,2}$/, '');
  return `${sign}${digits.slice(0, -DIGITS)}.${part}`;
}
