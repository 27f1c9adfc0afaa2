/** What is wrong, as an operator would say it: in a word for every page, in a sentence for the overview and Health. */
import type { OverviewView } from '../../history/views.ts';
import type { Tone } from './words.ts';

type Check = OverviewView['checks'][number];

export interface Trouble {
  readonly name: Check['name'];
  readonly tone: Extract<Tone, 'bad' | 'warning'>;
  /** For the pill. */
  readonly short: string;
  readonly title: string;
  /** What is wrong in particular, and what to do. */
  readonly detail: string;
  /** What happens until it is over. */
  readonly meanwhile: string;
  /** ISO 8601; null where that is not known. */
  readonly since: string | null;
}

/** What is worth a word on every page, the worst first. */
export function troublesOf({ checks }: Pick<OverviewView, 'checks'>): readonly Trouble[] {
  const troubles = checks.flatMap((check) => troubleOf(check) ?? []);
  return troubles.toSorted((a, b) => Number(a.tone === 'warning') - Number(b.tone === 'warning'));
}

export function troubleOf({ name, ok, detail, code, since }: Check): Trouble | null {
  if (name === 'config' && detail !== null) return { name, ...CONFIG, detail: sentence(detail), since };
  if (ok) return null;
  const words = name === 'journal' ? journalWords(code) : code === 'unreachable' ? UNREACHABLE : REJECTED;
  return { name, tone: 'bad', ...words, detail: sentence(detail ?? ''), since };
}

/** Reasons stand alone in lists, without a full stop; here something follows. */
function sentence(text: string): string {
  return /[^.!?]$/.test(text) ? `${text}.` : text;
}

type Words = Pick<Trouble, 'short' | 'title' | 'meanwhile'>;

const NOT_ACCEPTED =
  'Webhooks are answered 503: senders keep them and send them again. Nothing is sent to Slack. What was accepted is kept.';

function journalWords(code: string | null): Words {
  const meanwhile = NOT_ACCEPTED;
  if (code === 'journal-full') return { short: 'disk full', title: 'The journal has no room left', meanwhile };
  if (code === 'journal-unreachable')
    return { short: 'journal unreachable', title: 'The journal cannot be reached', meanwhile };
  return { short: 'journal failing', title: 'The journal cannot be used', meanwhile };
}

const UNREACHABLE: Words = {
  short: 'Slack unreachable',
  title: 'Slack does not answer',
  meanwhile: 'Webhooks are still accepted, and nothing is lost.',
};

const REJECTED: Words = {
  short: 'token rejected',
  title: 'Slack rejects the token',
  meanwhile:
    'Webhooks are still accepted, and nothing is lost. All lanes are paused. Slack is asked every 30 s, and they resume automatically.',
};

const CONFIG = {
  tone: 'warning',
  short: 'config not in force',
  title: 'The config on disk is not valid',
  meanwhile: 'A restart would fail.',
} as const;
