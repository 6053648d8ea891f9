import type { ReactNode } from 'react';
import { describeError, type ApiError } from '../client/errors';
import { Button } from './Button';
import { Icon } from './icons';

interface ErrorNoteProps {
  error: ApiError;
  /** What did not work, as a short sentence. */
  title: string;
  /** Says more than the error's own sentence, if the component knows more. */
  explanation?: string | undefined;
  onRetry?: (() => void) | undefined;
  /** @defaultValue 'Try again' */
  retryLabel?: string | undefined;
}

/** What happened, whether it helps to try again, and the id to quote. */
export function ErrorNote({ error, title, explanation, onRetry, retryLabel = 'Try again' }: ErrorNoteProps): ReactNode {
  return (
    <div className="ol-note" data-tone="danger" role="alert">
      <Icon name="alert" />
      <div className="ol-note-text">
        <strong>{title}</strong>
        <p>{explanation ?? describeError(error)}</p>
        {error.requestId === null ? null : <p className="ol-small">Request id: {error.requestId}</p>}
      </div>
      {onRetry === undefined ? null : <Button onClick={onRetry}>{retryLabel}</Button>}
    </div>
  );
}

/** What keeps a form from being sent as it stands, told once somebody has tried. */
export function ObstacleNote({ children }: { children: ReactNode }): ReactNode {
  return (
    <p className="ol-note" data-tone="warning" role="alert">
      {children}
    </p>
  );
}

interface EmptyNoteProps {
  icon: 'bank' | 'list' | 'check';
  title: string;
  children?: ReactNode;
}

/** Nothing to show, and why; the children may offer the next step. */
export function EmptyNote({ icon, title, children }: EmptyNoteProps): ReactNode {
  return (
    <div className="ol-empty">
      <span className="ol-empty-icon">
        <Icon name={icon} />
      </span>
      <p className="ol-empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Grey lines in the shape of what is loading; they appear only if it takes a moment. */
export function Skeleton({ rows = 3, label }: { rows?: number; label: string }): ReactNode {
  return (
    <div className="ol-skeleton" role="status" aria-busy="true">
      <span className="ol-hidden">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="ol-skeleton-row" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}

/** Tells screen readers what changed. Keep it mounted: only a change of its text is read out. */
export function Announcer({ children }: { children: string }): ReactNode {
  return (
    <p className="ol-hidden" role="status">
      {children}
    </p>
  );
}
