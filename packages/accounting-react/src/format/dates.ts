/** Dates as people read them, and the periods a report can cover. Calendar dates stay ISO strings. */

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** A calendar date such as "2026-03-05" (a time after it is ignored) as "Mar 5, 2026". */
export function formatDate(iso: string, locale: string): string {
  const [year = 1970, month = 1, day = 1] = iso.slice(0, 10).split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(date);
}

/** The month of a calendar date: "Mar", "Jan 2026" where a year begins, or in long form "March 2026". */
export function formatMonth(iso: string, locale: string, style: 'short' | 'long' = 'short'): string {
  const [year = 1970, month = 1] = iso.split('-').map(Number);
  const withYear: Intl.DateTimeFormatOptions = style === 'long' || month === 1 ? { year: 'numeric' } : {};
  const format = new Intl.DateTimeFormat(locale, { month: style, ...withYear, timeZone: 'UTC' });
  return format.format(new Date(Date.UTC(year, month - 1, 1)));
}

/** A calendar date without its year: "Mar 5". */
export function formatDay(iso: string, locale: string): string {
  const [year = 1970, month = 1, day = 1] = iso.split('-').map(Number);
  const format = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return format.format(new Date(Date.UTC(year, month - 1, day)));
}

/** A period as the heading of a column: "March 2026", "2025" or its first and last day. */
export function formatPeriod({ startDate, endDate }: Period, locale: string): string {
  const [year, month] = endDate.split('-').map(Number);
  const isWhole = startDate.endsWith('-01') && endDate === isoDate(year ?? 1970, (month ?? 1) + 1, 0);
  if (isWhole && startDate.slice(0, 7) === endDate.slice(0, 7)) return formatMonth(startDate, locale, 'long');
  if (isWhole && startDate === `${endDate.slice(0, 4)}-01-01` && month === 12) return endDate.slice(0, 4);
  return `${formatDate(startDate, locale)} – ${formatDate(endDate, locale)}`;
}

/** An instant in the reader's own time zone. */
export function formatInstant(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** "just now", "5 minutes ago", "yesterday". */
export function formatAgo(iso: string, now: Date, locale: string): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(iso)) / 1000));
  if (seconds < MINUTE_S) return 'just now';
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (seconds < HOUR_S) return format.format(-Math.round(seconds / MINUTE_S), 'minute');
  if (seconds < DAY_S) return format.format(-Math.round(seconds / HOUR_S), 'hour');
  return format.format(-Math.round(seconds / DAY_S), 'day');
}

/** First and last day, both included, as ISO dates. */
export interface Period {
  startDate: string;
  endDate: string;
}

export const PERIOD_NAMES = {
  'this-month': 'This month',
  'last-month': 'Last month',
  'this-quarter': 'This quarter',
  'last-quarter': 'Last quarter',
  'year-to-date': 'Year to date',
  'last-year': 'Last year',
  'last-12-months': 'Last 12 months',
  custom: 'Custom dates',
} as const;

export type PeriodName = keyof typeof PERIOD_NAMES;

/** The dates a name stands for on a day; `custom` gives the year to date to start from. */
export function periodOf(name: PeriodName, today: string): Period {
  const [year = 1970, month = 1] = today.split('-').map(Number);
  const quarter = month - ((month - 1) % 3);
  switch (name) {
    case 'this-month':
      return { startDate: isoDate(year, month, 1), endDate: today };
    case 'last-month':
      return { startDate: isoDate(year, month - 1, 1), endDate: isoDate(year, month, 0) };
    case 'this-quarter':
      return { startDate: isoDate(year, quarter, 1), endDate: today };
    case 'last-quarter':
      return { startDate: isoDate(year, quarter - 3, 1), endDate: isoDate(year, quarter, 0) };
    case 'last-year':
      return { startDate: isoDate(year - 1, 1, 1), endDate: isoDate(year - 1, 12, 31) };
    case 'last-12-months':
      return { startDate: isoDate(year, month - 11, 1), endDate: today };
    case 'year-to-date':
    case 'custom':
      return { startDate: isoDate(year, 1, 1), endDate: today };
  }
}

/** Today where the reader is. */
export function todayOf(now: Date): string {
  return isoDate(now.getFullYear(), now.getMonth() + 1, now.getDate());
}

/** Month from 1; a month or day outside its range rolls over, as in Date. */
function isoDate(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
