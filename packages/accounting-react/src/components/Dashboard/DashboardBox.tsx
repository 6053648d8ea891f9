import type { ComponentPropsWithoutRef, ReactNode } from 'react';
import { cx } from '../../ui/cx';
import { Heading } from '../../ui/Surface';

export interface DashboardBoxProps extends Omit<ComponentPropsWithoutRef<'div'>, 'title'> {
  title: string;
  /** Beside the title: a link or a button. */
  action?: ReactNode;
  /** @defaultValue 3 */
  headingLevel?: number;
}

/** A titled card of the dashboard, also for a host's own figures. */
export function DashboardBox({
  title,
  action,
  headingLevel = 3,
  children,
  className,
  ...rest
}: DashboardBoxProps): ReactNode {
  return (
    <div data-slot="ol-dashboard-box" className={cx('ol-card ol-box', className)} {...rest}>
      <div className="ol-box-head">
        <Heading level={headingLevel} className="ol-subtitle">
          {title}
        </Heading>
        {action}
      </div>
      {children}
    </div>
  );
}
