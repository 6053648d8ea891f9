import { describe, expect, it } from 'vitest';
import { isWhole, valuesOf, withField, withOperator } from './statements';

const AMOUNT = { field: 'amount', operator: 'between', value: ['1.00', '9.99'] };

describe('statements', () => {
  it('keep what was typed as far as another operator takes it', () => {
    const least = withOperator(AMOUNT, 'at_least');
    expect(least).toEqual({ field: 'amount', operator: 'at_least', value: '1.00' });
    expect(withOperator(least, 'between')).toEqual({ field: 'amount', operator: 'between', value: ['1.00', ''] });
  });

  it('of another field begin without a value, with an operator that it has', () => {
    expect(withField(AMOUNT, 'weekday')).toEqual({ field: 'weekday', operator: 'is', value: '' });
    expect(withField(AMOUNT, 'date')).toEqual({ field: 'date', operator: 'between', value: ['', ''] });
  });

  it('have one value, two ends or a list', () => {
    expect(valuesOf({ field: 'amount', operator: 'is', value: 5 })).toEqual(['5']);
    expect(valuesOf(AMOUNT)).toEqual(['1.00', '9.99']);
  });

  it.each([
    [AMOUNT, true],
    [{ not: { all: [AMOUNT, { any: [AMOUNT] }] } }, true],
    [{ all: [] }, false],
    [{ not: { any: [AMOUNT, withOperator(AMOUNT, 'any_of'), { ...AMOUNT, value: ['1', ' '] }] } }, false],
    [{ field: 'weekday', operator: 'any_of', value: [] }, false],
  ])('are whole or not: %j', (condition, whole) => {
    expect(isWhole(condition)).toBe(whole);
  });
});
