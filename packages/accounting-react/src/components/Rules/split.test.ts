import { describe, expect, it } from 'vitest';
import { checkedParts, emptyPart, partsOf, splitWords, type DraftPart } from './split';

const NOTHING = { shareBasisPoints: null, amountMinor: null, currency: null, rest: false };
const PHONE = [
  { ...NOTHING, categoryId: 'a', categoryName: 'Telephone', shareBasisPoints: 6550 },
  { ...NOTHING, categoryId: 'b', categoryName: 'Computers', amountMinor: 1000, currency: 'USD' },
  { ...NOTHING, categoryId: 'c', categoryName: 'Draws', rest: true },
];

function part(given: Partial<DraftPart>): DraftPart {
  return { ...emptyPart(0, 'share', 'USD'), categoryId: 'a', ...given };
}
const REST = part({ kind: 'rest' });

describe('lines of a split', () => {
  it('come back as they were', () => {
    expect(checkedParts(partsOf(PHONE, 'EUR')).body).toEqual([
      { categoryId: 'a', shareBasisPoints: 6550 },
      { categoryId: 'b', amountMinor: 1000, currency: 'USD' },
      { categoryId: 'c', rest: true },
    ]);
  });

  it.each([1, 10, 100, 333, 5000, 9999])('show %i basis points without loss', (shareBasisPoints) => {
    const split = [{ ...NOTHING, categoryId: 'a', categoryName: 'A', shareBasisPoints }, ...PHONE.slice(2)];
    expect(checkedParts(partsOf(split, 'USD')).body[0]).toEqual({ categoryId: 'a', shareBasisPoints });
  });

  it.each([
    ['JPY', '1500', 1500],
    ['USD', '15.5', 1550],
    ['KWD', '1.005', 1005],
  ])('count %s in its own smallest unit', (currency, value, amountMinor) => {
    const { body, obstacle } = checkedParts([part({ kind: 'fixed', value, currency }), REST]);
    expect(obstacle).toBeUndefined();
    expect(body[0]).toEqual({ categoryId: 'a', amountMinor, currency });
  });

  it('say what each gets of a thousand, to the cent', () => {
    const third = part({ value: '33.33' });
    expect(checkedParts([third, third, REST]).example).toEqual(['333.30', '333.30', '333.40']);
  });

  it.each([
    [[REST, { ...REST, categoryId: '' }], 'Each line needs a category.'],
    [[part({ value: '' }), REST], 'Each share and amount is a number above zero, like 12.50.'],
    [[part({ value: 'many' }), REST], 'Each share and amount is a number above zero, like 12.50.'],
    [[part({ value: '1.005' }), REST], 'A share has two decimals at most.'],
    [[part({ kind: 'fixed', value: '1.5', currency: 'JPY' }), REST], 'JPY has 0 decimals.'],
    [[part({ kind: 'fixed', value: '1', currency: 'US' }), REST], 'A currency has three letters, like USD.'],
    [[REST], 'A split has two lines or more.'],
    [[REST, REST], 'Exactly one line takes the rest.'],
    [[part({ value: '100' }), REST], 'The shares leave nothing for the rest.'],
    [
      [part({ kind: 'fixed', value: '1' }), part({ kind: 'fixed', value: '1', currency: 'EUR' }), REST],
      'Fixed amounts of one rule are in one currency.',
    ],
  ])('say what is wrong: %#', (parts, obstacle) => {
    expect(checkedParts(parts)).toMatchObject({ obstacle, example: [] });
  });

  it('are put in words', () => {
    expect(splitWords(PHONE)).toBe('65.5 % Telephone, 10.00 USD Computers, the rest Draws');
  });
});
