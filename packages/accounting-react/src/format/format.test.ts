import { describe, expect, it } from 'vitest';
import { formatAgo, formatDate, periodOf } from './dates';
import { formatMoney, magnitude, negate, share, signOf } from './money';

describe('formatMoney', () => {
  it.each([
    ['1234.5', 'USD', 'en-US', 'plain', '$1,234.50'],
    ['-12.50', 'USD', 'en-US', 'plain', '-$12.50'],
    ['12.50', 'USD', 'en-US', 'signed', '+$12.50'],
    ['0.00', 'USD', 'en-US', 'signed', '$0.00'],
    ['-18400.00', 'USD', 'en-US', 'accounting', '($18,400.00)'],
    ['-0.00', 'USD', 'en-US', 'accounting', '$0.00'],
    ['1234', 'JPY', 'en-US', 'plain', '¥1,234'],
    ['9007199254740993.01', 'USD', 'en-US', 'plain', '$9,007,199,254,740,993.01'],
  ] as const)('%s %s in %s, %s', (decimal, currency, locale, style, text) => {
    expect(formatMoney(decimal, currency, locale, style)).toBe(text);
  });

  it('uses the reader’s language', () => {
    expect(formatMoney('1234.50', 'EUR', 'de-DE')).toMatch(/^1\.234,50\s€$/);
  });

  it('shows what is no decimal as it is, and an unknown currency without failing', () => {
    expect(formatMoney('n/a', 'USD', 'en-US')).toBe('n/a');
    expect(formatMoney('5', 'points', 'en-US')).toContain('5.00');
  });
});

describe('decimal strings', () => {
  it('knows signs without a float', () => {
    expect(['-0.00', '0', '-0.01', '10'].map(signOf)).toEqual([0, 0, -1, 1]);
    expect([magnitude('-1.00'), negate('1.00'), negate('-1.00'), negate('0.00')]).toEqual([
      '1.00',
      '-1.00',
      '1.00',
      '0.00',
    ]);
  });

  it('keeps shares within a bar', () => {
    expect([share('5', '10'), share('20', '10'), share('-1', '10'), share('1', '0')]).toEqual([0.5, 1, 0, 0]);
  });
});

describe('dates', () => {
  it('keeps a calendar date in every time zone', () => {
    expect(formatDate('2026-03-05', 'en-US')).toBe('Mar 5, 2026');
    expect(formatDate('2026-03-05T23:59:59Z', 'en-US')).toBe('Mar 5, 2026');
  });

  it('says how long ago', () => {
    const now = new Date('2026-03-05T12:00:00Z');
    const said = ['2026-03-05T11:59:50Z', '2026-03-05T11:55:00Z', '2026-03-05T09:00:00Z', '2026-03-04T10:00:00Z'];
    expect(said.map((iso) => formatAgo(iso, now, 'en-US'))).toEqual([
      'just now',
      '5 minutes ago',
      '3 hours ago',
      'yesterday',
    ]);
    expect(formatAgo('2026-03-05T12:00:09Z', now, 'en-US')).toBe('just now');
  });

  it.each([
    ['this-month', '2026-02-01', '2026-02-28'],
    ['last-month', '2026-01-01', '2026-01-31'],
    ['this-quarter', '2026-01-01', '2026-02-28'],
    ['last-quarter', '2025-10-01', '2025-12-31'],
    ['year-to-date', '2026-01-01', '2026-02-28'],
    ['last-year', '2025-01-01', '2025-12-31'],
    ['last-12-months', '2025-03-01', '2026-02-28'],
    ['custom', '2026-01-01', '2026-02-28'],
  ] as const)('%s is %s to %s', (name, startDate, endDate) => {
    expect(periodOf(name, '2026-02-28')).toEqual({ startDate, endDate });
  });
});
