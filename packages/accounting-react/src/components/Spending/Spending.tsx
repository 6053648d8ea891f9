import { useId, useState, type ReactNode } from 'react';
import type { Spending as Expenses } from '../../client/types';
import { formatPeriod, type PeriodName } from '../../format/dates';
import { share, signOf } from '../../format/money';
import { useSpending } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Money } from '../../ui/Money';
import { EmptyNote } from '../../ui/notes';
import { Surface, type CommonProps } from '../../ui/Surface';
import { PostingsDialog, type Figure } from '../Postings/PostingsDialog';
import { choose, PeriodDates, PeriodPicker } from '../ReportTable/report-parts';
import { ReportFrame } from '../ReportTable/ReportFrame';
import { ScrollBox } from '../../ui/ScrollBox';

export interface SpendingProps extends CommonProps {
  /** The period shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

/** Where the money went, by category or by counterparty, with the period before beside it. */
export function Spending({ defaultPeriod, headingLevel = 2, ...rest }: SpendingProps): ReactNode {
  return (
    <Surface slotName="spending" {...rest}>
      <div className="ol-card">
        <SpendingBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

interface BodyProps {
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
}

const BY = { category: 'Category', counterparty: 'Counterparty' } as const;
type By = keyof typeof BY;

/** The report without a root element of its own. */
export function SpendingBody({ defaultPeriod = 'year-to-date', headingLevel }: BodyProps): ReactNode {
  const id = useId();
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const [by, setBy] = useState<By>('category');
  const { startDate, endDate } = period;
  const { data, error, isLoading, refetch } = useSpending({ startDate, endDate }, by);
  return (
    <ReportFrame
      title="Spending"
      headingLevel={headingLevel}
      dates={<PeriodDates {...period} />}
      controls={
        <>
          <label className="ol-field" htmlFor={id}>
            By
            <select
              id={id}
              className="ol-select"
              value={by}
              onChange={(event) => {
                setBy(event.target.value as By);
              }}
            >
              {Object.entries(BY).map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <PeriodPicker value={period} onChange={setPeriod} />
        </>
      }
      download={{
        report: by === 'category' ? 'spending' : 'spending-by-counterparty',
        query: { startDate, endDate },
      }}
      isLoading={isLoading}
      error={error}
      onRetry={refetch}
    >
      {data === undefined ? null : <SpendingTable spending={data} label={BY[by]} />}
    </ReportFrame>
  );
}

function SpendingTable({ spending, label }: { spending: Expenses; label: string }): ReactNode {
  const { locale } = useOpenLedger();
  const [figure, setFigure] = useState<Figure>();
  const { rows, currency } = spending;
  const [largest] = rows;
  if (largest === undefined) return <EmptyNote icon="list" title="Nothing was spent in this period" />;
  const money = (amount: string): ReactNode => <Money amount={amount} currency={currency} look="accounting" />;
  return (
    <ScrollBox label="Spending">
      <table className="ol-table ol-report" data-columns>
        <caption className="ol-hidden">Spending by {label.toLowerCase()}</caption>
        <thead>
          <tr>
            <th scope="col">{label}</th>
            <th scope="col">
              <span className="ol-hidden">Share</span>
            </th>
            <th scope="col" className="ol-number">
              {formatPeriod(spending.reportPeriod, locale)}
            </th>
            <th scope="col" className="ol-number">
              {formatPeriod(spending.previousPeriod, locale)}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row.id ?? `${row.name} ${String(index)}`}>
              <th scope="row">{row.name}</th>
              <td className="ol-share">
                <span className="ol-bar" aria-hidden="true">
                  <span style={{ inlineSize: `${String(share(row.amountDecimal, largest.amountDecimal) * 100)}%` }} />
                </span>
                <span className="ol-small">{row.share === null ? '' : percent(row.share, locale)}</span>
              </td>
              <td className="ol-number">
                {row.postings === null || signOf(row.amountDecimal) === 0 ? (
                  money(row.amountDecimal)
                ) : (
                  <button
                    type="button"
                    className="ol-link ol-figure"
                    title={`Show what makes up ${row.name}`}
                    aria-haspopup="dialog"
                    onClick={() => {
                      if (row.postings !== null) setFigure({ name: row.name, postings: row.postings });
                    }}
                  >
                    {money(row.amountDecimal)}
                  </button>
                )}
              </td>
              <td className="ol-number">{money(row.previousAmountDecimal)}</td>
            </tr>
          ))}
          <tr className="ol-report-total" data-kind="result">
            <th scope="row" colSpan={2}>
              Total
            </th>
            <td className="ol-number">{money(spending.totalDecimal)}</td>
            <td className="ol-number">{money(spending.previousTotalDecimal)}</td>
          </tr>
        </tbody>
      </table>
      {figure === undefined ? null : (
        <PostingsDialog
          figure={figure}
          onClose={() => {
            setFigure(undefined);
          }}
        />
      )}
    </ScrollBox>
  );
}

function percent(ratio: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(ratio);
}
