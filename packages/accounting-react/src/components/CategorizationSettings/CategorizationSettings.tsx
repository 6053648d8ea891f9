import type { ReactNode } from 'react';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { Floors } from './Floors';
import { Mapping } from './Mapping';

/** How sure a machine has to be before it books, and where each kind of transaction belongs. */
export function CategorizationSettings({ headingLevel = 2, ...rest }: CommonProps): ReactNode {
  return (
    <Surface slotName="categorization-settings" {...rest}>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            How transactions are placed
          </Heading>
          <p className="ol-muted">Changes hold for transactions to come. Rules book always; what you chose stays.</p>
        </div>
      </div>
      <Floors headingLevel={headingLevel + 1} />
      <Mapping headingLevel={headingLevel + 1} />
    </Surface>
  );
}
