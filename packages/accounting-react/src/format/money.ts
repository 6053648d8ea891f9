/** Money as people read it, straight from the API's decimal strings: never through a float. */

/** `plain` -$12.50 · `signed` +$12.50 / -$12.50 · `accounting` ($12.50) */
export type MoneyStyle = 'plain' | 'signed' | 'accounting';

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const formatters = new Map<string, Intl.NumberFormat>();

/**
 * Formats a decimal string such as "1234.50". Exact for any number of digits; a text that is no decimal comes back as it is.
 *
 * @param decimal major units, optional minus sign
 * @param currency ISO 4217 code; an unknown code is shown in front of the plain number
 */
export function formatMoney(decimal: string, currency: string, locale: string, style: MoneyStyle = 'plain'): string {
  if (!isDecimal(decimal)) return decimal;
  return formatterFor(currency, locale, style).format(decimal);
}

export function isDecimal(text: string): text is `${number}` {
  return DECIMAL.test(text);
}

/** -1, 0 or 1, read from the text. */
export function signOf(decimal: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(decimal)) return 0;
  return decimal.startsWith('-') ? -1 : 1;
}

/** The same amount without its sign. */
export function magnitude(decimal: string): string {
  return decimal.startsWith('-') ? decimal.slice(1) : decimal;
}

/** The same amount with the other sign. */
export function negate(decimal: string): string {
  if (signOf(decimal) === 0) return decimal;
  return decimal.startsWith('-') ? decimal.slice(1) : `-${decimal}`;
}

/** A part of a whole between 0 and 1, for the width of a bar only. */
export function share(part: string, whole: string): number {
  const ratio = Number(part) / Number(whole);
  return Number.isFinite(ratio) ? Math.min(Math.max(ratio, 0), 1) : 0;
}

function formatterFor(currency: string, locale: string, style: MoneyStyle): Intl.NumberFormat {
  const key = `${locale} ${currency} ${style}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const formatter = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: /^[A-Za-z]{3}$/.test(currency) ? currency : 'XXX',
    currencySign: style === 'accounting' ? 'accounting' : 'standard',
    // 'negative' keeps minus zero from showing as ($0.00).
    signDisplay: style === 'signed' ? 'exceptZero' : 'negative',
  });
  formatters.set(key, formatter);
  return formatter;
}
