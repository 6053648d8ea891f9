import type { ReactNode } from 'react';
import type { CashFlowStatement } from '../../client/types';
import { CashChart } from '../../chart/CashChart';
import type { PeriodName } from '../../format/dates';
import { useCashPosition } from '../../hooks/resources';
import { Surface, type CommonProps } from '../../ui/Surface';
import { QualityNote } from '../ReportTable/report-parts';
import { PeriodReport, type ShownReport } from '../ReportTable/PeriodReport';
import { useColumns } from '../ReportTable/ReportFrame';
import { ReportTable, type Line, type ReportSection } from '../ReportTable/ReportTable';

export interface CashFlowProps extends CommonProps {
  /** The period shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

/** Where cash came from and went, from net income to what the bank accounts hold. */
export function CashFlow({ defaultPeriod, headingLevel = 2, ...rest }: CashFlowProps): ReactNode {
  return (
    <Surface slotName="cash-flow" {...rest}>
      <div className="ol-card">
        <CashFlowBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

interface BodyProps {
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
}

/** The report without a root element of its own. */
export function CashFlowBody(props: BodyProps): ReactNode {
  return (
    <PeriodReport title="Cash flow" name="cash-flow" {...props}>
      {(shown) => <Statement {...shown} />}
    </PeriodReport>
  );
}

const SECTIONS = [
  ['operating', 'Operating activities', 'netCashFromOperatingActivitiesDecimal'],
  ['investing', 'Investing activities', 'netCashFromInvestingActivitiesDecimal'],
  ['financing', 'Financing activities', 'netCashFromFinancingActivitiesDecimal'],
] as const;

function Statement({ report, comparison, period }: ShownReport): ReactNode {
  const { labels, columns } = useColumns(report, comparison);
  const { cashFlowStatement, quality } = report;
  if (cashFlowStatement === null) return null;
  const flows = columns.map(({ cashFlowStatement: column }) => column ?? cashFlowStatement);
  const sections = SECTIONS.map(([section, title, total]): ReportSection => ({
    title,
    lines: linesIn(section, flows),
    total: { label: `Net cash from ${title.toLowerCase()}`, amounts: flows.map((flow) => flow[total]) },
  }));
  return (
    <>
      <QualityNote quality={quality} />
      <CashOverTime {...period} />
      <ReportTable
        caption="Cash flow"
        currency={quality.currency}
        columns={labels}
        emptyText="None"
        sections={sections}
        result={{ label: 'Net change in cash', amounts: flows.map((flow) => flow.netChangeInCashDecimal) }}
        after={[
          { label: 'Cash at the beginning', amounts: flows.map((flow) => flow.cashAtBeginningDecimal) },
          { label: 'Cash at the end', amounts: flows.map((flow) => flow.cashAtEndDecimal) },
        ]}
      />
    </>
  );
}

function linesIn(section: string, flows: CashFlowStatement[]): Line[] {
  const rows = flows.map(({ lines }) => lines.filter((line) => line.section === section));
  const [first = []] = rows;
  return first.map((line, index) => {
    const same = rows.map((row) => row[index] ?? line);
    return {
      id: line.key,
      name: line.name,
      amounts: same.map(({ amountDecimal }) => amountDecimal),
      postings: same.map(({ postings }) => postings),
      children: [],
    };
  });
}

const WEEKLY_DAYS_MAX = 400;
const DAY_MS = 86_400_000;

/** An addition to the figures: while it loads or if it fails, they stand alone. */
function CashOverTime({ startDate, endDate }: { startDate: string; endDate: string }): ReactNode {
  const days = (Date.parse(endDate) - Date.parse(startDate)) / DAY_MS;
  const { data } = useCashPosition({ startDate, endDate }, days > WEEKLY_DAYS_MAX ? 'monthly' : 'weekly');
  return data === undefined || data.points.length < 2 ? null : <CashChart cash={data} />;
}
