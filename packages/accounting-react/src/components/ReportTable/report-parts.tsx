import { useId, type ReactNode } from 'react';
import type { Report } from '../../client/types';
import { formatDate, PERIOD_NAMES, periodOf, todayOf, type Period, type PeriodName } from '../../format/dates';
import { formatMoney, signOf } from '../../format/money';
import { useOpenLedger } from '../../provider/context';
import { Icon } from '../../ui/icons';

/** A period by name, or by its own dates. */
export interface PeriodChoice extends Period {
  name: PeriodName;
}

export function choose(name: PeriodName): PeriodChoice {
  return { name, ...periodOf(name, todayOf(new Date())) };
}

const NAMES = Object.keys(PERIOD_NAMES) as PeriodName[];

/** The period of a report, by name; custom dates open two date fields. */
export function PeriodPicker(props: { value: PeriodChoice; onChange: (value: PeriodChoice) => void }): ReactNode {
  const { value, onChange } = props;
  const id = useId();
  return (
    <div className="ol-period">
      <label className="ol-field" htmlFor={id}>
        Period
        <select
          id={id}
          className="ol-select"
          value={value.name}
          onChange={(event) => {
            const name = event.target.value as PeriodName;
            onChange(name === 'custom' ? { ...value, name } : choose(name));
          }}
        >
          {NAMES.map((name) => (
            <option key={name} value={name}>
              {PERIOD_NAMES[name]}
            </option>
          ))}
        </select>
      </label>
      {value.name === 'custom' ? (
        <>
          <DateField
            label="From"
            value={value.startDate}
            max={value.endDate}
            onChange={(startDate) => {
              onChange({ ...value, startDate });
            }}
          />
          <DateField
            label="To"
            value={value.endDate}
            min={value.startDate}
            onChange={(endDate) => {
              onChange({ ...value, endDate });
            }}
          />
        </>
      ) : null}
    </div>
  );
}

interface DateFieldProps {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (value: string) => void;
}

/** A day; an emptied or half-typed field keeps the last whole date. */
export function DateField({ label, value, onChange, ...range }: DateFieldProps): ReactNode {
  const id = useId();
  return (
    <label className="ol-field" htmlFor={id}>
      {label}
      <input
        id={id}
        className="ol-select"
        type="date"
        value={value}
        {...range}
        onChange={(event) => {
          const isWithin =
            event.target.value !== '' &&
            (range.min === undefined || event.target.value >= range.min) &&
            (range.max === undefined || event.target.value <= range.max);
          if (isWithin) onChange(event.target.value);
        }}
      />
    </label>
  );
}

/** How far the figures can be trusted yet. */
export function QualityNote({ quality }: { quality: Report['quality'] }): ReactNode {
  const { locale } = useOpenLedger();
  const { unreviewedCount, unreviewedAmountDecimal, pendingCount, currency } = quality;
  if (unreviewedCount === 0 && pendingCount === 0) return null;
  const amount = formatMoney(unreviewedAmountDecimal, currency, locale);
  return (
    <p className="ol-quality">
      <Icon name="clock" />
      <span>
        {unreviewedCount === 0 ? '' : `${counted(unreviewedCount, 'transaction')} (${amount}) not reviewed yet. `}
        {pendingCount === 0 ? '' : `${counted(pendingCount, 'transaction')} pending at the bank, not in the books yet.`}
      </span>
    </p>
  );
}

export function PeriodDates({ startDate, endDate }: Period): ReactNode {
  const { locale } = useOpenLedger();
  return (
    <p className="ol-muted">
      {formatDate(startDate, locale)} – {formatDate(endDate, locale)}
    </p>
  );
}

interface TileProps {
  label: string;
  /** Decimal string. */
  amount: string;
  currency: string;
  /** Colours the amount by its sign. @defaultValue false */
  isResult?: boolean;
}

/** One figure, large. */
export function Tile({ label, amount, currency, isResult = false }: TileProps): ReactNode {
  const { locale } = useOpenLedger();
  return (
    <div className="ol-tile">
      <span className="ol-tile-label">{label}</span>
      <span className="ol-tile-value" data-sign={isResult ? signOf(amount) : undefined}>
        {formatMoney(amount, currency, locale, 'accounting')}
      </span>
    </div>
  );
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
