import { useMemo, type ReactNode } from 'react';
import type { Category } from '../../client/types';

interface CategoryPickerProps {
  /** Read out in place of a visible label; names the row. */
  label: string;
  categories: Category[];
  /** Money in lists revenue first, money out expenses. */
  direction: 'in' | 'out';
  selected: { id: string; name: string } | null;
  onSelect: (category: { id: string; name: string }) => void;
  /** Shown while nothing is selected. @defaultValue 'Choose a category' */
  placeholder?: string;
}

const GROUPS = {
  out: ['EXPENSE', 'REVENUE', 'EQUITY', 'LIABILITY', 'ASSET'],
  in: ['REVENUE', 'EXPENSE', 'EQUITY', 'LIABILITY', 'ASSET'],
} as const;

const GROUP_NAMES: Record<Category['type'], string> = {
  EXPENSE: 'Expenses',
  REVENUE: 'Revenue',
  EQUITY: 'Owner and equity',
  LIABILITY: 'Loans and money owed',
  ASSET: 'Assets and transfers',
};

/** A native select of the categories, grouped by type. */
export function CategoryPicker(props: CategoryPickerProps): ReactNode {
  const { label, categories, direction, selected, onSelect, placeholder = 'Choose a category' } = props;
  const groups = useMemo(() => grouped(categories, direction), [categories, direction]);
  const isListed = selected !== null && groups.some(({ members }) => members.some(({ id }) => id === selected.id));
  return (
    <select
      className="ol-select"
      aria-label={label}
      value={selected?.id ?? ''}
      onChange={(event) => {
        const chosen = categories.find(({ id }) => id === event.target.value);
        if (chosen !== undefined) onSelect({ id: chosen.id, name: chosen.name });
      }}
    >
      {selected === null ? (
        <option value="" disabled>
          {placeholder}
        </option>
      ) : null}
      {selected !== null && !isListed ? <option value={selected.id}>{selected.name}</option> : null}
      {groups.map(({ type, members }) => (
        <optgroup key={type} label={GROUP_NAMES[type]}>
          {members.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

function grouped(categories: Category[], direction: 'in' | 'out'): { type: Category['type']; members: Category[] }[] {
  return GROUPS[direction]
    .map((type) => ({
      type,
      members: categories
        .filter((category) => category.type === type && category.isCategory)
        .sort((a, b) => a.code - b.code),
    }))
    .filter(({ members }) => members.length > 0);
}
