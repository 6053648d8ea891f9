import { useState, type ReactNode } from 'react';
import type { Answer } from '../../client/call';
import type { Transaction } from '../../client/types';
import { useChange, type Change } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/icons';
import { Announcer, ErrorNote } from '../../ui/notes';

interface Choice {
  row: Transaction;
  category: { id: string; name: string };
}

export interface Always {
  /** The choice that was made last, as long as it may become a rule. */
  offer: Choice | undefined;
  deed: Change;
  done: { text: string; runId: string | null } | undefined;
  /** Offers a rule after a choice; a row that names nobody gets no offer. */
  propose: (choice: Choice) => void;
  accept: (appliesToPast: boolean) => void;
  undo: () => void;
  dismiss: () => void;
}

/** "Always for this merchant", after a category was chosen: a rule for rows to come, and for earlier ones if wanted. */
export function useAlways(): Always {
  const { client, entityId } = useOpenLedger().session;
  const deed = useChange('transactions.always');
  const [offer, setOffer] = useState<Choice>();
  const [done, setDone] = useState<Always['done']>();
  const query = { entityId };

  const accept = async (appliesToPast: boolean): Promise<void> => {
    if (offer === undefined) return;
    const { row, category } = offer;
    const body = { transactionId: row.id, categoryId: category.id, always: true, applyToPast: appliesToPast };
    const answer = await deed.run(
      () => client.call('post', '/v1/transactions/categorize', { query, body }),
      (made) => ruleText(offer, made),
    );
    if (answer === undefined) return;
    setOffer(undefined);
    setDone({ text: ruleText(offer, answer), runId: answer.runId });
  };
  const undo = async (): Promise<void> => {
    const runId = done?.runId;
    if (runId === undefined || runId === null) return;
    const answer = await deed.run(
      () => client.call('post', '/v1/categorization/runs/{run_id}/undo', { path: { run_id: runId }, query }),
      ({ run }) => `${String(run.restored ?? 0)} earlier ones are as they were.`,
    );
    if (answer !== undefined) {
      setDone({
        text: `${String(answer.run.restored ?? 0)} earlier ones are as they were. The rule stays.`,
        runId: null,
      });
    }
  };
  return {
    offer,
    deed,
    done,
    propose: (choice) => {
      setDone(undefined);
      deed.forget();
      setOffer(choice.row.counterparty === null ? undefined : choice);
    },
    accept: (appliesToPast) => void accept(appliesToPast),
    undo: () => void undo(),
    dismiss: () => {
      setOffer(undefined);
      setDone(undefined);
    },
  };
}

function ruleText({ row, category }: Choice, { changedBefore }: Answer<'post', '/v1/transactions/categorize'>): string {
  const earlier =
    changedBefore === 0
      ? ''
      : ` ${String(changedBefore)} earlier ${changedBefore === 1 ? 'one was' : 'ones were'} changed.`;
  return `${row.counterparty ?? row.description} goes to ${category.name} from now on.${earlier}`;
}

/** The question below the row whose category was chosen just now. */
export function AlwaysOffer({ always, row }: { always: Always; row: Transaction }): ReactNode {
  const { offer, deed } = always;
  if (offer?.row.id !== row.id) return null;
  const name = row.counterparty ?? row.description;
  return (
    <div className="ol-offer" role="group" aria-label={`Always ${offer.category.name} for ${name}?`}>
      <span>
        Always {offer.category.name} for {name}?
      </span>
      <Button
        isBusy={deed.isBusy}
        onClick={() => {
          always.accept(false);
        }}
      >
        From now on
      </Button>
      <Button
        isBusy={deed.isBusy}
        onClick={() => {
          always.accept(true);
        }}
      >
        Earlier ones too
      </Button>
      <Button look="quiet" onClick={always.dismiss}>
        Just this one
      </Button>
    </div>
  );
}

/** What became of it, above the list, with the way back. */
export function AlwaysResult({ always }: { always: Always }): ReactNode {
  const { done, deed } = always;
  return (
    <>
      <Announcer>{deed.said}</Announcer>
      {deed.error === undefined ? null : <ErrorNote title="The rule could not be made" error={deed.error} />}
      {done === undefined ? null : (
        <div className="ol-note" data-tone="success" data-slot="ol-always-result">
          <Icon name="check" />
          <span className="ol-note-text">{done.text}</span>
          {done.runId === null ? null : (
            <Button isBusy={deed.isBusy} onClick={always.undo}>
              Undo the earlier ones
            </Button>
          )}
          <Button look="quiet" onClick={always.dismiss}>
            Close
          </Button>
        </div>
      )}
    </>
  );
}
