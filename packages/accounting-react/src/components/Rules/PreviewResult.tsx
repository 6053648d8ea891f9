import type { ReactNode } from 'react';
import type { RulePreview } from '../../client/types';
import { formatDate } from '../../format/dates';
import { useOpenLedger } from '../../provider/context';
import { Money } from '../../ui/Money';

interface PreviewResultProps {
  preview: RulePreview;
  appliesToPast: boolean;
  onApplyToPast: (applies: boolean) => void;
}

/** What a rule would change: counts, why the rest stays, and examples before and after. */
export function PreviewResult({ preview, appliesToPast, onApplyToPast }: PreviewResultProps): ReactNode {
  const { matched, changed, examples } = preview;
  return (
    <section className="ol-preview" aria-label="What it would change" data-slot="ol-rule-preview">
      <p>
        <strong>
          Finds {matched} {matched === 1 ? 'transaction' : 'transactions'}, would change {changed}.
        </strong>{' '}
        {reasons(preview)}
      </p>
      {examples.length === 0 ? null : <Examples {...{ examples }} />}
      {changed === 0 ? null : (
        <label className="ol-check-field">
          <input
            type="checkbox"
            checked={appliesToPast}
            onChange={(event) => {
              onApplyToPast(event.target.checked);
            }}
          />{' '}
          Also change {changed === 1 ? 'this earlier one' : `these ${String(changed)} earlier ones`}. It can be undone.
        </label>
      )}
    </section>
  );
}

function Examples({ examples }: Pick<RulePreview, 'examples'>): ReactNode {
  const { locale } = useOpenLedger();
  return (
    <div className="ol-scroll">
      <table className="ol-table">
        <caption className="ol-hidden">The newest that would change</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Description</th>
            <th scope="col" className="ol-number">
              Amount
            </th>
            <th scope="col">Now</th>
            <th scope="col">Then</th>
          </tr>
        </thead>
        <tbody>
          {examples.slice(0, 8).map((row) => (
            <tr key={row.transactionId}>
              <td className="ol-muted ol-nowrap">{formatDate(row.date, locale)}</td>
              <td>{row.description}</td>
              <td className="ol-number">
                <Money
                  amount={row.direction === 'out' ? `-${row.amountDecimal}` : row.amountDecimal}
                  currency={row.currency}
                  look="signed"
                />
              </td>
              <td>{placeOf(row.before)}</td>
              <td className="ol-strong">
                {placeOf(row.after)}
                {row.after.needsReview ? <span className="ol-small ol-block">{row.after.reason}</span> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where a row is in the books: its category, what each line of a split gets, or nowhere. */
function placeOf({ categoryName, excluded, splits }: RulePreview['examples'][number]['after']): string {
  if (excluded) return 'Left out of the books';
  if (splits.length === 0) return categoryName;
  return splits.map((part) => `${part.amountDecimal} ${part.categoryName}`).join(', ');
}

/** Why the others stay as they are. */
function reasons(preview: RulePreview): string {
  const kept = [
    [preview.unchanged, 'say the same already'],
    [preview.decidedByPerson, 'you decided yourself'],
    [preview.decidedByOtherRule, 'an earlier rule decides'],
    [preview.inClosedPeriod, 'are in a closed period'],
  ] as const;
  const words = kept.filter(([count]) => count > 0).map(([count, why]) => `${String(count)} ${why}`);
  return words.length === 0 ? '' : `The others stay: ${words.join(', ')}.`;
}
