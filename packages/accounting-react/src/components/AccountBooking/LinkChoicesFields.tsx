import { useState, type ReactNode } from 'react';
import { todayOf } from '../../format/dates';
import type { LinkChoices } from '../../link/useBankLink';
import { TextField } from '../../ui/Field';

const DAYS_MAX = 730;

export interface LinkChoosing {
  choices: LinkChoices;
  /** The fields, folded away; where they are is the component's matter. */
  fields: ReactNode;
}

/** What may be chosen before a bank is linked. Whoever chooses nothing gets all of its history, booked from the first row. */
export function useLinkChoices(): LinkChoosing {
  const [days, setDays] = useState('');
  const [start, setStart] = useState('');
  const number = Number(days);
  const isNumber = /^\d+$/.test(days) && number >= 1 && number <= DAYS_MAX;
  const fault =
    days === '' || isNumber ? undefined : `A number from 1 to ${String(DAYS_MAX)}; until then all are asked for`;
  const fields = (
    <details className="ol-details">
      <summary>Choose how it is booked</summary>
      <div className="ol-period ol-filters">
        <TextField
          label="Days of history"
          inputMode="numeric"
          autoComplete="off"
          placeholder={String(DAYS_MAX)}
          value={days}
          fault={fault}
          onChange={setDays}
        />
        <TextField label="The books begin on" type="date" max={todayOf(new Date())} value={start} onChange={setStart} />
      </div>
      <p className="ol-small">
        Left empty, all {DAYS_MAX} days are imported, and the books begin with the first transaction. The days cannot be
        changed once the bank is connected; all else can, for each account: its ledger account and opening balance too.
      </p>
    </details>
  );
  return {
    choices: { ...(isNumber ? { daysRequested: number } : {}), ...(start === '' ? {} : { historyStart: start }) },
    fields,
  };
}
