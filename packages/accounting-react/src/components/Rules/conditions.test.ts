import { describe, expect, it } from 'vitest';
import { conditionOf, NO_CONDITION, simpleOf } from './conditions';

const COFFEE = { ...NO_CONDITION, text: 'blue bottle', atMost: '25.00', direction: 'out' as const };

describe('conditions', () => {
  it('makes one statement alone, several as all', () => {
    expect(conditionOf({ ...NO_CONDITION, text: ' uber ' })).toEqual({
      field: 'text',
      operator: 'contains',
      value: 'uber',
    });
    expect(conditionOf(COFFEE)).toEqual({
      all: [
        { field: 'text', operator: 'contains', value: 'blue bottle' },
        { field: 'amount', operator: 'at_most', value: '25.00' },
        { field: 'direction', operator: 'is', value: 'out' },
      ],
    });
  });

  it('makes none of an empty form: it would find everything', () => {
    expect(conditionOf({ ...NO_CONDITION, text: '   ' })).toBeNull();
  });

  it('takes a decimal comma', () => {
    expect(conditionOf({ ...NO_CONDITION, atLeast: '12,50' })).toMatchObject({ value: '12.50' });
  });

  it('reads back what it made', () => {
    expect(simpleOf(conditionOf(COFFEE) ?? {})).toEqual(COFFEE);
  });

  it.each([
    { any: [{ field: 'text', operator: 'contains', value: 'a' }] },
    { not: { field: 'text', operator: 'contains', value: 'a' } },
    { field: 'text', operator: 'matches', value: 'a+' },
    { all: [{ any: [] }] },
    {
      all: [
        { field: 'text', operator: 'contains', value: 'a' },
        { field: 'text', operator: 'contains', value: 'b' },
      ],
    },
  ])('knows what it cannot show: %o', (condition) => {
    expect(simpleOf(condition)).toBeNull();
  });
});
