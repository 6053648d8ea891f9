import { useState, type ReactNode } from 'react';
import type { BookingSettings, Category, LinkedAccount } from '../../client/types';
import { formatDate, todayOf } from '../../format/dates';
import { formatMoney } from '../../format/money';
import { useAllAccounts, useBookingSettings, useCategories } from '../../hooks/resources';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ChoiceField, TextField } from '../../ui/Field';
import { Announcer, ErrorNote, ObstacleNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { changeOf, draftOf, obstacleOf, type Draft } from './draft';

export interface AccountBookingProps extends CommonProps {
  /** The bank account's id, as `useAccounts` gives it. */
  accountId: string;
}

/** How a bank account is booked: where its books begin, in which ledger account, and with which opening balance. */
export function AccountBooking({ accountId, headingLevel = 2, ...rest }: AccountBookingProps): ReactNode {
  return (
    <Surface slotName="account-booking" {...rest}>
      <Booking accountId={accountId} headingLevel={headingLevel} />
    </Surface>
  );
}

function Booking({ accountId, headingLevel }: { accountId: string; headingLevel: number }): ReactNode {
  const { data: settings, error, refetch } = useBookingSettings(accountId);
  const linked = useAllAccounts().data?.accounts;
  const chart = useCategories().data?.categories;
  const account = linked?.find(({ id }) => id === accountId);
  return (
    <>
      <Heading level={headingLevel} className="ol-subtitle">
        How {account?.accountName ?? 'the account'} is booked
      </Heading>
      {error === undefined ? null : <ErrorNote title="This could not be loaded" error={error} onRetry={refetch} />}
      {settings !== undefined && account !== undefined && chart !== undefined ? (
        <>
          <Facts {...{ settings, account }} />
          <BookingForm {...{ settings, account }} options={optionsOf(account, linked ?? [], chart)} />
        </>
      ) : error === undefined ? (
        <Skeleton label="Loading how it is booked" />
      ) : null}
    </>
  );
}

interface OfAccount {
  settings: BookingSettings;
  account: LinkedAccount;
}

/** What is true now, in sentences. */
function Facts({ settings, account }: OfAccount): ReactNode {
  const { locale } = useOpenLedger();
  const { oldestTransactionOn, openingBalance } = settings;
  return (
    <p className="ol-small">
      {oldestTransactionOn === null
        ? 'The bank has given no transactions yet. '
        : `The bank’s history reaches back to ${formatDate(oldestTransactionOn, locale)}. `}
      {openingBalance === null
        ? 'There is no opening balance yet.'
        : `The books begin on ${formatDate(openingBalance.date, locale)} with an opening balance of ${formatMoney(
            openingBalance.amount,
            account.currency,
            locale,
          )}, ${openingBalance.source === 'given' ? 'as given' : 'computed so that they match the bank'}.`}
    </p>
  );
}

interface Option {
  value: string;
  label: string;
}

const NEW = 'new';

/** The ledger accounts that it may feed: its own, and those of its kind that no other bank account feeds. */
function optionsOf(account: LinkedAccount, linked: LinkedAccount[], chart: Category[]): Option[] {
  const kind = isOwed(account) ? 'LIABILITY' : 'ASSET';
  const taken = new Set(
    linked.filter(({ id, unlinkedAt }) => id !== account.id && unlinkedAt === null).map((one) => one.ledgerAccountId),
  );
  const fits = ({ id, type, systemRole, currency }: Category): boolean =>
    id === account.ledgerAccountId ||
    (type === kind && systemRole === null && !taken.has(id) && (currency === null || currency === account.currency));
  return [
    ...chart.filter(fits).map(({ id, code, name }) => ({ value: id, label: `${String(code)} ${name}` })),
    { value: NEW, label: 'A new ledger account…' },
  ];
}

function isOwed({ accountType }: LinkedAccount): boolean {
  return accountType === 'credit' || accountType === 'loan';
}

function BookingForm({ settings, account, options }: OfAccount & { options: Option[] }): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/banks/accounts/settings');
  const [draft, setDraft] = useState(() => draftOf(settings));
  const [isTried, setIsTried] = useState(false);
  const today = todayOf(new Date());
  const obstacle = obstacleOf(draft, today);
  const set = (part: Partial<Draft>): void => {
    change.forget();
    setDraft({ ...draft, ...part });
  };
  const save = (): void => {
    setIsTried(true);
    if (obstacle !== undefined) return;
    const query = { entityId: session.entityId };
    const send = async (): Promise<unknown> => {
      let { ledgerAccountId } = draft;
      if (ledgerAccountId === NEW) {
        const type = isOwed(account) ? 'LIABILITY' : 'ASSET';
        const body = { name: draft.newName.trim(), type, description: '' } as const;
        ledgerAccountId = (await session.client.call('post', '/v1/categories', { query, body })).category.id;
      }
      const path = { account_id: account.id };
      const body = changeOf(draft, ledgerAccountId);
      const answer = await session.client.call('patch', '/v1/banks/accounts/{account_id}/settings', {
        query,
        path,
        body,
      });
      setDraft(draftOf(answer));
      return answer;
    };
    void change.run(send, () => 'Saved. The books follow at once; no transaction is lost.');
  };
  return (
    <form
      className="ol-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="ol-period">
        <ChoiceField
          label="Ledger account"
          value={draft.ledgerAccountId}
          options={options}
          onChange={(ledgerAccountId) => {
            set({ ledgerAccountId });
          }}
        />
        {draft.ledgerAccountId === NEW ? (
          <TextField
            label="Its name"
            value={draft.newName}
            maxLength={255}
            onChange={(newName) => {
              set({ newName });
            }}
          />
        ) : null}
      </div>
      <div className="ol-period">
        <ChoiceField
          label="Opening balance"
          value={draft.isGiven ? 'given' : 'computed'}
          options={[
            { value: 'computed', label: 'Computed, so that the books match the bank' },
            { value: 'given', label: 'I know it' },
          ]}
          onChange={(next) => {
            set({ isGiven: next === 'given' });
          }}
        />
        {draft.isGiven ? (
          <TextField
            label={isOwed(account) ? `Amount owed in ${account.currency}` : `Amount in ${account.currency}`}
            inputMode="decimal"
            autoComplete="off"
            value={draft.amount}
            onChange={(amount) => {
              set({ amount });
            }}
          />
        ) : null}
        <TextField
          label={draft.isGiven ? 'At the beginning of' : 'The books begin on'}
          type="date"
          max={today}
          value={draft.start}
          onChange={(start) => {
            set({ start });
          }}
        />
      </div>
      <p className="ol-small">
        {draft.isGiven
          ? 'The books begin on that day with that amount; older transactions are kept and not booked.'
          : 'Without a day the books begin with the first transaction. With one, older transactions are kept and not booked.'}
      </p>
      {isTried && obstacle !== undefined ? <ObstacleNote>{obstacle}</ObstacleNote> : null}
      {change.error === undefined ? null : <ErrorNote title="That was not changed" error={change.error} />}
      <Announcer>{change.said}</Announcer>
      <div className="ol-buttons">
        <Button type="submit" look="primary" isBusy={change.isBusy}>
          {change.isBusy ? 'Saving…' : 'Save'}
        </Button>
        {change.said === '' ? null : (
          <span className="ol-state" data-tone="success" aria-hidden="true">
            {change.said}
          </span>
        )}
      </div>
    </form>
  );
}
