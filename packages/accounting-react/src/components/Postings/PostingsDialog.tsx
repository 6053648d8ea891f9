import type { ReactNode } from 'react';
import { formatDate } from '../../format/dates';
import { negate } from '../../format/money';
import { useOpenLedger } from '../../provider/context';
import { usePages } from '../../hooks/usePages';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Money } from '../../ui/Money';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { ScrollBox } from '../../ui/ScrollBox';

/** A figure of a report, and where its postings are. */
export interface Figure {
  name: string;
  /** The path and query the report gave. */
  postings: string;
}

/** What a figure is made of: its postings, oldest first, and their sum. */
export function PostingsDialog({ figure, onClose }: { figure: Figure; onClose: () => void }): ReactNode {
  const { locale } = useOpenLedger();
  const query = Object.fromEntries(new URL(figure.postings, 'http://report.invalid').searchParams);
  const { pages, error, isLoading, hasMore, loadMore, refetch } = usePages('/v1/reports/postings', query);
  const [first] = pages;
  // Revenue, debts and cash received grow by credits: what makes the figure larger is shown as positive.
  const isCredit = first?.positive === 'credit';
  const rows = pages.flatMap(({ postings }) => postings);
  return (
    <Dialog title={`What makes up ${figure.name}`} isWide onClose={onClose}>
      {error === undefined ? null : (
        <ErrorNote title="The postings could not be loaded" error={error} onRetry={refetch} />
      )}
      {first === undefined ? null : (
        <ScrollBox label="Postings">
          <table className="ol-table ol-postings">
            <caption className="ol-hidden">Postings of {figure.name}</caption>
            <thead>
              <tr>
                <th scope="col">Date</th>
                <th scope="col">Description</th>
                <th scope="col">Other account</th>
                <th scope="col" className="ol-number">
                  Amount
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.journalEntryId} ${String(row.line)}`}>
                  <td className="ol-nowrap">{formatDate(row.date, locale)}</td>
                  <td>{row.description}</td>
                  <td className="ol-muted">{row.otherAccounts.join(', ')}</td>
                  <td className="ol-number">
                    <Money
                      amount={isCredit ? negate(row.amountDecimal) : row.amountDecimal}
                      currency={first.currency}
                      look="accounting"
                    />
                  </td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr className="ol-report-total" data-kind="result">
                <th scope="row" colSpan={3}>
                  {figure.name}
                </th>
                <td className="ol-number">
                  <Money amount={first.totalDecimal} currency={first.currency} look="accounting" />
                </td>
              </tr>
            </tfoot>
          </table>
        </ScrollBox>
      )}
      {isLoading ? <Skeleton rows={3} label="Loading the postings" /> : null}
      {hasMore && !isLoading ? (
        <div className="ol-more">
          <Button onClick={loadMore}>Load more</Button>
          <span className="ol-muted">{rows.length} shown; the sum is of all of them.</span>
        </div>
      ) : null}
    </Dialog>
  );
}
