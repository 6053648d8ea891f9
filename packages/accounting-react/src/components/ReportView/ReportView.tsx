import { useState, type ReactNode } from 'react';
import type { PeriodName } from '../../format/dates';
import { Surface, type CommonProps } from '../../ui/Surface';
import { Tabs } from '../../ui/Tabs';
import { BalanceSheetBody } from '../BalanceSheet/BalanceSheet';
import { ProfitAndLossBody } from '../ProfitAndLoss/ProfitAndLoss';

export type ReportType = 'INCOME' | 'BALANCE';

export interface ReportViewProps extends CommonProps {
  /** The report shown, if the host keeps it. */
  type?: ReportType;
  /** The report shown first, if the component keeps it. @defaultValue 'INCOME' */
  defaultType?: ReportType;
  onTypeChange?: (type: ReportType) => void;
  /** The period of the profit and loss shown first. @defaultValue 'year-to-date' */
  defaultPeriod?: Exclude<PeriodName, 'custom'>;
}

const TABS = [
  { id: 'INCOME', label: 'Profit and loss' },
  { id: 'BALANCE', label: 'Balance sheet' },
] as const;

/** The financial statements behind tabs. */
export function ReportView(props: ReportViewProps): ReactNode {
  const { type, defaultType = 'INCOME', onTypeChange, defaultPeriod, headingLevel = 2, ...rest } = props;
  const [ownType, setOwnType] = useState<ReportType>(defaultType);
  const shown = type ?? ownType;
  return (
    <Surface slotName="report-view" {...rest}>
      <Tabs
        label="Reports"
        tabs={TABS}
        selected={shown}
        onSelect={(next) => {
          setOwnType(next);
          onTypeChange?.(next);
        }}
      >
        <div className="ol-card">
          {shown === 'INCOME' ? (
            <ProfitAndLossBody defaultPeriod={defaultPeriod} headingLevel={headingLevel} />
          ) : (
            <BalanceSheetBody headingLevel={headingLevel} />
          )}
        </div>
      </Tabs>
    </Surface>
  );
}
