import type { ReactNode } from 'react';
import { formatMoney, signOf, type MoneyStyle } from '../format/money';
import { useOpenLedger } from '../provider/context';

interface MoneyProps {
  /** Decimal string in major units. */
  amount: string;
  currency: string;
  /** @defaultValue 'plain' */
  look?: MoneyStyle;
}

/** An amount in the reader's language. */
export function Money({ amount, currency, look = 'plain' }: MoneyProps): ReactNode {
  const { locale } = useOpenLedger();
  return (
    <span className="ol-money" data-sign={signOf(amount)}>
      {formatMoney(amount, currency, locale, look)}
    </span>
  );
}
