import { useId, type ComponentPropsWithoutRef, type ReactNode } from 'react';

interface TextFieldProps extends Omit<ComponentPropsWithoutRef<'input'>, 'onChange' | 'value'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Says what is wrong with what was typed. */
  fault?: string | undefined;
}

/** A labelled line of text. */
export function TextField({ label, value, onChange, fault, ...rest }: TextFieldProps): ReactNode {
  const id = useId();
  return (
    <label className="ol-field" htmlFor={id}>
      {label}
      <input
        id={id}
        className="ol-select"
        value={value}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        {...rest}
      />
      {fault === undefined ? null : (
        <span className="ol-fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </label>
  );
}

interface ChoiceFieldProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  /** Shown when nothing is chosen; without it the first option is. */
  emptyLabel?: string;
  isLabelHidden?: boolean;
}

/** A labelled choice of one. */
export function ChoiceField(props: ChoiceFieldProps): ReactNode {
  const { label, value, options, onChange, emptyLabel, isLabelHidden = false } = props;
  const id = useId();
  return (
    <label className="ol-field" htmlFor={id}>
      <span className={isLabelHidden ? 'ol-hidden' : undefined}>{label}</span>
      <select
        id={id}
        className="ol-select"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {emptyLabel === undefined ? null : <option value="">{emptyLabel}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
