import { useState, type ReactNode } from 'react';
import type { Report } from '../../client/types';
import type { PeriodName } from '../../format/dates';
import { useReport } from '../../hooks/resources';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { choose, PeriodDates, PeriodPicker, QualityNote, Tile } from '../ReportTable/report-parts';
import { ReportTable } from '../ReportTable/ReportTable';

export interface ProfitAndLossProps extends CommonProps {
  /** The period shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

/** Revenue, expenses and what is left, over a period the reader picks. */
export function ProfitAndLoss({ defaultPeriod, headingLevel = 2, ...rest }: ProfitAndLossProps): ReactNode {
  return (
    <Surface slotName="profit-and-loss" {...rest}>
      <div className="ol-card">
        <ProfitAndLossBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

interface BodyProps {
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
}

/** The report without a root element of its own. */
export function ProfitAndLossBody({ defaultPeriod = 'year-to-date', headingLevel }: BodyProps): ReactNode {
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const { data, error, isLoading, refetch } = useReport(period);
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Profit and loss
          </Heading>
          <PeriodDates {...period} />
        </div>
        <PeriodPicker value={period} onChange={setPeriod} />
      </div>
      {isLoading ? <Skeleton rows={8} label="Loading the profit and loss" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="The profit and loss could not be loaded" error={error} onRetry={refetch} />
      )}
      {data === undefined ? null : <Statement report={data} />}
    </>
  );
}

function Statement({ report: { incomeStatement, quality } }: { report: Report }): ReactNode {
  if (incomeStatement === null) return null;
  const { revenue, expenses, totals } = incomeStatement.hierarchical;
  const { currency } = quality;
  return (
    <>
      <div className="ol-tiles">
        <Tile label="Revenue" amount={totals.totalRevenueDecimal} currency={currency} />
        <Tile label="Expenses" amount={totals.totalExpensesDecimal} currency={currency} />
        <Tile label="Net income" amount={totals.netIncomeDecimal} currency={currency} isResult />
      </div>
      <QualityNote quality={quality} />
      <ReportTable
        caption="Profit and loss"
        currency={currency}
        emptyText="Nothing in this period"
        sections={[
          { title: 'Revenue', nodes: revenue, total: { label: 'Total revenue', amount: totals.totalRevenueDecimal } },
          {
            title: 'Expenses',
            nodes: expenses,
            total: { label: 'Total expenses', amount: totals.totalExpensesDecimal },
          },
        ]}
        result={{ label: 'Net income', amount: totals.netIncomeDecimal }}
      />
    </>
  );
}
