/** Instants as Slack shows them: to each reader in their own time zone. */

const ISO = /^\d{4}-\d{2}-\d{2}(?<time>[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Above this a number of seconds would be in the year 5138: it is milliseconds. */
const LARGEST_SECONDS = 1e11;

/**
 * An ISO 8601 text, or a Unix time in seconds or milliseconds; null for anything else. A date without a time names a
 * day wherever the reader is, so it is not moved between time zones. A time without a zone is read as UTC.
 */
export function slackDate(value: unknown): { readonly mrkdwn: string; readonly plain: string } | null {
  const match = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  const ms = typeof value === 'number' ? fromUnix(value) : match === null ? Number.NaN : parsed(match);
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return null;
  const date = `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  if (match !== null && match.groups?.time === undefined) return { mrkdwn: date, plain: date };
  const iso = at.toISOString();
  const plain = `${date}, ${iso.slice(iso.indexOf('T') + 1, -8)} UTC`;
  const unix = Math.floor(ms / 1000);
  return { mrkdwn: `<!date^${unix}^{date_short_pretty} at {time}|${plain}>`, plain };
}

function fromUnix(value: number): number {
  return Math.abs(value) > LARGEST_SECONDS ? value : value * 1000;
}

function parsed(match: RegExpExecArray): number {
  const { time, zone } = match.groups ?? {};
  const text = match[0].replace(' ', 'T').replace(',', '.').toUpperCase();
  return Date.parse(
    time !== undefined && zone === undefined ? `${text}Z` : text.replace(/([+-]\d{2})(\d{2})?$/, zoned),
  );
}

/** `+02` and `+0200` as `+02:00`, the one form that Date.parse takes. */
function zoned(whole: string, hours: string, minutes: string | undefined, offset: number): string {
  return offset < 'yyyy-mm-ddThh:mm'.length ? whole : `${hours}:${minutes ?? '00'}`;
}
