/** Instants as Slack shows them: to each reader in their own time zone. */
import { readInstant } from '../core/instant.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Null for what is no time. A date without a time is not moved between time zones. */
export function slackDate(value: unknown): { readonly mrkdwn: string; readonly plain: string } | null {
  const found = readInstant(value);
  if (found === null) return null;
  const at = new Date(found.ms);
  const date = `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  if (found.day) return { mrkdwn: date, plain: date };
  const iso = at.toISOString();
  const plain = `${date}, ${iso.slice(iso.indexOf('T') + 1, -8)} UTC`;
  return { mrkdwn: `<!date^${Math.floor(found.ms / 1000)}^{date_short_pretty} at {time}|${plain}>`, plain };
}
