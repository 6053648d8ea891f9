/** The states of a connection in a word or two. */
import type { Tone } from '../ui/Badge';

interface StatusLabel {
  label: string;
  tone: Tone;
}

const LABELS: Partial<Record<string, StatusLabel>> = {
  importing: { label: 'Importing', tone: 'info' },
  healthy: { label: 'Connected', tone: 'success' },
  expiring: { label: 'Sign in soon', tone: 'warning' },
  bank_down: { label: 'Not answering', tone: 'neutral' },
  rate_limited: { label: 'Waiting', tone: 'neutral' },
  login_required: { label: 'Sign-in needed', tone: 'warning' },
  paused: { label: 'Paused', tone: 'neutral' },
  error: { label: 'Not working', tone: 'danger' },
  revoked: { label: 'Access withdrawn', tone: 'neutral' },
  disconnected: { label: 'Disconnected', tone: 'neutral' },
};

/** A newer server may know more states; they are shown by their own name. */
export function statusLabel(status: string): StatusLabel {
  return LABELS[status] ?? { label: status, tone: 'neutral' };
}
