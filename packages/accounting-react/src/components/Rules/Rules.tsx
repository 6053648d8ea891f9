import { useState, type ReactNode } from 'react';
import type { Rule, RuleSuggestion } from '../../client/types';
import { useRules, useRuleSuggestions } from '../../hooks/categorization';
import { useChange, type Change } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Icon } from '../../ui/icons';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { RuleForm } from './RuleForm';
import { Runs } from './Runs';
import { splitWords } from './split';

/** An entity's rules: make, try on history, order, apply to the past, undo. */
export function Rules({ headingLevel = 2, ...rest }: CommonProps): ReactNode {
  return (
    <Surface slotName="rules" {...rest}>
      <RulesBody headingLevel={headingLevel} />
    </Surface>
  );
}

function RulesBody({ headingLevel }: { headingLevel: number }): ReactNode {
  const { data, error, isLoading, refetch } = useRules();
  const deed = useChange('rules');
  const [edited, setEdited] = useState<Rule | RuleSuggestion | 'new'>();
  const [deleted, setDeleted] = useState<Rule>();
  const rules = data?.rules ?? [];
  const close = (): void => {
    setEdited(undefined);
  };
  const remove = useDelete(deed);
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Rules
          </Heading>
          <p className="ol-muted">The first rule that finds a transaction decides. What you chose yourself stays.</p>
        </div>
        <Button
          look="primary"
          onClick={() => {
            setEdited('new');
          }}
        >
          <Icon name="plus" /> New rule
        </Button>
      </div>
      <Announcer>{deed.said}</Announcer>
      {deed.error === undefined || deleted !== undefined ? null : (
        <ErrorNote title="That did not work" error={deed.error} />
      )}
      {edited === undefined ? null : (
        <RuleForm
          key={idOf(edited)}
          rule={edited === 'new' ? undefined : edited}
          {...{ headingLevel }}
          onDone={close}
        />
      )}
      <Suggestions onTake={setEdited} headingLevel={headingLevel + 1} />
      {isLoading ? <Skeleton rows={3} label="Loading your rules" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="Your rules could not be loaded" error={error} onRetry={refetch} />
      )}
      {data !== undefined && rules.length === 0 ? (
        <EmptyNote icon="list" title="No rules yet">
          <p className="ol-muted">
            What you choose for a merchant is remembered anyway. A rule is for what memory cannot know: amounts, words,
            accounts.
          </p>
        </EmptyNote>
      ) : null}
      {rules.length === 0 ? null : (
        <ol className="ol-card ol-rules" aria-label="Rules, in the order they are asked">
          {rules.map((rule, index) => (
            <RuleItem
              key={rule.id}
              {...{ rule, index, rules, deed }}
              onEdit={() => {
                setEdited(rule);
              }}
              onDelete={() => {
                deed.forget();
                setDeleted(rule);
              }}
            />
          ))}
        </ol>
      )}
      <Runs />
      {deleted === undefined ? null : (
        <ConfirmDialog
          title={`Delete the rule “${deleted.name}”?`}
          confirmLabel="Delete"
          cancelLabel="Keep it"
          isBusy={deed.isBusy}
          error={deed.error}
          onConfirm={() => {
            void remove(deleted).then((isDone) => {
              if (isDone) setDeleted(undefined);
            });
          }}
          onCancel={() => {
            setDeleted(undefined);
            deed.forget();
          }}
        >
          <ul className="ol-facts">
            <li>It decides no more transactions from now on.</li>
            <li>What it decided so far stays as it is.</li>
          </ul>
        </ConfirmDialog>
      )}
    </>
  );
}

function idOf(edited: Rule | RuleSuggestion | 'new'): string {
  return edited === 'new' ? edited : 'id' in edited ? edited.id : edited.transactionId;
}

function useDelete(deed: Change): (rule: Rule) => Promise<boolean> {
  const { client, entityId } = useOpenLedger().session;
  return async ({ id, name }) => {
    const path = { rule_id: id };
    const answer = await deed.run(
      () => client.call('delete', '/v1/rules/{rule_id}', { path, query: { entityId } }),
      () => `The rule ${name} is deleted.`,
    );
    return answer !== undefined;
  };
}

interface RuleItemProps {
  rule: Rule;
  index: number;
  rules: Rule[];
  deed: Change;
  onEdit: () => void;
  onDelete: () => void;
}

function RuleItem({ rule, index, rules, deed, onEdit, onDelete }: RuleItemProps): ReactNode {
  const { session, locale } = useOpenLedger();
  const { client, entityId } = session;
  const { id, name, enabled } = rule;
  const count = new Intl.NumberFormat(locale).format(rule.transactionCount);
  const { isBusy } = deed;
  const switchOver = (): void => {
    const { condition, action, position } = rule;
    const body = { name, condition, action, position, enabled: !enabled };
    void deed.run(
      () => client.call('put', '/v1/rules/{rule_id}', { path: { rule_id: id }, query: { entityId }, body }),
      () => `${name} is ${enabled ? 'off' : 'on'}.`,
    );
  };
  const moveUp = (): void => {
    const ids = rules.map((one) => one.id);
    ids.splice(index - 1, 2, id, ids[index - 1] ?? '');
    void deed.run(
      () => client.call('put', '/v1/rules/order', { query: { entityId }, body: { ruleIds: ids } }),
      () => `${name} is asked earlier.`,
    );
  };
  return (
    <li data-slot="ol-rule" data-off={!enabled || undefined}>
      <div className="ol-grow">
        <span className="ol-strong">{name}</span> {enabled ? null : <Badge>Off</Badge>}
        <span className="ol-block">
          {rule.words} → <strong>{doing(rule)}</strong>
        </span>
        <span className="ol-small ol-block">
          {rule.transactionCount === 0 ? 'Has decided nothing yet' : `${count} transactions decided`}
        </span>
      </div>
      <div className="ol-buttons">
        {index === 0 ? null : (
          <Button look="quiet" {...{ isBusy }} onClick={moveUp} aria-label={`Ask earlier: ${name}`}>
            Ask earlier
          </Button>
        )}
        <Button look="quiet" onClick={onEdit} aria-label={`Edit ${name}`}>
          Edit
        </Button>
        <Button look="quiet" {...{ isBusy }} onClick={switchOver} aria-label={`Turn ${enabled ? 'off' : 'on'} ${name}`}>
          Turn {enabled ? 'off' : 'on'}
        </Button>
        <Button look="quiet" onClick={onDelete} aria-label={`Delete… ${name}`}>
          Delete…
        </Button>
      </div>
    </li>
  );
}

/** What a rule does, in words. */
export function doing({ action }: Pick<Rule, 'action'>): string {
  if (action.transfer) return 'transfer between own accounts';
  if (action.exclude) return 'left out of the books';
  const called = action.counterparty === null ? '' : `called ${action.counterparty}`;
  const place = action.split ? `split: ${splitWords(action.split)}` : (action.categoryName ?? '');
  return [place, called].filter((words) => words !== '').join(', ');
}

interface SuggestionsProps {
  onTake: (suggestion: RuleSuggestion) => void;
  headingLevel: number;
}

/** Decisions that were made again and again, offered as rules. */
function Suggestions({ onTake, headingLevel }: SuggestionsProps): ReactNode {
  const suggestions = useRuleSuggestions().data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <section className="ol-card" data-slot="ol-rule-suggestions">
      <Heading level={headingLevel} className="ol-subtitle">
        Worth a rule
      </Heading>
      <ul className="ol-connection-accounts ol-suggestions">
        {suggestions.map((suggestion) => (
          <li key={suggestion.transactionId}>
            <div className="ol-grow">
              <span className="ol-block">
                {suggestion.words} → <strong>{doing(suggestion)}</strong>
              </span>
              <span className="ol-small">
                You chose this {suggestion.decisions} times, {suggestion.corrections} times against what was suggested.
              </span>
            </div>
            <Button
              aria-label={`Make a rule: ${suggestion.name}`}
              onClick={() => {
                onTake(suggestion);
              }}
            >
              Make a rule
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
