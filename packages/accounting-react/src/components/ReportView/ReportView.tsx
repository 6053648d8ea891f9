import { useState, type ReactNode } from 'react';
import type { PeriodName } from '../../format/dates';
import { Surface, type CommonProps } from '../../ui/Surface';
import { Tabs } from '../../ui/Tabs';
import { BalanceSheetBody } from '../BalanceSheet/BalanceSheet';
import { CashFlowBody } from '../CashFlow/CashFlow';
import { GeneralLedgerBody } from '../GeneralLedger/GeneralLedger';
import { ProfitAndLossBody } from '../ProfitAndLoss/ProfitAndLoss';
import { SpendingBody } from '../Spending/Spending';
import { TrialBalanceBody } from '../TrialBalance/TrialBalance';

export type ReportType = 'INCOME' | 'BALANCE' | 'CASHFLOW' | 'SPENDING' | 'TRIAL_BALANCE' | 'GENERAL_LEDGER';

export interface ReportViewProps extends CommonProps {
  /** The report shown, if the host keeps it. */
  type?: ReportType;
  /** The report shown first, if the component keeps it. @defaultValue 'INCOME' */
  defaultType?: ReportType;
  onTypeChange?: (type: ReportType) => void;
  /** Which reports there are, in this order. @defaultValue all */
  types?: readonly ReportType[];
  /** The period that reports about a period show first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

const LABELS: Record<ReportType, string> = {
  INCOME: 'Profit and loss',
  BALANCE: 'Balance sheet',
  CASHFLOW: 'Cash flow',
  SPENDING: 'Spending',
  TRIAL_BALANCE: 'Trial balance',
  GENERAL_LEDGER: 'General ledger',
};
const ALL = Object.keys(LABELS) as ReportType[];

/** All reports behind tabs. */
export function ReportView(props: ReportViewProps): ReactNode {
  const { type, types = ALL, defaultType, onTypeChange, defaultPeriod, headingLevel = 2, ...rest } = props;
  const [ownType, setOwnType] = useState<ReportType>(defaultType ?? types[0] ?? 'INCOME');
  const shown = type ?? ownType;
  const given = { defaultPeriod, headingLevel };
  return (
    <Surface slotName="report-view" {...rest}>
      <Tabs
        label="Reports"
        tabs={types.map((id) => ({ id, label: LABELS[id] }))}
        selected={shown}
        onSelect={(next) => {
          setOwnType(next);
          onTypeChange?.(next);
        }}
      >
        <div className="ol-card">
          {shown === 'INCOME' ? <ProfitAndLossBody {...given} /> : null}
          {shown === 'BALANCE' ? <BalanceSheetBody headingLevel={headingLevel} /> : null}
          {shown === 'CASHFLOW' ? <CashFlowBody {...given} /> : null}
          {shown === 'SPENDING' ? <SpendingBody {...given} /> : null}
          {shown === 'TRIAL_BALANCE' ? <TrialBalanceBody {...given} /> : null}
          {shown === 'GENERAL_LEDGER' ? <GeneralLedgerBody headingLevel={headingLevel} /> : null}
        </div>
      </Tabs>
    </Surface>
  );
}
