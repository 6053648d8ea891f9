import { useState, type ReactNode } from 'react';
import { CashChart } from '../../chart/CashChart';
import { ProfitChart } from '../../chart/ProfitChart';
import type { Overview, Report, ReportNode } from '../../client/types';
import { PERIOD_NAMES, type Period, type PeriodName } from '../../format/dates';
import { magnitude, share, signOf } from '../../format/money';
import { useCashPosition, useOverview, useReport, useSyncStatus } from '../../hooks/resources';
import { Money } from '../../ui/Money';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { choose, QualityNote, Tile } from '../ReportTable/report-parts';
import { DashboardBox } from './DashboardBox';

export interface DashboardProps extends CommonProps {
  /** The months the figures cover. @defaultValue 'last-12-months' */
  period?: Exclude<PeriodName, 'custom'>;
}

/** The books at a glance: revenue, expenses, net income, and where the money went. */
export function Dashboard({ period = 'last-12-months', headingLevel = 2, ...rest }: DashboardProps): ReactNode {
  return (
    <Surface slotName="dashboard" {...rest}>
      <DashboardBody period={period} headingLevel={headingLevel} />
    </Surface>
  );
}

interface BodyProps {
  period: Exclude<PeriodName, 'custom'>;
  headingLevel: number;
}

/** The dashboard without a root element of its own. */
export function DashboardBody({ period, headingLevel }: BodyProps): ReactNode {
  const [dates] = useState(() => choose(period));
  const { data, error, isLoading, refetch } = useReport(dates);
  const overview = useOverview(dates).data;
  useSyncStatus();
  return (
    <>
      <div className="ol-head">
        <Heading level={headingLevel} className="ol-title">
          At a glance
        </Heading>
        <span className="ol-muted">{PERIOD_NAMES[period]}</span>
      </div>
      {isLoading ? <Skeleton rows={4} label="Loading the overview" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="The overview could not be loaded" error={error} onRetry={refetch} />
      )}
      {data === undefined ? null : <Figures report={data} overview={overview} headingLevel={headingLevel + 1} />}
    </>
  );
}

interface FiguresProps {
  report: Report;
  /** Adds cash and charts as soon as it is there. */
  overview: Overview | undefined;
  headingLevel: number;
}

function Figures({ report, overview, headingLevel }: FiguresProps): ReactNode {
  if (report.incomeStatement === null) return null;
  const { revenue, expenses, totals } = report.incomeStatement.hierarchical;
  const { currency } = report.quality;
  return (
    <>
      <div className="ol-tiles">
        <Tile label="Revenue" amount={totals.totalRevenueDecimal} currency={currency} />
        <Tile label="Expenses" amount={totals.totalExpensesDecimal} currency={currency} />
        <Tile label="Net income" amount={totals.netIncomeDecimal} currency={currency} isResult />
        {overview === undefined ? null : (
          <Tile label="Cash" amount={overview.currentCashBalanceDecimal} currency={currency} />
        )}
      </div>
      <QualityNote quality={report.quality} />
      {overview === undefined || overview.chartData.length < 2 ? null : (
        <div className="ol-boxes ol-charts">
          <div className="ol-card">
            <ProfitChart overview={overview} />
          </div>
          <CashOverTime {...report.reportPeriod} />
        </div>
      )}
      <div className="ol-boxes">
        <DashboardBox title="Where the money went" headingLevel={headingLevel}>
          <Breakdown nodes={expenses} currency={currency} />
        </DashboardBox>
        <DashboardBox title="Where it came from" headingLevel={headingLevel}>
          <Breakdown nodes={revenue} currency={currency} />
        </DashboardBox>
      </div>
    </>
  );
}

function CashOverTime({ startDate, endDate }: Period): ReactNode {
  const { data } = useCashPosition({ startDate, endDate }, 'weekly');
  return data === undefined || data.points.length < 2 ? null : (
    <div className="ol-card">
      <CashChart cash={data} />
    </div>
  );
}

const LINES_MAX = 6;

/** The largest ledger accounts as bars of one scale; amounts beside them carry the information. */
function Breakdown({ nodes, currency }: { nodes: ReportNode[]; currency: string }): ReactNode {
  const lines = leaves(nodes)
    .filter(({ balanceDecimal }) => signOf(balanceDecimal) === 1)
    .sort((a, b) => compareDecimals(b.balanceDecimal, a.balanceDecimal))
    .slice(0, LINES_MAX);
  const [largest] = lines;
  if (largest === undefined) return <p className="ol-muted">Nothing in this period</p>;
  return (
    <ul className="ol-breakdown">
      {lines.map(({ id, name, balanceDecimal }) => (
        <li key={id}>
          <span>{name}</span>
          <Money amount={balanceDecimal} currency={currency} />
          <span className="ol-bar" aria-hidden="true">
            <span style={{ inlineSize: `${String(share(balanceDecimal, largest.balanceDecimal) * 100)}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function leaves(nodes: ReportNode[]): ReportNode[] {
  return nodes.flatMap((node) => (node.children.length === 0 ? [node] : leaves(node.children)));
}

/** Order only: a float is close enough for it, and equal ones stay as they came. */
function compareDecimals(first: string, second: string): number {
  return Number(magnitude(first)) - Number(magnitude(second));
}
