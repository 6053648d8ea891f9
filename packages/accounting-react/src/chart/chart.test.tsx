import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderWithProvider } from '../testing/render';
import { fixtureCashPosition, fixtureOverview } from '../testing/series';
import { CashChart } from './CashChart';
import { ProfitChart } from './ProfitChart';
import { compact, labelStep, scaleOf } from './scale';

describe('scaleOf', () => {
  it.each([
    [[0, 45_000], 0, 60_000],
    [[-4000, 45_000], -20_000, 60_000],
    [[-5, -1], -6, 0],
    [[0.5], 0, 0.6],
    [[], 0, 1],
    [[0, 0], 0, 1],
  ])('%s lies between round figures that hold zero', (values, low, high) => {
    const scale = scaleOf(values);
    expect(scale.low).toBeCloseTo(low);
    expect(scale.high).toBeCloseTo(high);
    expect(scale.ticks.some((tick) => tick === 0)).toBe(true);
    expect(scale.ticks.length).toBeLessThanOrEqual(7);
  });
});

describe('labels', () => {
  it('are short and as many as fit', () => {
    expect(compact(40_000, 'en-US')).toBe('40K');
    expect(labelStep(12, 700, 52)).toBe(1);
    expect(labelStep(51, 500, 52)).toBe(6);
    expect(labelStep(0, 0, 52)).toBe(1);
  });
});

describe('ProfitChart', () => {
  it('is a picture with a name, and a table with the same figures', () => {
    const { container } = renderWithProvider(<ProfitChart overview={fixtureOverview()} />);
    const picture = screen.getByRole('img', { name: /Revenue, expenses and profit by month Profit \$54,513.22/ });
    const bars = picture.querySelectorAll('rect.ol-expenses');
    const heights = Array.from(bars, (bar) => Number(bar.getAttribute('height')));
    expect(Math.max(...heights)).toBe(heights[4]);
    const table = within(container.querySelector('details') as HTMLElement).getByRole('table', { hidden: true });
    expect(within(table).getByRole('row', { name: /April 2026/, hidden: true })).toHaveTextContent('($9,288.00)');
  });
});

describe('CashChart', () => {
  it('says where it ends', () => {
    renderWithProvider(<CashChart cash={fixtureCashPosition()} />);
    expect(screen.getByRole('img', { name: /Cash over time \$70,711.37 on/ })).toBeVisible();
  });
});
