import { useState, type ReactNode } from 'react';
import type { JournalEntry } from '../../client/types';
import { formatDate, type PeriodName } from '../../format/dates';
import { useCategories, usePeriods } from '../../hooks/resources';
import { useChange } from '../../hooks/useChange';
import { usePages } from '../../hooks/usePages';
import { useOpenLedger } from '../../provider/context';
import { Badge, type Tone } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { ChoiceField, TextField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { Money } from '../../ui/Money';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { ScrollBox } from '../../ui/ScrollBox';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { choose, PeriodPicker } from '../ReportTable/report-parts';
import { EntryForm } from './EntryForm';

export interface JournalEntriesProps extends CommonProps {
  /** The period shown first. @defaultValue 'this-month' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
  /** Whether entries can be written and taken back. @defaultValue true */
  isEditable?: boolean;
}

/** The journal, newest first: read it, write entries of any number of lines, take them back. */
export function JournalEntries(props: JournalEntriesProps): ReactNode {
  const { defaultPeriod = 'this-month', isEditable = true, headingLevel = 2, ...rest } = props;
  return (
    <Surface slotName="journal-entries" {...rest}>
      <Journal defaultPeriod={defaultPeriod} isEditable={isEditable} headingLevel={headingLevel} />
    </Surface>
  );
}

interface JournalProps {
  defaultPeriod: Exclude<PeriodName, 'custom'>;
  isEditable: boolean;
  headingLevel: number;
}

function Journal({ defaultPeriod, isEditable, headingLevel }: JournalProps): ReactNode {
  const [period, setPeriod] = useState(() => choose(defaultPeriod));
  const [accountId, setAccountId] = useState('');
  const [isWriting, setIsWriting] = useState(false);
  const [reversed, setReversed] = useState<JournalEntry>();
  const [said, setSaid] = useState('');
  const categories = useCategories().data?.categories ?? [];
  const { startDate, endDate } = period;
  const { pages, error, isLoading, hasMore, loadMore, refetch } = usePages('/v1/journal-entries', {
    startDate,
    endDate,
    accountId: accountId === '' ? undefined : accountId,
  });
  const entries = pages.flatMap(({ journalEntries }) => journalEntries);
  const done = (text: string): void => {
    setIsWriting(false);
    setReversed(undefined);
    setSaid(text);
    refetch();
  };
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Journal
          </Heading>
          <p className="ol-muted">Every entry of the books, newest first. Nothing is ever changed; it is reversed.</p>
        </div>
        {isEditable ? (
          <Button
            look="primary"
            onClick={() => {
              setIsWriting(true);
            }}
          >
            <Icon name="plus" /> New entry
          </Button>
        ) : null}
      </div>
      <HeldNote />
      <div className="ol-card">
        <div className="ol-period ol-filters">
          <PeriodPicker value={period} onChange={setPeriod} />
          <ChoiceField
            label="Ledger account"
            value={accountId}
            emptyLabel="All"
            options={categories.map(({ id, code, name }) => ({ value: id, label: `${String(code)} ${name}` }))}
            onChange={setAccountId}
          />
        </div>
        {error === undefined ? null : (
          <ErrorNote title="The journal could not be loaded" error={error} onRetry={refetch} />
        )}
        {entries.length > 0 ? (
          <EntryTable entries={entries} isEditable={isEditable} onReverse={setReversed} />
        ) : isLoading || error !== undefined ? null : (
          <EmptyNote icon="list" title="No entries in this period" />
        )}
        {isLoading ? <Skeleton rows={5} label="Loading the journal" /> : null}
        {hasMore && !isLoading ? (
          <div className="ol-more">
            <Button onClick={loadMore}>Load more</Button>
          </div>
        ) : null}
      </div>
      <Announcer>{said}</Announcer>
      {isWriting ? (
        <EntryForm
          onClose={() => {
            setIsWriting(false);
          }}
          onPosted={() => {
            done('The entry was posted.');
          }}
        />
      ) : null}
      {reversed === undefined ? null : (
        <ReverseDialog
          entry={reversed}
          onClose={() => {
            setReversed(undefined);
          }}
          onReversed={() => {
            done('The entry was reversed.');
          }}
        />
      )}
    </>
  );
}

/** What is not in the journal yet, because the books do not take it as they are. */
function HeldNote(): ReactNode {
  const { locale } = useOpenLedger();
  const { data } = usePeriods();
  if (data === undefined) return null;
  const { periodClosed, rateMissing } = data.held;
  if (periodClosed + rateMissing === 0) return null;
  const closed =
    data.closedThrough === null ? '' : ` The books are closed through ${formatDate(data.closedThrough, locale)}.`;
  return (
    <div className="ol-note" data-tone="warning">
      <Icon name="clock" />
      <div className="ol-note-text">
        <strong>Held, and not in the journal yet</strong>
        {periodClosed === 0 ? null : (
          <p>
            {counted(periodClosed)} for a closed period.{closed} They are booked once it is opened again.
          </p>
        )}
        {rateMissing === 0 ? null : <p>{counted(rateMissing)} for an exchange rate.</p>}
      </div>
    </div>
  );
}

function counted(count: number): string {
  return count === 1 ? '1 bank transaction waits' : `${String(count)} bank transactions wait`;
}

interface EntryTableProps {
  entries: JournalEntry[];
  isEditable: boolean;
  onReverse: (entry: JournalEntry) => void;
}

const STATES: Record<JournalEntry['status'], { label: string; tone: Tone } | undefined> = {
  POSTED: undefined,
  REVERSED: { label: 'Reversed', tone: 'warning' },
  REVERSAL: { label: 'Reversal', tone: 'neutral' },
};

function EntryTable({ entries, isEditable, onReverse }: EntryTableProps): ReactNode {
  const { locale } = useOpenLedger();
  return (
    <ScrollBox label="Journal entries">
      <table className="ol-table ol-journal">
        <caption className="ol-hidden">Journal entries</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Entry</th>
            <th scope="col" className="ol-number">
              Debit
            </th>
            <th scope="col" className="ol-number">
              Credit
            </th>
          </tr>
        </thead>
        {entries.map((entry) => {
          const state = STATES[entry.status];
          return (
            <tbody key={entry.id} data-status={entry.status}>
              <tr className="ol-entry">
                <td className="ol-nowrap">{formatDate(entry.date, locale)}</td>
                <th scope="rowgroup" colSpan={3}>
                  <span className="ol-strong">{entry.description === '' ? 'No description' : entry.description}</span>{' '}
                  {state === undefined ? null : <Badge tone={state.tone}>{state.label}</Badge>}
                  {isEditable && entry.isReversible ? (
                    <Button
                      look="quiet"
                      aria-label={`Reverse ${entry.description === '' ? 'the entry' : entry.description}`}
                      onClick={() => {
                        onReverse(entry);
                      }}
                    >
                      Reverse
                    </Button>
                  ) : null}
                  <span className="ol-small ol-block">{originOf(entry)}</span>
                </th>
              </tr>
              {entry.lines.map((line, index) => (
                <tr key={index}>
                  <td />
                  <td>
                    <span className="ol-code">{line.accountCode}</span>
                    {line.accountName}
                    {line.memo === '' ? null : <span className="ol-small ol-block">{line.memo}</span>}
                  </td>
                  <td className="ol-number">
                    {line.debitDecimal === null ? null : <Money amount={line.debitDecimal} currency={line.currency} />}
                  </td>
                  <td className="ol-number">
                    {line.creditDecimal === null ? null : (
                      <Money amount={line.creditDecimal} currency={line.currency} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          );
        })}
      </table>
    </ScrollBox>
  );
}

const ORIGINS: Record<string, string> = {
  bank_transaction: 'From the bank',
  manual_entry: 'Written by hand',
  opening_balance: 'Opening balance',
  reversal: 'Reversal',
};

/** Where an entry comes from, who made it, and why. */
function originOf({ source, by, reason }: JournalEntry): string {
  const origin = ORIGINS[source.type] ?? source.type.replaceAll('_', ' ');
  return [origin, by.name, reason].filter((part) => part !== '').join(' · ');
}

interface ReverseDialogProps {
  entry: JournalEntry;
  onClose: () => void;
  onReversed: () => void;
}

function ReverseDialog({ entry, onClose, onReversed }: ReverseDialogProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/journal-entries');
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title="Reverse this entry?"
      confirmLabel="Reverse"
      cancelLabel="Keep it"
      isBusy={change.isBusy}
      error={change.error}
      onCancel={onClose}
      onConfirm={() => {
        void change
          .run(() =>
            session.client.call('post', '/v1/journal-entries/{journal_entry_id}/reverse', {
              path: { journal_entry_id: entry.id },
              query: { entityId: session.entityId },
              body: { reason },
            }),
          )
          .then((answer) => {
            if (answer !== undefined) onReversed();
          });
      }}
    >
      <p>A second entry on the same day undoes it. Both stay in the journal.</p>
      <div className="ol-filters">
        <TextField label="Reason (kept in the journal)" value={reason} maxLength={1000} onChange={setReason} />
      </div>
    </ConfirmDialog>
  );
}
