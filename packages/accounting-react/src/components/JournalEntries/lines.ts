/** The lines of an entry that is being written. */
import { decimalOf, unitsOf } from '../../format/decimals';

export interface DraftLine {
  /** Keeps a line's fields together while others come and go. */
  key: number;
  accountId: string;
  debit: string;
  credit: string;
  memo: string;
}

export interface Check {
  debits: string;
  credits: string;
  /** Debits less credits; "0.00" when the entry balances. */
  difference: string;
  /** What keeps the entry from being posted, in words; undefined when nothing does. */
  obstacle: string | undefined;
}

export function emptyLine(key: number): DraftLine {
  return { key, accountId: '', debit: '', credit: '', memo: '' };
}

function isUsed(line: DraftLine): boolean {
  return line.accountId !== '' || line.debit !== '' || line.credit !== '' || line.memo !== '';
}

/** The lines that somebody has begun to fill in. */
export function usedLines(lines: DraftLine[]): DraftLine[] {
  return lines.filter(isUsed);
}

/** What the lines come to, to the last digit, and whether they make an entry. */
export function checked(lines: DraftLine[]): Check {
  const used = usedLines(lines);
  let [debits, credits] = [0n, 0n];
  let obstacle: string | undefined;
  for (const line of used) {
    const [debit, credit] = [unitsOf(line.debit), unitsOf(line.credit)];
    if (debit === null || credit === null) obstacle ??= 'An amount cannot be read. Write it like 1234.50.';
    else if (debit > 0n === credit > 0n) obstacle ??= 'Each line needs either a debit or a credit.';
    else if (line.accountId === '') obstacle ??= 'Each line needs a ledger account.';
    debits += debit ?? 0n;
    credits += credit ?? 0n;
  }
  if (used.length < 2) obstacle ??= 'An entry has two or more lines.';
  const difference = decimalOf(debits - credits);
  if (debits !== credits) obstacle ??= 'Debits and credits have to be equal.';
  return { debits: decimalOf(debits), credits: decimalOf(credits), difference, obstacle };
}

/** A line as the server takes it; only its own side is sent. */
export function bodyOf({ accountId, debit, credit, memo }: DraftLine): {
  accountId: string;
  debit?: string;
  credit?: string;
  memo: string;
} {
  const [debits, credits] = [unitsOf(debit) ?? 0n, unitsOf(credit) ?? 0n];
  const side = debits > 0n ? { debit: exact(debits) } : { credit: exact(credits) };
  return { accountId, memo, ...side };
}

/** As text, which is exact, and without places that a currency like the yen does not know. */
function exact(units: bigint): string {
  return decimalOf(units).replace(/\.0+$/, '');
}
