import type { ReactNode } from 'react';
import type { Overview } from '../client/types';
import { formatMoney } from '../format/money';
import { formatMonth } from '../format/dates';
import { useOpenLedger } from '../provider/context';
import { ChartFrame, type Plot } from './ChartFrame';
import { scaleOf } from './scale';

const LEGEND = [
  { name: 'Revenue', className: 'ol-revenue' },
  { name: 'Expenses', className: 'ol-expenses' },
  { name: 'Profit', className: 'ol-profit' },
];

/** Revenue and expenses as bars and profit as a line, month by month. */
export function ProfitChart({ overview }: { overview: Overview }): ReactNode {
  const { locale } = useOpenLedger();
  const { chartData: months, currency } = overview;
  const scale = scaleOf(months.flatMap(({ Revenue, Expenses, Profit }) => [Revenue, Expenses, Profit]));
  const center = (index: number, plot: Plot): number => plot.left + slotOf(plot, months.length) * (index + 0.5);
  const money = (value: number): string => formatMoney(value.toFixed(2), currency, locale, 'accounting');
  const total = formatMoney(overview.totalProfitDecimal, currency, locale, 'accounting');
  return (
    <ChartFrame
      title="Revenue, expenses and profit by month"
      description={`Profit ${total} over ${String(months.length)} months.`}
      scale={scale}
      labels={months.map(({ startDate }) => formatMonth(startDate, locale))}
      place={center}
      legend={LEGEND}
      table={{
        columns: ['Month', 'Revenue', 'Expenses', 'Profit'],
        rows: months.map(({ startDate, Revenue, Expenses, Profit }) => [
          formatMonth(startDate, locale, 'long'),
          money(Revenue),
          money(Expenses),
          money(Profit),
        ]),
      }}
    >
      {(plot) => {
        const bar = Math.min(slotOf(plot, months.length) * 0.34, 22);
        return (
          <>
            {months.map(({ startDate, Revenue, Expenses }, index) => (
              <g key={startDate}>
                <Bar className="ol-revenue" x={center(index, plot) - bar - 1} width={bar} value={Revenue} plot={plot} />
                <Bar className="ol-expenses" x={center(index, plot) + 1} width={bar} value={Expenses} plot={plot} />
              </g>
            ))}
            <polyline
              className="ol-profit"
              points={months
                .map(({ Profit }, index) => `${String(center(index, plot))},${String(plot.y(Profit))}`)
                .join(' ')}
            />
            {months.map(({ startDate, Profit }, index) => (
              <circle key={startDate} className="ol-profit" cx={center(index, plot)} cy={plot.y(Profit)} r={3} />
            ))}
          </>
        );
      }}
    </ChartFrame>
  );
}

function slotOf(plot: Plot, count: number): number {
  return (plot.width - plot.left - plot.right) / Math.max(count, 1);
}

interface BarProps {
  className: string;
  x: number;
  width: number;
  value: number;
  plot: Plot;
}

function Bar({ className, x, width, value, plot }: BarProps): ReactNode {
  const [top, bottom] = [plot.y(Math.max(value, 0)), plot.y(Math.min(value, 0))];
  return <rect className={className} x={x} y={top} width={width} height={Math.max(bottom - top, 0)} rx={2} />;
}
