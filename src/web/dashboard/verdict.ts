/** The overview in one sentence: does everything arrive, and if not, what to do. */
import type { OverviewView } from '../../history/views.ts';
import { linkTo } from './place.ts';
import { troublesOf } from './troubles.ts';
import { duration, many, type Tone } from './words.ts';

/** `last event 9 h ago, usually every 20 min`. */
export function silenceOf(
  { source, last_at: at, usual_seconds: usual }: OverviewView['sources'][number],
  now: number,
): string {
  if (at === null) return `Nothing has come from ${source} yet`;
  const last = `Nothing from ${source} for ${duration(Math.max(1_000, now - Date.parse(at)))}`;
  return usual === null ? last : `${last}; usually every ${duration(usual * 1000)}`;
}

interface Verdict {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** What happens until it is over. */
  readonly meanwhile?: string;
  /** When it began, where that is known. */
  readonly since: string | null;
  readonly link: { readonly to: string; readonly text: string } | null;
}

/** An unfinished delivery older than this is worth a look. */
const LATE_MS = 5 * 60_000;

export function verdictOn(overview: OverviewView, now: number): Verdict {
  const { tally, lanes, sources } = overview;
  const [trouble] = troublesOf(overview);
  if (trouble?.tone === 'bad') return { ...trouble, link: null };
  const lost = tally.dead + tally.parked;
  if (lost > 0) {
    const link = { to: linkTo('problems'), text: 'See why, and send them again' };
    const detail = 'Everything else is on its way or in Slack.';
    return {
      tone: tally.dead > 0 ? 'bad' : 'warning',
      title: `${many(lost, 'delivery', 'deliveries')} did not arrive`,
      detail,
      since: null,
      link,
    };
  }
  if (trouble !== undefined) return { ...trouble, link: null };
  const waited = lanes.oldest_at === null ? 0 : now - Date.parse(lanes.oldest_at);
  if (waited > LATE_MS) {
    const link = { to: linkTo('lanes'), text: 'See what waits, and why' };
    return {
      tone: 'warning',
      title: 'Something is late',
      detail: `The oldest delivery has waited ${duration(waited)}.`,
      since: null,
      link,
    };
  }
  const silent = sources.filter((source) => source.silent);
  if (silent.length > 0) {
    const names = silent.map(({ source }) => source).join(' and ');
    const detail = silent.map((source) => `${silenceOf(source, now)}.`).join(' ');
    return { tone: 'warning', title: `Nothing comes from ${names}`, detail, since: null, link: null };
  }
  const known = Object.values(tally).reduce((sum, number) => sum + number, 0);
  if (known === 0) {
    return {
      tone: 'quiet',
      title: 'Nothing has come in yet',
      detail: 'Ready for the first webhook. To send one from a terminal, signed as ALO would:',
      since: null,
      link: null,
    };
  }
  const detail =
    lanes.unfinished === 0 ? 'Nothing waits.' : `${many(lanes.unfinished, 'conversation')} being written to.`;
  return { tone: 'good', title: 'Everything arrives', detail, since: null, link: null };
}
