/** Dates as Slack shows them: in the reader's time zone, in US English. */
export const DAY_MS = 86_400_000;

type Formatter = (date: Date) => string;

const format =
  (options: Intl.DateTimeFormatOptions): Formatter =>
  (date) =>
    date.toLocaleString('en-US', options);

const long = format({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });
const medium = format({ month: 'long', day: 'numeric', year: 'numeric' });
const short = format({ month: 'short', day: 'numeric', year: 'numeric' });

const TOKENS: Readonly<Record<string, Formatter>> = {
  date_num: (date) =>
    [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-'),
  date_slash: format({ month: '2-digit', day: '2-digit', year: 'numeric' }),
  date_long: long,
  date_long_full: long,
  date_long_pretty: (date) => nearDay(date) ?? long(date),
  date: medium,
  date_pretty: (date) => nearDay(date) ?? medium(date),
  date_short: short,
  date_short_pretty: (date) => nearDay(date) ?? short(date),
  day_divider_pretty: dayName,
  time: clockTime,
  time_secs: format({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  ago,
};

/** Fills `{date_short_pretty} {time}` and the like; null when a name is unknown, so that the fallback shows. */
export function formatDate(seconds: number, pattern: string): string | null {
  const date = new Date(seconds * 1000);
  let known = true;
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const formatter = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
    known &&= formatter !== undefined;
    return formatter?.(date) ?? '';
  });
  return known ? filled.charAt(0).toUpperCase() + filled.slice(1) : null;
}

export function dateOfTs(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function clockTime(date: Date): string {
  return date.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
}

/** `Today`, `Yesterday`, `Monday, November 16`. */
export function dayName(date: Date): string {
  const near = nearDay(date);
  if (near !== null) return near.charAt(0).toUpperCase() + near.slice(1);
  return format({ weekday: 'long', month: 'long', day: 'numeric' })(date);
}

/** `just now`, `5 minutes ago`. */
export function ago(date: Date): string {
  const minutes = Math.round((Date.now() - date.getTime()) / 60_000);
  if (Math.abs(minutes) < 1) return 'just now';
  const relative = new Intl.RelativeTimeFormat('en-US');
  if (Math.abs(minutes) < 60) return relative.format(-minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 24 ? relative.format(-hours, 'hour') : relative.format(-Math.round(hours / 24), 'day');
}

function nearDay(date: Date): string | null {
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY_MS);
  return { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(days)] ?? null;
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
