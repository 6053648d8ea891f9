import type { ReactNode } from 'react';
import type { Transaction } from '../../client/types';

const CHOSEN = 'You chose this';

const DECIDERS: Partial<Record<string, string>> = {
  person: CHOSEN,
  rule: 'By your rule',
  memory: 'As before for this merchant',
  transfer: 'Transfer between your accounts',
  provider: 'By the bank’s category',
  model: 'By the words of the bank’s text',
  fallback: 'No match found',
};

/** Why the row is in its category, and how sure that is: a bar, the number, and the reason in words. */
export function Evidence({ row }: { row: Transaction }): ReactNode {
  const { confidence, decidedBy, reason, suggestedCategory, category_id: categoryId } = row;
  const why = reason ?? (decidedBy === null ? '' : DECIDERS[decidedBy]);
  const better = row.needsReview && suggestedCategory !== null && suggestedCategory.id !== categoryId;
  return (
    <div className="ol-evidence">
      {better ? (
        <span>
          Suggested: <strong>{suggestedCategory.name}</strong>
        </span>
      ) : null}
      <span className="ol-evidence-line">
        {confidence === null || decidedBy === 'person' ? null : <Confidence value={confidence} />}
        <span>{decidedBy === 'person' ? CHOSEN : why}</span>
      </span>
    </div>
  );
}

const SURE = 0.9;
const LIKELY = 0.7;

/** A bar and the number; the words are for screen readers. */
export function Confidence({ value }: { value: number }): ReactNode {
  const percent = Math.round(value * 100);
  return (
    <span className="ol-confidence" data-level={value >= SURE ? 'high' : value >= LIKELY ? 'middle' : 'low'}>
      <span className="ol-bar" aria-hidden="true">
        <span style={{ inlineSize: `${String(percent)}%` }} />
      </span>
      <span className="ol-hidden">Confidence </span>
      {percent}%
    </span>
  );
}
