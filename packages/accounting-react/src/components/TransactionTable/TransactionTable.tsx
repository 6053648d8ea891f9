import { useState, type ReactNode } from 'react';
import { toApiError, type ApiError } from '../../client/errors';
import type { Category, Transaction } from '../../client/types';
import { formatDate } from '../../format/dates';
import { useCategories } from '../../hooks/resources';
import { useTransactions, type TransactionFilter, type TransactionList } from '../../hooks/useTransactions';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Money } from '../../ui/Money';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Surface, type RootProps } from '../../ui/Surface';
import { AlwaysOffer, AlwaysResult, useAlways, type Always } from './always';
import { CategoryPicker } from './CategoryPicker';
import { Evidence } from './Evidence';

export interface TransactionTableProps extends RootProps, TransactionFilter {
  /** Called when the reader chooses a row's description. */
  onRowClick?: (transaction: Transaction) => void;
}

/** Bank transactions, newest first, with category and confidence; both can be settled in place. */
export function TransactionTable(props: TransactionTableProps): ReactNode {
  const { status, bankAccountId, pageSize, onRowClick, ...rest } = props;
  return (
    <Surface slotName="transaction-table" {...rest}>
      <TransactionRows filter={{ status, bankAccountId, pageSize }} onRowClick={onRowClick} />
    </Surface>
  );
}

interface TransactionRowsProps {
  filter: TransactionFilter;
  onRowClick?: ((transaction: Transaction) => void) | undefined;
}

/** The table without a root element of its own. */
export function TransactionRows({ filter, onRowClick }: TransactionRowsProps): ReactNode {
  const list = useTransactions(filter);
  const categories = useCategories();
  const always = useAlways();
  const review = useReview(list, always.propose);
  const rows = list.data?.transactions ?? [];
  if (list.isLoading) return <Skeleton rows={8} label="Loading transactions" />;
  return (
    <>
      <Announcer>{review.said}</Announcer>
      <AlwaysResult always={always} />
      {list.error === undefined ? null : (
        <ErrorNote title="Transactions could not be loaded" error={list.error} onRetry={list.refetch} />
      )}
      {categories.error === undefined || list.error !== undefined ? null : (
        <ErrorNote title="Categories could not be loaded" error={categories.error} onRetry={categories.refetch} />
      )}
      {review.failure === undefined ? null : <ErrorNote {...review.failure} onRetry={review.failure.retry} />}
      {rows.length === 0 && list.error === undefined ? <Nothing status={filter.status} /> : null}
      {rows.length === 0 ? null : (
        <Table rows={rows} categories={categories.data?.categories ?? []} {...{ review, always, onRowClick }} />
      )}
      <More list={list} />
    </>
  );
}

interface Review {
  /** What just happened, for screen readers. */
  said: string;
  failure: { title: string; error: ApiError; retry: () => void } | undefined;
  categorize: (row: Transaction, category: { id: string; name: string }) => void;
  approve: (row: Transaction) => void;
}

/** Runs the judgements and keeps the last outcome to be read out or tried again. */
function useReview({ categorize, approve }: TransactionList, onChosen: Always['propose']): Review {
  const [outcome, setOutcome] = useState<Pick<Review, 'said' | 'failure'>>({ said: '', failure: undefined });
  const run = (row: Transaction, said: string, act: () => Promise<void>): void => {
    act().then(
      () => {
        setOutcome({ said, failure: undefined });
      },
      (thrown: unknown) => {
        const title = `${nameOf(row)} could not be changed`;
        const retry = (): void => {
          run(row, said, act);
        };
        setOutcome({ said: '', failure: { title, error: toApiError(thrown), retry } });
      },
    );
  };
  return {
    ...outcome,
    categorize: (row, category) => {
      run(row, `${nameOf(row)} is now in ${category.name}.`, async () => {
        await categorize(row, category);
        onChosen({ row, category });
      });
    },
    approve: (row) => {
      run(row, `${nameOf(row)} is approved.`, () => approve(row));
    },
  };
}

interface TableProps {
  rows: Transaction[];
  categories: Category[];
  review: Review;
  always: Always;
  onRowClick: ((transaction: Transaction) => void) | undefined;
}

function Table({ rows, ...rest }: TableProps): ReactNode {
  return (
    <div className="ol-card ol-scroll">
      <table className="ol-table ol-transactions">
        <caption className="ol-hidden">Transactions, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Description</th>
            <th scope="col">Category</th>
            <th scope="col" className="ol-number">
              Amount
            </th>
            <th scope="col" className="ol-action">
              Status
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  row,
  categories,
  review,
  always,
  onRowClick,
}: Omit<TableProps, 'rows'> & { row: Transaction }): ReactNode {
  const { locale } = useOpenLedger();
  const amount = row.direction === 'out' ? `-${row.amountDecimal}` : row.amountDecimal;
  return (
    <tr data-slot="ol-transaction" data-pending={row.isPending || undefined}>
      <td className="ol-date">
        <time dateTime={row.date.slice(0, 10)}>{formatDate(row.date, locale)}</time>
      </td>
      <td className="ol-description">
        <Description {...{ row, onRowClick }} />
      </td>
      <td className="ol-category">
        {row.isPending ? (
          <span>{expectation(row)}</span>
        ) : (
          <>
            <CategoryPicker
              label={`Category of ${nameOf(row)}`}
              categories={categories}
              direction={row.direction}
              selected={row.category_id === null ? null : { id: row.category_id, name: row.category ?? '' }}
              onSelect={(category) => {
                review.categorize(row, category);
              }}
            />
            <Evidence row={row} />
            <AlwaysOffer {...{ always, row }} />
          </>
        )}
      </td>
      <td className="ol-number ol-amount" data-direction={row.direction}>
        <Money amount={amount} currency={row.currency} look="signed" />
      </td>
      <td className="ol-action">
        <Action {...{ row, review }} />
      </td>
    </tr>
  );
}

function originOf({ plaid_account: account }: Transaction): string {
  if (account === null) return 'Entered by hand';
  return account.mask === '' ? account.name : `${account.name} •• ${account.mask}`;
}

function Description({ row, onRowClick }: Pick<TableProps, 'onRowClick'> & { row: Transaction }): ReactNode {
  const name = nameOf(row);
  const details = [
    row.description === name ? null : row.description,
    originOf(row),
    row.splits.length === 0 ? null : `Split over ${String(row.splits.length)} categories`,
    row.excluded === null ? null : `Left out of the books: ${row.excluded.reason}`,
  ].filter((detail) => detail !== null);
  return (
    <>
      {onRowClick === undefined ? (
        <span className="ol-strong">{name}</span>
      ) : (
        <button
          type="button"
          className="ol-link ol-strong"
          onClick={() => {
            onRowClick(row);
          }}
        >
          {name}
        </button>
      )}
      <span className="ol-small ol-block">{details.join(' · ')}</span>
    </>
  );
}

/** What is left to do with the row: accept a better category, accept the one it has, or nothing. */
function Action({ row, review }: { row: Transaction; review: Review }): ReactNode {
  if (row.isPending) return <Badge>Pending</Badge>;
  if (!row.needsReview) {
    return (
      <span className="ol-state" data-tone="success">
        <Icon name="check" /> Posted
      </span>
    );
  }
  const { suggestedCategory: better } = row;
  if (better !== null && better.id !== row.category_id) {
    return (
      <Button
        aria-label={`Accept ${better.name} for ${nameOf(row)}`}
        onClick={(event) => {
          focusNext(event.currentTarget);
          review.categorize(row, better);
        }}
      >
        Accept
      </Button>
    );
  }
  return (
    <Button
      aria-label={`Approve ${nameOf(row)}`}
      onClick={(event) => {
        focusNext(event.currentTarget);
        review.approve(row);
      }}
    >
      Approve
    </Button>
  );
}

/** A settled row loses its button: the focus goes on to the next one, or else to the row's own category. */
function focusNext(button: HTMLElement): void {
  const buttons = [...(button.closest('tbody')?.querySelectorAll<HTMLElement>('.ol-action button') ?? [])];
  const next = buttons[buttons.indexOf(button) + 1] ?? button.closest('tr')?.querySelector('select');
  next?.focus();
}

function More({ list }: { list: TransactionList }): ReactNode {
  const { data, moreError, isLoadingMore, loadMore } = list;
  if (data?.hasMore !== true) return null;
  return (
    <div className="ol-more">
      {moreError === undefined ? null : <ErrorNote title="More rows could not be loaded" error={moreError} />}
      <Button isBusy={isLoadingMore} onClick={loadMore}>
        {isLoadingMore ? 'Loading…' : 'Load more'}
      </Button>
      <span className="ol-small">{data.transactions.length} shown</span>
    </div>
  );
}

function Nothing({ status }: { status: TransactionFilter['status'] }): ReactNode {
  if (status === 'PENDING') {
    return (
      <EmptyNote icon="check" title="Nothing left to review">
        <p className="ol-muted">Every imported transaction is categorised and booked.</p>
      </EmptyNote>
    );
  }
  return (
    <EmptyNote icon="list" title="No transactions yet">
      <p className="ol-muted">They arrive by themselves after a bank is connected.</p>
    </EmptyNote>
  );
}

/** A pending row is not booked yet; its category is a guess until it settles. */
function expectation({ suggestedCategory, category }: Transaction): string {
  const likely = suggestedCategory?.name ?? category;
  return likely === null ? 'Categorised once it settles' : `Likely ${likely}`;
}

function nameOf(row: Transaction): string {
  return row.counterparty ?? row.description;
}
