import type { ReactNode } from 'react';
import type { CashPosition } from '../client/types';
import { formatDate, formatDay } from '../format/dates';
import { formatMoney } from '../format/money';
import { useOpenLedger } from '../provider/context';
import { ChartFrame, type Plot } from './ChartFrame';
import { scaleOf } from './scale';

/** What all cash accounts hold together, over time. */
export function CashChart({ cash }: { cash: CashPosition }): ReactNode {
  const { locale } = useOpenLedger();
  const { points, currency } = cash;
  const scale = scaleOf(points.map(({ total }) => total));
  const x = (index: number, plot: Plot): number =>
    plot.left + 8 + ((plot.width - plot.left - plot.right - 24) * index) / Math.max(points.length - 1, 1);
  const money = (decimal: string): string => formatMoney(decimal, currency, locale, 'accounting');
  const last = points.at(-1);
  return (
    <ChartFrame
      title="Cash over time"
      description={
        last === undefined ? 'Nothing yet.' : `${money(last.totalDecimal)} on ${formatDate(last.date, locale)}.`
      }
      scale={scale}
      labels={points.map(({ date }) => formatDay(date, locale))}
      place={x}
      table={{
        columns: ['Day', 'Cash'],
        rows: points.map(({ date, totalDecimal }) => [formatDate(date, locale), money(totalDecimal)]),
      }}
    >
      {(plot) => {
        const line = points.map(({ total }, index) => `${String(x(index, plot))},${String(plot.y(total))}`);
        const floor = String(plot.y(Math.max(scale.low, 0)));
        const [from, to] = [String(x(0, plot)), String(x(points.length - 1, plot))];
        return points.length === 0 ? null : (
          <>
            <polygon className="ol-area" points={`${from},${floor} ${line.join(' ')} ${to},${floor}`} />
            <polyline className="ol-line" points={line.join(' ')} />
          </>
        );
      }}
    </ChartFrame>
  );
}
