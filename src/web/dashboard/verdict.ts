/** The overview in one sentence: does everything arrive, and if not, what to do. */
import type { OverviewView } from '../../history/views.ts';
import { linkTo } from './place.ts';
import { duration, many, type Tone } from './words.ts';

interface Verdict {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** When it began, where that is known. */
  readonly since: string | null;
  readonly link: { readonly to: string; readonly text: string } | null;
}

/** An unfinished delivery older than this is worth a look. */
const LATE_MS = 5 * 60_000;

export function verdictOn(overview: OverviewView, now: number): Verdict {
  const { tally, lanes, checks, ready } = overview;
  const failing = checks.find(({ ok }) => !ok);
  if (!ready || failing !== undefined) {
    const { name = 'journal', detail, since = null } = failing ?? {};
    return { tone: 'bad', title: BROKEN[name], detail: detail ?? '', since, link: null };
  }
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
  const wrong = overview.config.problems.length;
  if (wrong > 0) {
    const detail = `It has ${many(wrong, 'problem')}, told below. The rules from before stay in force.`;
    return { tone: 'warning', title: 'The last change of the config was not taken', detail, since: null, link: null };
  }
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

const BROKEN = {
  journal: 'Webhooks are not accepted: the journal cannot be used',
  slack: 'Slack does not take messages; nothing is lost, all of it waits',
  config: 'The config is not in order',
} as const;
