import { useState, type ReactNode } from 'react';
import type { Rule, RulePreview, RuleSuggestion } from '../../client/types';
import { useAccounts, useCategories } from '../../hooks/resources';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ErrorNote } from '../../ui/notes';
import { Heading } from '../../ui/Surface';
import { CategoryPicker } from '../TransactionTable/CategoryPicker';
import { conditionOf, NO_CONDITION, simpleOf, type Json, type SimpleCondition } from './conditions';
import { PreviewResult } from './PreviewResult';

interface RuleFormProps {
  /** The rule to change, or a suggestion to start from; nothing for a new rule. */
  rule: Rule | RuleSuggestion | undefined;
  headingLevel: number;
  onDone: () => void;
}

interface Draft {
  name: string;
  simple: SimpleCondition;
  categoryId: string;
  isTransfer: boolean;
}

/** Makes or changes a rule: what it finds, what it does, and what that would change, before anything is stored. */
export function RuleForm({ rule, headingLevel, onDone }: RuleFormProps): ReactNode {
  const { client, entityId } = useOpenLedger().session;
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule));
  const [preview, setPreview] = useState<RulePreview>();
  const [appliesToPast, setAppliesToPast] = useState(false);
  const deed = useChange('rules.form');
  const id = rule !== undefined && 'id' in rule ? rule.id : undefined;
  // What the form cannot show stays as it is.
  const isFixed = rule !== undefined && simpleOf(rule.condition) === null;
  const condition: Json | null = isFixed ? rule.condition : conditionOf(draft.simple);
  const isComplete = condition !== null && (draft.isTransfer || draft.categoryId !== '');
  const action = draft.isTransfer
    ? { transfer: true, counterparty: counterpartyOf(rule) }
    : { categoryId: draft.categoryId, transfer: false, counterparty: counterpartyOf(rule) };

  const change = (given: Partial<Draft>): void => {
    setDraft({ ...draft, ...given });
    setPreview(undefined);
  };
  const look = async (): Promise<void> => {
    if (condition === null || !isComplete) return;
    const body = { condition, action, ...(id === undefined ? {} : { ruleId: id }) };
    const found = await deed.run(
      () => client.call('post', '/v1/rules/preview', { query: { entityId }, body }),
      ({ matched, changed }) => `Finds ${String(matched)}, would change ${String(changed)}.`,
    );
    setPreview(found);
  };
  const save = async (): Promise<void> => {
    if (condition === null || !isComplete) return;
    const query = { entityId };
    const body = { name: draft.name.trim() || nameOf(draft.simple), condition, action, enabled: isEnabled(rule) };
    const saved = await deed.run(
      async () => {
        const { rule: made } =
          id === undefined
            ? await client.call('post', '/v1/rules', { query, body })
            : await client.call('put', '/v1/rules/{rule_id}', { path: { rule_id: id }, query, body });
        if (appliesToPast)
          await client.call('post', '/v1/rules/{rule_id}/apply', { path: { rule_id: made.id }, query });
        return made;
      },
      ({ name }) => `The rule ${name} is saved.`,
    );
    if (saved !== undefined) onDone();
  };

  return (
    <form
      className="ol-card ol-form"
      data-slot="ol-rule-form"
      aria-label={id === undefined ? 'New rule' : 'Change the rule'}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Heading level={headingLevel + 1} className="ol-subtitle">
        {id === undefined ? 'New rule' : 'Change the rule'}
      </Heading>
      {isFixed ? <p>If {rule.words}</p> : <ConditionFields {...{ draft, change }} />}
      <ActionFields {...{ draft, change }} />
      <Field label="Name">
        <input
          className="ol-select"
          value={draft.name}
          maxLength={100}
          placeholder={nameOf(draft.simple)}
          onChange={(event) => {
            change({ name: event.target.value });
          }}
        />
      </Field>
      {deed.error === undefined ? null : <ErrorNote title="That did not work" error={deed.error} />}
      {preview === undefined ? null : (
        <PreviewResult {...{ preview, appliesToPast }} onApplyToPast={setAppliesToPast} />
      )}
      <div className="ol-buttons">
        <Button isBusy={deed.isBusy || !isComplete} onClick={() => void look()}>
          See what it would change
        </Button>
        <Button type="submit" look="primary" isBusy={deed.isBusy || !isComplete}>
          {appliesToPast ? 'Save and apply' : 'Save rule'}
        </Button>
        <Button look="quiet" onClick={onDone}>
          Cancel
        </Button>
        {isComplete ? null : <span className="ol-small">Say what to look for and where it goes.</span>}
      </div>
    </form>
  );
}

interface FieldsProps {
  draft: Draft;
  change: (given: Partial<Draft>) => void;
}

function ConditionFields({ draft, change }: FieldsProps): ReactNode {
  const accounts = useAccounts().data?.accounts ?? [];
  const { simple } = draft;
  const set = (given: Partial<SimpleCondition>): void => {
    change({ simple: { ...simple, ...given } });
  };
  const input = (key: 'text' | 'counterparty' | 'atLeast' | 'atMost', label: string): ReactNode => (
    <Field label={label}>
      <input
        className="ol-select"
        value={simple[key]}
        maxLength={200}
        inputMode={key.startsWith('at') ? 'decimal' : undefined}
        onChange={(event) => {
          set({ [key]: event.target.value });
        }}
      />
    </Field>
  );
  return (
    <fieldset className="ol-fields">
      <legend>If all of this holds</legend>
      {input('text', 'The bank’s text contains')}
      {input('counterparty', 'The counterparty is')}
      {input('atLeast', 'Amount from')}
      {input('atMost', 'Amount to')}
      <Field label="Money">
        <select
          className="ol-select"
          value={simple.direction}
          onChange={(event) => {
            set({ direction: event.target.value as SimpleCondition['direction'] });
          }}
        >
          <option value="">in or out</option>
          <option value="out">out</option>
          <option value="in">in</option>
        </select>
      </Field>
      <Field label="Bank account">
        <select
          className="ol-select"
          value={simple.bankAccountId}
          onChange={(event) => {
            set({ bankAccountId: event.target.value });
          }}
        >
          <option value="">any</option>
          {accounts.map(({ id, accountName, accountMask }) => (
            <option key={id} value={id}>
              {accountMask === '' ? accountName : `${accountName} •• ${accountMask}`}
            </option>
          ))}
        </select>
      </Field>
    </fieldset>
  );
}

function ActionFields({ draft, change }: FieldsProps): ReactNode {
  const categories = useCategories().data?.categories ?? [];
  const chosen = categories.find(({ id }) => id === draft.categoryId);
  return (
    <fieldset className="ol-fields">
      <legend>then</legend>
      {draft.isTransfer ? null : (
        <div className="ol-field">
          <span aria-hidden="true">Category</span>
          <CategoryPicker
            label="Category"
            categories={categories}
            direction={draft.simple.direction === 'in' ? 'in' : 'out'}
            selected={chosen === undefined ? null : { id: chosen.id, name: chosen.name }}
            onSelect={({ id }) => {
              change({ categoryId: id });
            }}
          />
        </div>
      )}
      <label className="ol-check-field">
        <input
          type="checkbox"
          checked={draft.isTransfer}
          onChange={(event) => {
            change({ isTransfer: event.target.checked });
          }}
        />{' '}
        It is a transfer between my own accounts
      </label>
    </fieldset>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <label className="ol-field">
      {label}
      {children}
    </label>
  );
}

function draftOf(rule: Rule | RuleSuggestion | undefined): Draft {
  return {
    name: rule?.name ?? '',
    simple: (rule === undefined ? null : simpleOf(rule.condition)) ?? NO_CONDITION,
    categoryId: rule?.action.categoryId ?? '',
    isTransfer: rule?.action.transfer ?? false,
  };
}

function counterpartyOf(rule: Rule | RuleSuggestion | undefined): string | null {
  return rule?.action.counterparty ?? null;
}

function isEnabled(rule: Rule | RuleSuggestion | undefined): boolean {
  return rule === undefined || !('enabled' in rule) || rule.enabled;
}

/** A name from what is looked for, for those who give none. */
function nameOf({ text, counterparty }: SimpleCondition): string {
  return text.trim() || counterparty.trim() || 'Rule';
}
