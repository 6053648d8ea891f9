import { useState, type ReactNode } from 'react';
import type { TrialBalance as Balance } from '../../client/types';
import type { PeriodName } from '../../format/dates';
import { useTrialBalance } from '../../hooks/resources';
import { Icon } from '../../ui/icons';
import { Money } from '../../ui/Money';
import { EmptyNote } from '../../ui/notes';
import { Surface, type CommonProps } from '../../ui/Surface';
import { PostingsDialog, type Figure } from '../Postings/PostingsDialog';
import { choose, PeriodDates, PeriodPicker } from '../ReportTable/report-parts';
import { ReportFrame } from '../ReportTable/ReportFrame';
import { ScrollBox } from '../../ui/ScrollBox';

export interface TrialBalanceProps extends CommonProps {
  /** The period shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

/** Every ledger account before, during and after a period, and the check that debits equal credits. */
export function TrialBalance({ defaultPeriod, headingLevel = 2, ...rest }: TrialBalanceProps): ReactNode {
  return (
    <Surface slotName="trial-balance" {...rest}>
      <div className="ol-card">
        <TrialBalanceBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
      </div>
    </Surface>
  );
}

interface BodyProps {
  defaultPeriod?: Exclude<PeriodName, 'custom'> | undefined;
  headingLevel: number;
}

/** The report without a root element of its own. */
export function TrialBalanceBody({ defaultPeriod = 'year-to-date', headingLevel }: BodyProps): ReactNode {
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const { startDate, endDate } = period;
  const { data, error, isLoading, refetch } = useTrialBalance({ startDate, endDate });
  return (
    <ReportFrame
      title="Trial balance"
      headingLevel={headingLevel}
      dates={<PeriodDates {...period} />}
      controls={<PeriodPicker value={period} onChange={setPeriod} />}
      download={{ report: 'trial-balance', query: { startDate, endDate } }}
      isLoading={isLoading}
      error={error}
      onRetry={refetch}
    >
      {data === undefined ? null : <BalanceTable balance={data} />}
    </ReportFrame>
  );
}

function BalanceTable({ balance }: { balance: Balance }): ReactNode {
  const [figure, setFigure] = useState<Figure>();
  const { rows, currency } = balance;
  if (rows.length === 0) return <EmptyNote icon="list" title="Nothing is booked yet" />;
  const isEqual =
    balance.totalDebitsDecimal === balance.totalCreditsDecimal &&
    balance.totalClosingDebitsDecimal === balance.totalClosingCreditsDecimal;
  const money = (amount: string | null): ReactNode =>
    amount === null ? null : <Money amount={amount} currency={currency} look="accounting" />;
  return (
    <>
      <p className="ol-state" data-tone={isEqual ? 'success' : 'danger'} role={isEqual ? undefined : 'alert'}>
        <Icon name={isEqual ? 'check' : 'alert'} /> {isEqual ? 'Debits equal credits' : 'Debits and credits differ'}
      </p>
      <ScrollBox label="Trial balance">
        <table className="ol-table ol-report" data-columns>
          <caption className="ol-hidden">Trial balance</caption>
          <thead>
            <tr>
              <th scope="col">Ledger account</th>
              {['Opening', 'Debits', 'Credits', 'Closing debit', 'Closing credit'].map((label) => (
                <th key={label} scope="col" className="ol-number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {row.code === null ? null : <span className="ol-code">{row.code}</span>}
                  <Postings name={row.name} postings={row.postings} onFigure={setFigure} />
                </th>
                <td className="ol-number">{money(row.openingDecimal)}</td>
                <td className="ol-number">{money(row.debitsDecimal)}</td>
                <td className="ol-number">{money(row.creditsDecimal)}</td>
                <td className="ol-number">{money(row.closingDebitDecimal)}</td>
                <td className="ol-number">{money(row.closingCreditDecimal)}</td>
              </tr>
            ))}
            <tr className="ol-report-total" data-kind="result">
              <th scope="row">Total</th>
              <td />
              <td className="ol-number">{money(balance.totalDebitsDecimal)}</td>
              <td className="ol-number">{money(balance.totalCreditsDecimal)}</td>
              <td className="ol-number">{money(balance.totalClosingDebitsDecimal)}</td>
              <td className="ol-number">{money(balance.totalClosingCreditsDecimal)}</td>
            </tr>
          </tbody>
        </table>
      </ScrollBox>
      {figure === undefined ? null : (
        <PostingsDialog
          figure={figure}
          onClose={() => {
            setFigure(undefined);
          }}
        />
      )}
    </>
  );
}

interface PostingsProps {
  name: string;
  postings: string | null;
  onFigure: (figure: Figure) => void;
}

function Postings({ name, postings, onFigure }: PostingsProps): ReactNode {
  if (postings === null) return name;
  return (
    <button
      type="button"
      className="ol-link ol-figure"
      aria-haspopup="dialog"
      onClick={() => {
        onFigure({ name, postings });
      }}
    >
      {name}
    </button>
  );
}
