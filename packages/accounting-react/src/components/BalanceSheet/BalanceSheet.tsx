import { useState, type ReactNode } from 'react';
import type { Report } from '../../client/types';
import { formatDate, todayOf } from '../../format/dates';
import { useReport } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Icon } from '../../ui/icons';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { DateField, QualityNote } from '../ReportTable/report-parts';
import { ReportTable } from '../ReportTable/ReportTable';

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
  const { data, error, isLoading, refetch } = useReport({ startDate: `${asOf.slice(0, 4)}-01-01`, endDate: asOf });
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Balance sheet
          </Heading>
          <p className="ol-muted">As of {formatDate(asOf, locale)}</p>
        </div>
        <div className="ol-period">
          <DateField label="As of" value={asOf} onChange={setAsOf} />
        </div>
      </div>
      {isLoading ? <Skeleton rows={8} label="Loading the balance sheet" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="The balance sheet could not be loaded" error={error} onRetry={refetch} />
      )}
      {data === undefined ? null : <Statement report={data} />}
    </>
  );
}

function Statement({ report: { balanceSheet, quality } }: { report: Report }): ReactNode {
  if (balanceSheet === null) return null;
  const { assets, liabilities, equity, totals } = balanceSheet.hierarchical;
  const isEqual = totals.totalAssetsDecimal === totals.liabilitiesAndEquityDecimal;
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
        emptyText="Nothing on this day"
        sections={[
          { title: 'Assets', nodes: assets, total: { label: 'Total assets', amount: totals.totalAssetsDecimal } },
          {
            title: 'Liabilities',
            nodes: liabilities,
            total: { label: 'Total liabilities', amount: totals.totalLiabilitiesDecimal },
          },
          { title: 'Equity', nodes: equity, total: { label: 'Total equity', amount: totals.totalEquityDecimal } },
        ]}
        result={{ label: 'Liabilities and equity', amount: totals.liabilitiesAndEquityDecimal }}
      />
    </>
  );
}
