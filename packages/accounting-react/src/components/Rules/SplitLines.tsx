import type { ReactNode } from 'react';
import type { Category } from '../../client/types';
import { Button } from '../../ui/Button';
import { ChoiceField, TextField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { CategoryPicker } from '../TransactionTable/CategoryPicker';
import { checkedParts, emptyPart, PARTS_MAX, type DraftPart, type PartKind } from './split';

interface SplitLinesProps {
  parts: DraftPart[];
  categories: Category[];
  direction: 'in' | 'out';
  /** For lines that are added. */
  currency: string;
  onChange: (parts: DraftPart[]) => void;
}

const KINDS: { value: PartKind; label: string }[] = [
  { value: 'share', label: 'a share of the whole' },
  { value: 'fixed', label: 'a fixed amount' },
  { value: 'rest', label: 'the rest' },
];

/** The lines that a rule divides a transaction over, and whether they make up the whole. */
export function SplitLines({ parts, categories, direction, currency, onChange }: SplitLinesProps): ReactNode {
  const { obstacle, example } = checkedParts(parts);
  return (
    <div className="ol-stack">
      <ul className="ol-lines">
        {parts.map((part, index) => (
          <Line
            key={part.key}
            {...{ part, index, categories, direction }}
            onChange={(given) => {
              onChange(parts.map((one) => (one.key === part.key ? { ...one, ...given } : one)));
            }}
            onRemove={
              parts.length <= 2
                ? undefined
                : () => {
                    onChange(parts.filter(({ key }) => key !== part.key));
                  }
            }
          />
        ))}
      </ul>
      <div className="ol-balance">
        {parts.length >= PARTS_MAX ? null : (
          <Button
            onClick={() => {
              onChange([...parts, emptyPart(Math.max(...parts.map(({ key }) => key)) + 1, 'share', currency)]);
            }}
          >
            <Icon name="plus" /> Add a line
          </Button>
        )}
        <p role="status" className="ol-state" data-tone={obstacle === undefined ? 'success' : 'warning'}>
          <Icon name={obstacle === undefined ? 'check' : 'alert'} />
          {obstacle ?? exampleWords(example)}
        </p>
      </div>
    </div>
  );
}

function exampleWords(example: string[]): string {
  if (example.length === 0) return 'It adds up. What is too small for it goes to review.';
  return `It adds up. Of 1,000: ${example.join(' + ')}`;
}

interface LineProps {
  part: DraftPart;
  index: number;
  categories: Category[];
  direction: 'in' | 'out';
  onChange: (given: Partial<DraftPart>) => void;
  onRemove: (() => void) | undefined;
}

function Line({ part, index, categories, direction, onChange, onRemove }: LineProps): ReactNode {
  const number = String(index + 1);
  const chosen = categories.find(({ id }) => id === part.categoryId);
  return (
    <li className="ol-fields" aria-label={`Line ${number}`}>
      <ChoiceField
        label="Gets"
        value={part.kind}
        options={KINDS}
        onChange={(kind) => {
          onChange({ kind: kind as PartKind });
        }}
      />
      {part.kind === 'rest' ? null : (
        <TextField
          label={part.kind === 'share' ? 'Percent' : 'Amount'}
          inputMode="decimal"
          autoComplete="off"
          value={part.value}
          onChange={(value) => {
            onChange({ value });
          }}
        />
      )}
      {part.kind === 'fixed' ? (
        <TextField
          label="Currency"
          size={4}
          maxLength={3}
          value={part.currency}
          onChange={(currency) => {
            onChange({ currency: currency.toUpperCase() });
          }}
        />
      ) : null}
      <div className="ol-field">
        <span aria-hidden="true">Category</span>
        <CategoryPicker
          label={`Category of line ${number}`}
          {...{ categories, direction }}
          selected={chosen === undefined ? null : { id: chosen.id, name: chosen.name }}
          onSelect={({ id }) => {
            onChange({ categoryId: id });
          }}
        />
      </div>
      {onRemove === undefined ? null : (
        <Button look="quiet" aria-label={`Remove line ${number}`} onClick={onRemove}>
          Remove
        </Button>
      )}
    </li>
  );
}
