import type { ReactNode } from 'react';
import { useAccounts } from '../../hooks/resources';
import { Button } from '../../ui/Button';
import { ChoiceField, TextField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import type { Json } from './conditions';
import {
  FIELDS,
  jointOf,
  NEW_STATEMENT,
  partsOfJoint,
  valuesOf,
  WEEKDAYS,
  withField,
  withOperator,
  type Joint,
} from './statements';

interface NodeProps {
  condition: Json;
  /** Its place, as in "2.1", which tells its fields from the others' for those who listen. */
  place: string;
  onChange: (condition: Json) => void;
  onRemove?: (() => void) | undefined;
}

/** Any condition that the server takes, shown and changed part by part; what is not touched stays as it is. */
export function ConditionEditor({ condition, onChange }: Omit<NodeProps, 'place' | 'onRemove'>): ReactNode {
  return (
    <fieldset className="ol-condition">
      <legend>If</legend>
      <Node {...{ condition, onChange }} place="1" />
    </fieldset>
  );
}

function Node({ condition, place, onChange, onRemove }: NodeProps): ReactNode {
  if (!('not' in condition)) {
    const negate = (): void => {
      onChange({ not: condition });
    };
    return <Body {...{ condition, place, onChange, onRemove, negate }} isNegated={false} />;
  }
  const inner = condition['not'] as Json;
  const assert = (): void => {
    onChange(inner);
  };
  const change = (given: Json): void => {
    onChange({ not: given });
  };
  // Not of not is kept as it is: the inner one has its own checkbox.
  if ('not' in inner)
    return (
      <Frame {...{ place, onRemove }} isNegated negate={assert}>
        <Node condition={inner} place={`${place}.1`} onChange={change} />
      </Frame>
    );
  return <Body {...{ place, onRemove }} condition={inner} onChange={change} negate={assert} isNegated />;
}

interface BodyProps extends NodeProps {
  isNegated: boolean;
  negate: () => void;
}

function Body({ condition, place, onChange, onRemove, isNegated, negate }: BodyProps): ReactNode {
  const joint = jointOf(condition);
  return (
    <Frame {...{ place, onRemove, isNegated, negate }}>
      {joint === undefined ? (
        <Statement {...{ condition, onChange }} />
      ) : (
        <Group {...{ condition, joint, place, onChange }} />
      )}
    </Frame>
  );
}

interface FrameProps extends Pick<BodyProps, 'place' | 'onRemove' | 'isNegated' | 'negate'> {
  children: ReactNode;
}

function Frame({ place, onRemove, isNegated, negate, children }: FrameProps): ReactNode {
  return (
    <div className="ol-fields" role="group" aria-label={`Condition ${place}`}>
      <label className="ol-check-field">
        <input type="checkbox" checked={isNegated} onChange={negate} /> not
      </label>
      {children}
      {onRemove === undefined ? null : (
        <Button look="quiet" onClick={onRemove} aria-label={`Remove condition ${place}`}>
          Remove
        </Button>
      )}
    </div>
  );
}

function Group({ condition, joint, place, onChange }: NodeProps & { joint: Joint }): ReactNode {
  const parts = partsOfJoint(condition, joint);
  const add = (part: Json): void => {
    onChange({ [joint]: [...parts, part] });
  };
  return (
    <div className="ol-condition-group">
      <ChoiceField
        label="Of these"
        value={joint}
        options={[
          { value: 'all', label: 'all hold' },
          { value: 'any', label: 'any holds' },
        ]}
        onChange={(other) => {
          onChange({ [other]: parts });
        }}
      />
      {parts.map((part, index) => (
        <Node
          key={index}
          condition={part}
          place={`${place}.${String(index + 1)}`}
          onChange={(given) => {
            onChange({ [joint]: parts.map((one, at) => (at === index ? given : one)) });
          }}
          onRemove={
            parts.length === 1
              ? undefined
              : () => {
                  onChange({ [joint]: parts.filter((_, at) => at !== index) });
                }
          }
        />
      ))}
      <div className="ol-buttons">
        <Button
          aria-label={`Add a condition to ${place}`}
          onClick={() => {
            add(NEW_STATEMENT);
          }}
        >
          <Icon name="plus" /> Add a condition
        </Button>
        <Button
          look="quiet"
          aria-label={`Add a group to ${place}`}
          onClick={() => {
            add({ [joint === 'all' ? 'any' : 'all']: [NEW_STATEMENT] });
          }}
        >
          Add a group
        </Button>
      </div>
    </div>
  );
}

function Statement({ condition, onChange }: Pick<NodeProps, 'condition' | 'onChange'>): ReactNode {
  const field = String(condition['field']);
  const operator = String(condition['operator']);
  return (
    <>
      <ChoiceField
        label="What"
        value={field}
        options={Object.entries(FIELDS).map(([value, { label }]) => ({ value, label }))}
        onChange={(other) => {
          onChange(withField(condition, other));
        }}
      />
      <ChoiceField
        label="How"
        value={operator}
        options={Object.entries(FIELDS[field]?.operators ?? {}).map(([value, label]) => ({ value, label }))}
        onChange={(other) => {
          onChange(withOperator(condition, other));
        }}
      />
      <Value {...{ condition, field, operator, onChange }} />
    </>
  );
}

interface ValueProps extends Pick<NodeProps, 'condition' | 'onChange'> {
  field: string;
  operator: string;
}

function Value({ condition, field, operator, onChange }: ValueProps): ReactNode {
  const values = valuesOf(condition);
  const [first = '', second = ''] = values;
  const options = useOptions(field);
  const set = (value: string | string[]): void => {
    onChange({ ...condition, value });
  };
  if (operator === 'any_of' && options !== undefined) return <Choices {...{ options, values }} onChange={set} />;
  if (operator === 'any_of')
    return (
      <label className="ol-field">
        Values, one a line
        <textarea
          className="ol-select"
          rows={3}
          value={values.join('\n')}
          onChange={(event) => {
            set(event.target.value.split('\n'));
          }}
        />
      </label>
    );
  if (options !== undefined)
    return <ChoiceField label="Value" emptyLabel="Choose…" value={first} options={options} onChange={set} />;
  const type = field === 'date' ? 'date' : 'text';
  const inputMode = field === 'amount' || field === 'day_of_month' ? 'decimal' : undefined;
  if (operator !== 'between')
    return <TextField label="Value" {...{ type, inputMode }} value={first} maxLength={200} onChange={set} />;
  return (
    <>
      <TextField
        label="From"
        {...{ type, inputMode }}
        value={first}
        onChange={(from) => {
          set([from, second]);
        }}
      />
      <TextField
        label="To"
        {...{ type, inputMode }}
        value={second}
        onChange={(to) => {
          set([first, to]);
        }}
      />
    </>
  );
}

interface Option {
  value: string;
  label: string;
}

interface ChoicesProps {
  options: Option[];
  values: string[];
  onChange: (values: string[]) => void;
}

/** Values that there are, and those that were chosen once and are no more. */
function Choices({ options, values, onChange }: ChoicesProps): ReactNode {
  const chosen = values.filter((value) => value !== '');
  const gone = chosen.filter((value) => !options.some((option) => option.value === value));
  const all = [...options, ...gone.map((value) => ({ value, label: value }))];
  return (
    <div className="ol-fields" role="group" aria-label="Values">
      {all.map(({ value, label }) => (
        <label key={value} className="ol-check-field">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => {
              onChange(event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value));
            }}
          />{' '}
          {label}
        </label>
      ))}
    </div>
  );
}

function useOptions(field: string): Option[] | undefined {
  const accounts = useAccounts().data?.accounts ?? [];
  if (field === 'direction')
    return [
      { value: 'in', label: 'money in' },
      { value: 'out', label: 'money out' },
    ];
  if (field === 'weekday') return WEEKDAYS.map((day) => ({ value: day, label: day }));
  if (field !== 'bank_account') return undefined;
  return accounts.map(({ id, accountName, accountMask }) => ({
    value: id,
    label: accountMask === '' ? accountName : `${accountName} •• ${accountMask}`,
  }));
}
