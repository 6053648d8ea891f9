import type { ReactNode } from 'react';
import type { ApiError } from '../../client/errors';
import type { Report } from '../../client/types';
import { formatDate, formatPeriod } from '../../format/dates';
import type { Basis, ComparisonName } from '../../hooks/resources';
import { useDownload, type FileFormat } from '../../hooks/useDownload';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ChoiceField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { Heading } from '../../ui/Surface';

interface ReportFrameProps {
  title: string;
  headingLevel: number;
  /** The days it covers, under the title. */
  dates: ReactNode;
  /** Whether paid or booked things are counted; a report without it shows the books as they are and nothing else. */
  basis?: Basis;
  /** Period, comparison and whatever else decides what is shown. */
  controls: ReactNode;
  /** The report's name for downloads, and what it is asked with. */
  download: { report: string; query: Record<string, string | undefined> };
  isLoading: boolean;
  error: ApiError | undefined;
  onRetry: () => void;
  children: ReactNode;
}

/** Title, controls, downloads, and the states that every report has. */
export function ReportFrame(props: ReportFrameProps): ReactNode {
  const { title, headingLevel, dates, basis, controls, download, isLoading, error, onRetry, children } = props;
  const name = title.toLowerCase();
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            {title}
          </Heading>
          {dates}
          <p className="ol-small">{basis === undefined ? `${AS_BOOKED} of the ${name}.` : MEANINGS[basis]}</p>
        </div>
        <div className="ol-period">{controls}</div>
      </div>
      <Downloads {...download} name={name} />
      {isLoading ? <Skeleton rows={8} label={`Loading the ${name}`} /> : null}
      {error === undefined ? null : (
        <ErrorNote title={`The ${name} could not be loaded`} error={error} onRetry={onRetry} />
      )}
      {children}
    </>
  );
}

const AS_BOOKED = 'Shows the books as they are: there is no cash basis';

const MEANINGS: Record<Basis, string> = {
  ACCRUAL: 'Accrual basis: income and expenses count once they are earned or owed, as booked.',
  CASH: 'Cash basis: income and expenses count once they are paid. Such figures cannot be opened to single postings.',
};

/** Accrual or cash. */
export function BasisPicker({ value, onChange }: { value: Basis; onChange: (value: Basis) => void }): ReactNode {
  return (
    <ChoiceField
      label="Basis"
      value={value}
      options={[
        { value: 'ACCRUAL', label: 'Accrual' },
        { value: 'CASH', label: 'Cash' },
      ]}
      onChange={(next) => {
        onChange(next as Basis);
      }}
    />
  );
}

/** As it is asked for: accrual goes without saying. */
export function basisOf(value: Basis): Basis | undefined {
  return value === 'CASH' ? value : undefined;
}

const FORMATS: [FileFormat, string][] = [
  ['pdf', 'PDF'],
  ['xlsx', 'Excel'],
  ['csv', 'CSV'],
];

interface DownloadsProps {
  report: string;
  query: Record<string, string | undefined>;
  name: string;
}

/** The report as a file, in the same period and with the same columns. */
function Downloads({ report, query, name }: DownloadsProps): ReactNode {
  const { pending, error, save } = useDownload(report, query);
  return (
    <>
      <div className="ol-downloads" role="group" aria-label={`Download the ${name}`}>
        <Icon name="download" />
        {FORMATS.map(([format, label]) => (
          <Button
            key={format}
            look="quiet"
            isBusy={pending !== undefined}
            onClick={() => {
              save(format);
            }}
          >
            {pending === format ? `Making ${label}…` : label}
          </Button>
        ))}
      </div>
      {error === undefined ? null : <ErrorNote title="The file could not be made" error={error} />}
    </>
  );
}

export const COMPARISONS: Record<ComparisonName | 'none', string> = {
  none: 'Nothing',
  previous_period: 'Previous period',
  previous_year: 'Previous year',
  months: 'By month',
  quarters: 'By quarter',
};

export type Comparison = keyof typeof COMPARISONS;

/** What stands beside the figures. */
export function ComparisonPicker(props: { value: Comparison; onChange: (value: Comparison) => void }): ReactNode {
  const { value, onChange } = props;
  return (
    <ChoiceField
      label="Compare with"
      value={value}
      options={Object.entries(COMPARISONS).map(([name, label]) => ({ value: name, label }))}
      onChange={(next) => {
        onChange(next as Comparison);
      }}
    />
  );
}

export function comparisonOf(value: Comparison): ComparisonName | undefined {
  return value === 'none' ? undefined : value;
}

export interface StatementColumns {
  labels: string[];
  columns: Pick<Report, 'incomeStatement' | 'balanceSheet' | 'cashFlowStatement'>[];
}

/**
 * The columns of a report: the period and the one before it, or its months and then the whole.
 *
 * @param isAtTheEnd the figures are about the last day of each period; the last month then is the whole
 */
export function useColumns(report: Report, comparison: Comparison, isAtTheEnd = false): StatementColumns {
  const { locale } = useOpenLedger();
  const label = ({ reportPeriod }: Pick<Report, 'reportPeriod'>): string =>
    isAtTheEnd ? formatDate(reportPeriod.endDate, locale) : formatPeriod(reportPeriod, locale);
  const beside = report.comparison;
  if (comparison === 'none' || beside.length === 0) return { labels: [label(report)], columns: [report] };
  const isPart = comparison === 'months' || comparison === 'quarters';
  if (!isPart) return { labels: [report, ...beside].map(label), columns: [report, ...beside] };
  if (isAtTheEnd || beside.length === 1) return { labels: beside.map(label), columns: beside };
  return { labels: [...beside.map(label), 'Total'], columns: [...beside, report] };
}
