/** The lines of a rule's split, as typed and on the wire. No React here. */
import type { Rule } from '../../client/types';
import { decimalOf, unitsOf } from '../../format/decimals';

export type PartKind = 'share' | 'fixed' | 'rest';

export interface DraftPart {
  /** Keeps a line's fields together while others come and go. */
  key: number;
  categoryId: string;
  kind: PartKind;
  /** A percentage or an amount in major units, as typed; without meaning for the rest. */
  value: string;
  currency: string;
}

type Parts = NonNullable<Rule['action']['split']>;
export interface PartBody {
  categoryId: string;
  shareBasisPoints?: number;
  amountMinor?: number;
  currency?: string;
  rest?: boolean;
}

export interface SplitCheck {
  /** What keeps the lines from being saved, in words; undefined when nothing does. */
  obstacle: string | undefined;
  /** What each line gets of 1,000.00, in the order of the lines; empty while that cannot be said. */
  example: string[];
  body: PartBody[];
}

export const PARTS_MAX = 20;
const UNITS_PER_BASIS_POINT = 100n;
const WHOLE = 10_000n;
const EXAMPLE_MINOR = 100_000n;
// ISO 4217; what browsers know of it is made for display and differs.
const DIGITS: Record<string, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

function digitsOf(currency: string): number {
  return Number(Object.entries(DIGITS).find(([, codes]) => codes.split(' ').includes(currency))?.[0] ?? 2);
}

export function emptyPart(key: number, kind: PartKind, currency: string): DraftPart {
  return { key, categoryId: '', kind, value: '', currency };
}

/** What the form shows of a rule's split. */
export function partsOf(split: Parts | null | undefined, currency: string): DraftPart[] {
  if (!split) return [emptyPart(0, 'share', currency), emptyPart(1, 'rest', currency)];
  return split.map((part, key) => {
    const { categoryId, shareBasisPoints, amountMinor } = part;
    if (shareBasisPoints !== null) {
      const value = decimalOf(BigInt(shareBasisPoints) * UNITS_PER_BASIS_POINT).replace(/\.?0+$/, '');
      return { key, categoryId, kind: 'share', value, currency };
    }
    if (amountMinor === null) return { ...emptyPart(key, 'rest', currency), categoryId };
    const own = part.currency ?? currency;
    return { key, categoryId, kind: 'fixed', value: majorOf(BigInt(amountMinor), own), currency: own };
  });
}

/** Whether the lines make up every row, and what they are on the wire. */
export function checkedParts(parts: DraftPart[]): SplitCheck {
  let obstacle: string | undefined;
  const body: PartBody[] = [];
  let shares = 0n;
  for (const { categoryId, kind, value, currency } of parts) {
    if (categoryId === '') obstacle ??= 'Each line needs a category.';
    if (kind === 'rest') {
      body.push({ categoryId, rest: true });
      continue;
    }
    const units = unitsOf(value) ?? 0n;
    if (units === 0n) obstacle ??= 'Each share and amount is a number above zero, like 12.50.';
    if (kind === 'share') {
      if (units % UNITS_PER_BASIS_POINT !== 0n) obstacle ??= 'A share has two decimals at most.';
      shares += units / UNITS_PER_BASIS_POINT;
      body.push({ categoryId, shareBasisPoints: Number(units / UNITS_PER_BASIS_POINT) });
      continue;
    }
    const step = 10n ** BigInt(4 - digitsOf(currency));
    if (!/^[A-Z]{3}$/.test(currency)) obstacle ??= 'A currency has three letters, like USD.';
    if (units % step !== 0n) obstacle ??= `${currency} has ${String(digitsOf(currency))} decimals.`;
    body.push({ categoryId, amountMinor: Number(units / step), currency });
  }
  const rests = parts.filter(({ kind }) => kind === 'rest').length;
  if (parts.length < 2) obstacle ??= 'A split has two lines or more.';
  if (rests !== 1) obstacle ??= 'Exactly one line takes the rest.';
  if (shares >= WHOLE) obstacle ??= 'The shares leave nothing for the rest.';
  const currencies = new Set(parts.filter(({ kind }) => kind === 'fixed').map(({ currency }) => currency));
  if (currencies.size > 1) obstacle ??= 'Fixed amounts of one rule are in one currency.';
  return { obstacle, body, example: obstacle === undefined ? exampleOf(body) : [] };
}

/** Divides as the server does: shares of the whole rounded towards zero, the rest gets what is left. */
function exampleOf(body: PartBody[]): string[] {
  const currency = body.find((part) => part.currency !== undefined)?.currency ?? 'USD';
  const whole = (EXAMPLE_MINOR / 100n) * 10n ** BigInt(digitsOf(currency));
  const given = body.map(({ shareBasisPoints, amountMinor }) =>
    shareBasisPoints === undefined ? BigInt(amountMinor ?? 0) : (whole * BigInt(shareBasisPoints)) / WHOLE,
  );
  const rest = given.reduce((left, own) => left - own, whole);
  if (rest <= 0n) return [];
  return body.map(({ rest: takesRest }, index) => majorOf(takesRest ? rest : (given[index] ?? 0n), currency));
}

function majorOf(minor: bigint, currency: string): string {
  const digits = digitsOf(currency);
  const text = minor.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The lines in words: "65.5 % Telephone, 10.00 USD Computers, the rest Owner Draws". */
export function splitWords(split: Parts): string {
  const drafts = partsOf(split, '');
  return split
    .map(({ categoryName }, index) => {
      const { kind, value, currency } = drafts[index] ?? emptyPart(0, 'rest', '');
      const amount = { share: `${value} %`, fixed: `${value} ${currency}`, rest: 'the rest' }[kind];
      return `${amount} ${categoryName}`;
    })
    .join(', ');
}
