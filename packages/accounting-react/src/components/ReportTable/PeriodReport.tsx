import { useState, type ReactNode } from 'react';
import type { Report } from '../../client/types';
import type { Period, PeriodName } from '../../format/dates';
import { useReport, type Basis } from '../../hooks/resources';
import { choose, PeriodDates, PeriodPicker } from './report-parts';
import { BasisPicker, basisOf, ComparisonPicker, comparisonOf, ReportFrame, type Comparison } from './ReportFrame';

export interface PeriodReportProps {
  title: string;
  /** Its name for downloads. */
  name: string;
  /** The period shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
  /** Whether there is a cash basis of it. @defaultValue false */
  hasCashBasis?: boolean;
  children: (shown: ShownReport) => ReactNode;
}

export interface ShownReport {
  report: Report;
  comparison: Comparison;
  period: Period;
  basis: Basis;
}

/** A statement about a period: what decides it, its files, its states; the figures are the children's. */
export function PeriodReport(props: PeriodReportProps): ReactNode {
  const { title, name, defaultPeriod = 'year-to-date', headingLevel, hasCashBasis = false, children } = props;
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const [comparison, setComparison] = useState<Comparison>('none');
  const [basis, setBasis] = useState<Basis>('ACCRUAL');
  const { startDate, endDate } = period;
  const query = { startDate, endDate, comparison: comparisonOf(comparison), basis: basisOf(basis) };
  const { data, error, isLoading, refetch } = useReport(query);
  return (
    <ReportFrame
      title={title}
      headingLevel={headingLevel}
      dates={<PeriodDates {...period} />}
      {...(hasCashBasis ? { basis } : {})}
      controls={
        <>
          <PeriodPicker value={period} onChange={setPeriod} />
          <ComparisonPicker value={comparison} onChange={setComparison} />
          {hasCashBasis ? <BasisPicker value={basis} onChange={setBasis} /> : null}
        </>
      }
      download={{ report: name, query }}
      isLoading={isLoading}
      error={error}
      onRetry={refetch}
    >
      {data === undefined ? null : children({ report: data, comparison, period, basis })}
    </ReportFrame>
  );
}
