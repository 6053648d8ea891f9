import type { ReactNode } from 'react';
import type { CategorizationStatistics as Statistics } from '../../client/types';
import { useCategorizationStatistics } from '../../hooks/categorization';
import { useOpenLedger } from '../../provider/context';
import { EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';

/** How much is categorised by itself, how often people correct it, and how good each decider is. */
export function CategorizationStatistics({ headingLevel = 2, ...rest }: CommonProps): ReactNode {
  return (
    <Surface slotName="categorization-statistics" {...rest}>
      <StatisticsBody headingLevel={headingLevel} />
    </Surface>
  );
}

function StatisticsBody({ headingLevel }: { headingLevel: number }): ReactNode {
  const { data, error, isLoading, refetch } = useCategorizationStatistics();
  return (
    <>
      <div className="ol-head">
        <Heading level={headingLevel} className="ol-title">
          How well it works
        </Heading>
      </div>
      {isLoading ? <Skeleton rows={3} label="Loading the statistics" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="The statistics could not be loaded" error={error} onRetry={refetch} />
      )}
      {data === undefined ? null : data.total.transactions === 0 ? (
        <EmptyNote icon="list" title="Nothing to count yet">
          <p className="ol-muted">Figures appear once transactions have settled.</p>
        </EmptyNote>
      ) : (
        <Figures statistics={data} />
      )}
    </>
  );
}

const DECIDERS: Partial<Record<string, string>> = {
  rule: 'Your rules',
  memory: 'What you chose before',
  transfer: 'Transfers between your accounts',
  provider: 'The bank’s category',
  model: 'The words of the bank’s text',
  llm: 'A language model',
  fallback: 'Nothing matched',
};

function Figures({ statistics }: { statistics: Statistics }): ReactNode {
  const { locale } = useOpenLedger();
  const { total, byDecider } = statistics;
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const deciders = byDecider.filter(({ decidedBy }) => decidedBy !== 'person');
  return (
    <>
      <div className="ol-tiles">
        <Figure label="Categorised by itself" value={percent.format(total.automaticShare)}>
          {number.format(total.automatic)} of {number.format(total.transactions)}
        </Figure>
        <Figure label="Waiting for you" value={number.format(total.waitingForReview)} />
        <Figure label="Corrected by you" value={percent.format(total.correctedShare)}>
          {number.format(total.corrected)} of {number.format(total.transactions)}
        </Figure>
      </div>
      <div className="ol-card ol-scroll">
        <table className="ol-table">
          <caption className="ol-hidden">By who or what decided</caption>
          <thead>
            <tr>
              <th scope="col">Decided by</th>
              <th scope="col" className="ol-number">
                By itself
              </th>
              <th scope="col" className="ol-number">
                Asked you
              </th>
              <th scope="col" className="ol-number">
                You agreed
              </th>
              <th scope="col" className="ol-number">
                You corrected
              </th>
              <th scope="col" className="ol-number">
                Right so far
              </th>
            </tr>
          </thead>
          <tbody>
            {deciders.map((one) => (
              <tr key={one.decidedBy}>
                <th scope="row">{DECIDERS[one.decidedBy] ?? one.decidedBy}</th>
                <td className="ol-number">{number.format(one.automatic)}</td>
                <td className="ol-number">{number.format(one.waitingForReview)}</td>
                <td className="ol-number">{number.format(one.confirmed)}</td>
                <td className="ol-number">{number.format(one.corrected)}</td>
                <td className="ol-number">{one.precision === null ? '—' : percent.format(one.precision)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="ol-small ol-below">
        “Right so far”: of what was booked without asking, the share that nobody corrected. Mistakes nobody noticed do
        not count.
      </p>
    </>
  );
}

function Figure({ label, value, children }: { label: string; value: string; children?: ReactNode }): ReactNode {
  return (
    <div className="ol-tile">
      <span className="ol-tile-label">{label}</span>
      <span className="ol-tile-value">{value}</span>
      {children === undefined ? null : <span className="ol-small">{children}</span>}
    </div>
  );
}
