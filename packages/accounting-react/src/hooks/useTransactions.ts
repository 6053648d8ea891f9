import { useCallback, useRef, useState } from 'react';
import { requestUrl } from '../client/call';
import { ApiError, isAbort, toApiError } from '../client/errors';
import type { Session } from '../client/session';
import type { Transaction, TransactionPage } from '../client/types';
import { useOpenLedger } from '../provider/context';
import { useResource, type Resource } from './useResource';

export interface TransactionFilter {
  /** PENDING awaits review or the bank, POSTED is booked and settled; without it, all. */
  status?: 'PENDING' | 'POSTED' | undefined;
  bankAccountId?: string | undefined;
  /** @defaultValue 50 */
  pageSize?: number | undefined;
}

export interface TransactionList extends Resource<TransactionPage> {
  isLoadingMore: boolean;
  moreError: ApiError | undefined;
  loadMore: () => void;
  /** Puts a bank transaction in a category: shown at once, taken back if the server refuses. Rejects with ApiError. */
  categorize: (row: Transaction, category: { id: string; name: string }) => Promise<void>;
  /** Accepts the category as it is. Rejects with ApiError. */
  approve: (row: Transaction) => Promise<void>;
}

const PAGE_SIZE = 50;

/** Bank transactions, newest first, page by page, with the two judgements a person can give. */
export function useTransactions(filter: TransactionFilter): TransactionList {
  const { session } = useOpenLedger();
  const query = {
    entityId: session.entityId,
    pageSize: filter.pageSize ?? PAGE_SIZE,
    ...(filter.status === undefined ? {} : { status: filter.status }),
    ...(filter.bankAccountId === undefined ? {} : { bankAccountId: filter.bankAccountId }),
  };
  const key = requestUrl('/v1/transactions', query);
  const list = useResource('/v1/transactions', query);
  const more = useMore(session, key, list.data?.nextCursor ?? null);

  const categorize = useCallback(
    async (row: Transaction, category: { id: string; name: string }) => {
      await change(session, key, row, chosen(row, category), () =>
        session.client.call('post', '/v1/transactions/categorize', {
          query: { entityId: session.entityId },
          body: { transactionId: row.id, categoryId: category.id },
        }),
      );
    },
    [session, key],
  );
  const approve = useCallback(
    async (row: Transaction) => {
      await change(session, key, row, { ...row, needsReview: false, status: 'POSTED' }, async () => {
        const answer = await session.client.call('put', '/v1/transactions/approve', {
          query: { entityId: session.entityId },
          body: { transactionIds: [row.id] },
        });
        const refused = answer.results.find(({ success }) => !success);
        if (refused !== undefined) throw refusal(refused.error);
      });
    },
    [session, key],
  );
  return { ...list, ...more, categorize, approve };
}

type More = Pick<TransactionList, 'isLoadingMore' | 'moreError' | 'loadMore'>;

function useMore(session: Session, key: string, cursor: string | null): More {
  const [state, setState] = useState<{ key: string; isLoading: boolean; error?: ApiError }>();
  const pending = useRef<string>(undefined);
  const loadMore = useCallback(() => {
    if (cursor === null || pending.current === key) return;
    pending.current = key;
    setState({ key, isLoading: true });
    const url = `${key}&${requestUrl('', { cursor }).slice(1)}`;
    session.client
      .request('get', url)
      .then((answer) => {
        session.cache.update(key, (held) => appended(held as TransactionPage, answer as TransactionPage, cursor));
        setState({ key, isLoading: false });
      })
      .catch((thrown: unknown) => {
        if (!isAbort(thrown)) setState({ key, isLoading: false, error: session.report(thrown, '/v1/transactions') });
      })
      .finally(() => {
        pending.current = undefined;
      });
  }, [session, key, cursor]);
  // State of another list says nothing about this one.
  const current = state?.key === key ? state : undefined;
  return { isLoadingMore: current?.isLoading ?? false, moreError: current?.error, loadMore };
}

/** A page that belongs behind another end of the list, because the list was loaded again meanwhile, is dropped. */
function appended(held: TransactionPage, page: TransactionPage, cursor: string): TransactionPage {
  if (held.nextCursor !== cursor) return held;
  return { ...page, transactions: [...held.transactions, ...page.transactions] };
}

async function change(
  session: Session,
  key: string,
  before: Transaction,
  after: Transaction,
  send: () => Promise<unknown>,
): Promise<void> {
  const show = (row: Transaction): void => {
    session.cache.update(key, (held) => withRow(held as TransactionPage, row));
  };
  show(after);
  try {
    await send();
  } catch (thrown) {
    show(before);
    throw session.report(toApiError(thrown), '/v1/transactions');
  }
  session.invalidateBooks(key);
}

function withRow(page: TransactionPage, row: Transaction): TransactionPage {
  return { ...page, transactions: page.transactions.map((known) => (known.id === row.id ? row : known)) };
}

/** A person's choice settles the row and leaves nothing to guess. */
function chosen(row: Transaction, category: { id: string; name: string }): Transaction {
  return {
    ...row,
    category: category.name,
    category_id: category.id,
    suggestedCategory: null,
    confidence: null,
    decidedBy: 'person',
    reason: null,
    needsReview: false,
    status: 'POSTED',
  };
}

/** The batch went through, but not for this row. */
function refusal(text: string | null): ApiError {
  return new ApiError(409, 'NOT_APPROVED', text ?? 'The transaction could not be approved.');
}
