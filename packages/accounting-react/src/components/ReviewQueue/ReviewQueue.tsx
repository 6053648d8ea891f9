import { useRef, useState, type ReactNode } from 'react';
import type { Answer } from '../../client/call';
import type { Category, ReviewGroup } from '../../client/types';
import { formatDate } from '../../format/dates';
import { useReviewQueue } from '../../hooks/categorization';
import { useCategories } from '../../hooks/resources';
import { useChange, type Change } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { CategoryPicker } from '../TransactionTable/CategoryPicker';
import { Confidence } from '../TransactionTable/Evidence';

export interface ReviewQueueProps extends CommonProps {
  /** Groups shown at first, 1 to 100. @defaultValue 20 */
  pageSize?: number;
}

/** What nobody was sure of, by counterparty: one look and one click settle all rows of a group. */
export function ReviewQueue({ pageSize = 20, headingLevel = 2, ...rest }: ReviewQueueProps): ReactNode {
  return (
    <Surface slotName="review-queue" {...rest}>
      <ReviewBody {...{ pageSize, headingLevel }} />
    </Surface>
  );
}

const GROUPS_MAX = 100;

function ReviewBody({ pageSize, headingLevel }: { pageSize: number; headingLevel: number }): ReactNode {
  const [size, setSize] = useState(pageSize);
  const { data, error, isLoading, refetch } = useReviewQueue(size);
  const categories = useCategories().data?.categories ?? [];
  const deed = useChange('review');
  const title = useRef<HTMLDivElement>(null);
  const settle = useSettle(deed, () => title.current?.focus());
  const groups = data?.groups ?? [];
  return (
    <>
      <div className="ol-head">
        <div ref={title} tabIndex={-1}>
          <Heading level={headingLevel} className="ol-title">
            To review
          </Heading>
          {data === undefined ? null : (
            <p className="ol-muted">
              {data.summary.transactions} {data.summary.transactions === 1 ? 'transaction' : 'transactions'} in{' '}
              {data.summary.groups} {data.summary.groups === 1 ? 'group' : 'groups'}. What you choose is remembered.
            </p>
          )}
        </div>
      </div>
      <Announcer>{deed.said}</Announcer>
      {isLoading ? <Skeleton rows={5} label="Loading what is to review" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="What is to review could not be loaded" error={error} onRetry={refetch} />
      )}
      {deed.error === undefined ? null : <ErrorNote title="That did not work" error={deed.error} />}
      {data !== undefined && groups.length === 0 ? (
        <EmptyNote icon="check" title="Nothing left to review">
          <p className="ol-muted">Every settled transaction has a category that somebody or something is sure of.</p>
        </EmptyNote>
      ) : null}
      {groups.map((group) => (
        <Group
          key={`${group.key} ${group.direction} ${group.currency}`}
          {...{ group, categories, deed, settle, headingLevel }}
        />
      ))}
      {data?.hasMore === true && size < GROUPS_MAX ? (
        <div className="ol-more">
          <Button
            onClick={() => {
              setSize(GROUPS_MAX);
            }}
          >
            Show more groups
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** Without a category: approve what each has, or is suggested. */
type Settle = (group: ReviewGroup, ids: string[], category?: { id: string; name: string }) => void;

function useSettle(deed: Change, onDone: () => void): Settle {
  const { session } = useOpenLedger();
  return (group, ids, category) => {
    const decisions = ids.map((transactionId) => ({
      transactionId,
      ...(category === undefined ? {} : { categoryId: category.id }),
    }));
    const query = { entityId: session.entityId };
    void deed
      .run(
        () => session.client.call('post', '/v1/transactions/bulk-categorize', { query, body: { decisions } }),
        (answer) => outcome(group, answer, category?.name),
      )
      .then((answer) => {
        if (answer !== undefined) onDone();
      });
  };
}

function outcome(
  { name }: ReviewGroup,
  { results, failed }: Answer<'post', '/v1/transactions/bulk-categorize'>,
  category: string | undefined,
): string {
  const done = results.length - failed;
  const where = category === undefined ? 'approved' : `in ${category}`;
  const refused = results.find(({ success }) => !success)?.error;
  return `${String(done)} of ${name} ${where}.${failed === 0 ? '' : ` ${String(failed)} not: ${refused ?? ''}`}`;
}

interface GroupProps {
  group: ReviewGroup;
  categories: Category[];
  deed: Change;
  settle: Settle;
  headingLevel: number;
}

function Group({ group, categories, deed, settle, headingLevel }: GroupProps): ReactNode {
  const { locale } = useOpenLedger();
  const { name, direction, transactionCount: count, suggestion, transactionIds: ids } = group;
  // One counterparty may wait both ways, and in more than one currency.
  const label = `${name}, money ${direction}, ${group.currency}`;
  const amount = direction === 'out' ? `-${group.totalDecimal}` : group.totalDecimal;
  const dates =
    group.firstDate === group.lastDate
      ? formatDate(group.lastDate, locale)
      : `${formatDate(group.firstDate, locale)} – ${formatDate(group.lastDate, locale)}`;
  return (
    <section className="ol-card ol-group" data-slot="ol-review-group" aria-label={label}>
      <div className="ol-group-head">
        <div className="ol-grow">
          <Heading level={headingLevel + 1} className="ol-subtitle">
            {name}
          </Heading>
          <span className="ol-small">
            {count} {count === 1 ? 'transaction' : 'transactions'} · {dates}
          </span>
        </div>
        <strong>
          <Money {...{ amount }} currency={group.currency} look="signed" />
        </strong>
      </div>
      <p className="ol-evidence">
        <Confidence value={group.confidence} />
        {suggestion === null ? <Badge>No common suggestion</Badge> : null} <span>{group.reason}</span>
      </p>
      <div className="ol-buttons">
        {suggestion === null ? (
          <Button
            isBusy={deed.isBusy}
            aria-label={`Leave ${all(count)} as booked: ${name}`}
            onClick={() => {
              settle(group, ids);
            }}
          >
            Leave {all(count)} as booked
          </Button>
        ) : (
          <Button
            look="primary"
            isBusy={deed.isBusy}
            aria-label={`${suggestion.name} for ${all(count)}: ${name}`}
            onClick={() => {
              settle(group, ids, suggestion);
            }}
          >
            {suggestion.name} for {all(count)}
          </Button>
        )}
        <span className="ol-group-picker">
          <CategoryPicker
            label={`Another category for ${all(count)} of ${name}`}
            placeholder={suggestion === null ? `Category for ${all(count)}` : 'Another category'}
            {...{ categories, direction }}
            selected={null}
            onSelect={(category) => {
              settle(group, ids, category);
            }}
          />
        </span>
      </div>
      <details className="ol-details">
        <summary>
          {count > group.transactions.length ? `The newest ${String(group.transactions.length)}` : 'One by one'}
        </summary>
        <ul className="ol-connection-accounts">
          {group.transactions.map((row) => (
            <li key={row.id}>
              <div className="ol-grow">
                <span className="ol-block">{row.description}</span>
                <span className="ol-small">
                  {formatDate(row.date, locale)} · {row.plaid_account?.name ?? ''}
                </span>
              </div>
              <Money
                amount={row.direction === 'out' ? `-${row.amountDecimal}` : row.amountDecimal}
                currency={row.currency}
                look="signed"
              />
              <CategoryPicker
                label={`Category of ${row.description}, ${formatDate(row.date, locale)}`}
                {...{ categories, direction }}
                selected={null}
                onSelect={(category) => {
                  settle(group, [row.id], category);
                }}
              />
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function all(count: number): string {
  return count === 1 ? 'it' : `all ${String(count)}`;
}
