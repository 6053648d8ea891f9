import type { ReactNode } from 'react';
import { ProfitChart } from '../../chart/ProfitChart';
import type { PeriodName } from '../../format/dates';
import { useOverview } from '../../hooks/resources';
import { Surface, type CommonProps } from '../../ui/Surface';
import { QualityNote, Tile } from '../ReportTable/report-parts';
import { PeriodReport, type ShownReport } from '../ReportTable/PeriodReport';
import { useColumns } from '../ReportTable/ReportFrame';
import { linesOf, ReportTable } from '../ReportTable/ReportTable';

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
export function ProfitAndLossBody(props: BodyProps): ReactNode {
  return (
    <PeriodReport title="Profit and loss" name="income-statement" hasCashBasis {...props}>
      {(shown) => <Statement {...shown} />}
    </PeriodReport>
  );
}

function Statement({ report, comparison, period, basis }: ShownReport): ReactNode {
  const { labels, columns } = useColumns(report, comparison);
  const { incomeStatement, quality } = report;
  if (incomeStatement === null) return null;
  const { totals } = incomeStatement.hierarchical;
  const { currency } = quality;
  const statements = columns.map(({ incomeStatement: column }) => (column ?? incomeStatement).hierarchical);
  return (
    <>
      <div className="ol-tiles">
        <Tile label="Revenue" amount={totals.totalRevenueDecimal} currency={currency} />
        <Tile label="Expenses" amount={totals.totalExpensesDecimal} currency={currency} />
        <Tile label="Net income" amount={totals.netIncomeDecimal} currency={currency} isResult />
      </div>
      <QualityNote quality={quality} />
      {basis === 'ACCRUAL' ? <MonthlyChart {...period} /> : null}
      <ReportTable
        caption="Profit and loss"
        currency={currency}
        columns={labels}
        emptyText="Nothing in this period"
        sections={[
          {
            title: 'Revenue',
            lines: linesOf(statements.map(({ revenue }) => revenue)),
            total: { label: 'Total revenue', amounts: statements.map((each) => each.totals.totalRevenueDecimal) },
          },
          {
            title: 'Expenses',
            lines: linesOf(statements.map(({ expenses }) => expenses)),
            total: { label: 'Total expenses', amounts: statements.map((each) => each.totals.totalExpensesDecimal) },
          },
        ]}
        result={{ label: 'Net income', amounts: statements.map((each) => each.totals.netIncomeDecimal) }}
      />
    </>
  );
}

/** An addition to the figures: while it loads or if it fails, they stand alone. */
function MonthlyChart({ startDate, endDate }: { startDate: string; endDate: string }): ReactNode {
  const { data } = useOverview({ startDate, endDate });
  return data === undefined || data.chartData.length < 2 ? null : <ProfitChart overview={data} />;
}
