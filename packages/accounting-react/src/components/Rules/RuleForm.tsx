import { useState, type ReactNode } from 'react';
import type { Rule, RulePreview, RuleSuggestion } from '../../client/types';
import { useAccounts, useCategories } from '../../hooks/resources';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ChoiceField, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/notes';
import { Heading } from '../../ui/Surface';
import { CategoryPicker } from '../TransactionTable/CategoryPicker';
import { actionOf, DEEDS, draftActionOf, type Deed, type DraftAction } from './action';
import { ConditionEditor } from './ConditionEditor';
import { conditionOf, NO_CONDITION, simpleOf, type Json, type SimpleCondition } from './conditions';
import { PreviewResult } from './PreviewResult';
import { SplitLines } from './SplitLines';
import { isWhole, jointOf, NEW_STATEMENT } from './statements';

interface RuleFormProps {
  /** The rule to change, or a suggestion to start from; nothing for a new rule. */
  rule: Rule | RuleSuggestion | undefined;
  headingLevel: number;
  onDone: () => void;
}

interface Draft extends DraftAction {
  name: string;
  simple: SimpleCondition;
  /** The condition itself, once it is edited part by part. */
  whole: Json | undefined;
}

/** Makes or changes a rule: what it finds, what it does, and what that would change, before anything is stored. */
export function RuleForm({ rule, headingLevel, onDone }: RuleFormProps): ReactNode {
  const { client, entityId } = useOpenLedger().session;
  const currency = useAccounts().data?.accounts[0]?.currency ?? 'USD';
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule, currency));
  const [preview, setPreview] = useState<RulePreview>();
  const [appliesToPast, setAppliesToPast] = useState(false);
  const deed = useChange('rules.form');
  const id = rule !== undefined && 'id' in rule ? rule.id : undefined;
  const { whole } = draft;
  const condition: Json | null = whole === undefined ? conditionOf(draft.simple) : isWhole(whole) ? whole : null;
  const action = actionOf(draft);
  const isComplete = condition !== null && action !== null;

  const change = (given: Partial<Draft>): void => {
    setDraft({ ...draft, ...given });
    setPreview(undefined);
  };
  const look = async (): Promise<void> => {
    if (condition === null || action === null) return;
    const body = { condition, action, ...(id === undefined ? {} : { ruleId: id }) };
    const found = await deed.run(
      () => client.call('post', '/v1/rules/preview', { query: { entityId }, body }),
      ({ matched, changed }) => `Finds ${String(matched)}, would change ${String(changed)}.`,
    );
    setPreview(found);
  };
  const save = async (): Promise<void> => {
    if (condition === null || action === null) return;
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
      {whole === undefined ? (
        <ConditionFields {...{ draft, change }} />
      ) : (
        <ConditionEditor
          condition={whole}
          onChange={(given) => {
            change({ whole: given });
          }}
        />
      )}
      <ActionFields {...{ draft, change, currency }} />
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
      <Button
        look="quiet"
        onClick={() => {
          const made = conditionOf(simple) ?? NEW_STATEMENT;
          change({ whole: jointOf(made) === undefined ? { all: [made] } : made });
        }}
      >
        More ways to look…
      </Button>
    </fieldset>
  );
}

function ActionFields({ draft, change, currency }: FieldsProps & { currency: string }): ReactNode {
  const categories = useCategories().data?.categories ?? [];
  const { deed, parts } = draft;
  const direction = draft.simple.direction === 'in' ? 'in' : 'out';
  const chosen = categories.find(({ id }) => id === draft.categoryId);
  return (
    <fieldset className="ol-fields">
      <legend>then</legend>
      <ChoiceField
        label="What to do"
        value={deed}
        options={DEEDS}
        onChange={(other) => {
          change({ deed: other as Deed });
        }}
      />
      {deed === 'category' ? (
        <div className="ol-field">
          <span aria-hidden="true">Category</span>
          <CategoryPicker
            label="Category"
            {...{ categories, direction }}
            selected={chosen === undefined ? null : { id: chosen.id, name: chosen.name }}
            onSelect={({ id }) => {
              change({ categoryId: id });
            }}
          />
        </div>
      ) : null}
      <TextField
        label="Call the counterparty"
        value={draft.counterparty}
        maxLength={255}
        onChange={(counterparty) => {
          change({ counterparty });
        }}
      />
      {deed === 'split' ? (
        <SplitLines
          {...{ parts, categories, direction, currency }}
          onChange={(given) => {
            change({ parts: given });
          }}
        />
      ) : null}
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

function draftOf(rule: Rule | RuleSuggestion | undefined, currency: string): Draft {
  const simple = rule === undefined ? NO_CONDITION : simpleOf(rule.condition);
  return {
    name: rule?.name ?? '',
    simple: simple ?? NO_CONDITION,
    // More than the few fields can say is edited part by part.
    whole: simple === null ? rule?.condition : undefined,
    ...draftActionOf(rule, currency),
  };
}

function isEnabled(rule: Rule | RuleSuggestion | undefined): boolean {
  return rule === undefined || !('enabled' in rule) || rule.enabled;
}

/** A name from what is looked for, for those who give none. */
function nameOf({ text, counterparty }: SimpleCondition): string {
  return text.trim() || counterparty.trim() || 'Rule';
}
