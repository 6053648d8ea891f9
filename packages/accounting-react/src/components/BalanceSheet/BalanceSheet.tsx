import { useState, type ReactNode } from 'react';
import type { Report } from '../../client/types';
import { formatDate, todayOf } from '../../format/dates';
import { useReport, type Basis } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Icon } from '../../ui/icons';
import { Surface, type CommonProps } from '../../ui/Surface';
import { DateField, QualityNote } from '../ReportTable/report-parts';
import {
  BasisPicker,
  basisOf,
  ComparisonPicker,
  comparisonOf,
  ReportFrame,
  useColumns,
  type Comparison,
} from '../ReportTable/ReportFrame';
import { linesOf, ReportTable } from '../ReportTable/ReportTable';

export interface BalanceSheetProps extends CommonProps {
  /** The day shown first, as an ISO date. @defaultValue today */
  defaultAsOf?: string;
}

/** What is owned and owed at the end of a day, and the check that both sides are equal. */
export function BalanceSheet({ defaultAsOf, headingLevel = 2, ...rest }: BalanceSheetProps): ReactNode {
  return (
    <Surface slotName="balance-sheet" {...rest}>
      <div className="ol-card">
        <BalanceSheetBody defaultAsOf={defaultAsOf} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

/** The report without a root element of its own. */
export function BalanceSheetBody(props: { defaultAsOf?: string | undefined; headingLevel: number }): ReactNode {
  const { defaultAsOf, headingLevel } = props;
  const { locale } = useOpenLedger();
  const [asOf, setAsOf] = useState(() => defaultAsOf ?? todayOf(new Date()));
  const [comparison, setComparison] = useState<Comparison>('none');
  const [basis, setBasis] = useState<Basis>('ACCRUAL');
  const startDate = `${asOf.slice(0, 4)}-01-01`;
  const query = { startDate, endDate: asOf, comparison: comparisonOf(comparison), basis: basisOf(basis) };
  const { data, error, isLoading, refetch } = useReport(query);
  return (
    <ReportFrame
      title="Balance sheet"
      headingLevel={headingLevel}
      dates={<p className="ol-muted">As of {formatDate(asOf, locale)}</p>}
      basis={basis}
      controls={
        <>
          <DateField label="As of" value={asOf} onChange={setAsOf} />
          <ComparisonPicker value={comparison} onChange={setComparison} />
          <BasisPicker value={basis} onChange={setBasis} />
        </>
      }
      download={{ report: 'balance-sheet', query }}
      isLoading={isLoading}
      error={error}
      onRetry={refetch}
    >
      {data === undefined ? null : <Statement report={data} comparison={comparison} />}
    </ReportFrame>
  );
}

function Statement({ report, comparison }: { report: Report; comparison: Comparison }): ReactNode {
  const { labels, columns } = useColumns(report, comparison, true);
  const { balanceSheet, quality } = report;
  if (balanceSheet === null) return null;
  const sheets = columns.map(({ balanceSheet: column }) => (column ?? balanceSheet).hierarchical);
  const isEqual = sheets.every(({ totals }) => totals.totalAssetsDecimal === totals.liabilitiesAndEquityDecimal);
  return (
    <>
      {isEqual ? (
        <p className="ol-state" data-tone="success">
          <Icon name="check" /> Assets equal liabilities plus equity
        </p>
      ) : (
        <p className="ol-note" data-tone="danger" role="alert">
          <Icon name="alert" />
          <span className="ol-note-text">
            The two sides are not equal. Please tell support before using these figures.
          </span>
        </p>
      )}
      <QualityNote quality={quality} />
      <ReportTable
        caption="Balance sheet"
        currency={quality.currency}
        columns={labels}
        emptyText="Nothing on this day"
        sections={[
          {
            title: 'Assets',
            lines: linesOf(sheets.map(({ assets }) => assets)),
            total: { label: 'Total assets', amounts: sheets.map(({ totals }) => totals.totalAssetsDecimal) },
          },
          {
            title: 'Liabilities',
            lines: linesOf(sheets.map(({ liabilities }) => liabilities)),
            total: { label: 'Total liabilities', amounts: sheets.map(({ totals }) => totals.totalLiabilitiesDecimal) },
          },
          {
            title: 'Equity',
            lines: linesOf(sheets.map(({ equity }) => equity)),
            total: { label: 'Total equity', amounts: sheets.map(({ totals }) => totals.totalEquityDecimal) },
          },
        ]}
        result={{
          label: 'Liabilities and equity',
          amounts: sheets.map(({ totals }) => totals.liabilitiesAndEquityDecimal),
        }}
      />
    </>
  );
}
