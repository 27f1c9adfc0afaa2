/**
 * The scenery: routes and templates that the driver configures, and what they owe for each event. Every message says
 * what it is, whose subject it shows and which event it comes from, so that a person could tell, and the checker can.
 */
import type { PlannedEvent } from './events.ts';

const TOPICS = ['chaos.card', 'chaos.note', 'chaos.news', 'chaos.tell', 'chaos.done', 'chaos.assigned'] as const;

export type Topic = (typeof TOPICS)[number];

/** A route's name, and the first word of its messages; `root` is a thread's root that a reply brought along. */
export type Route = 'card' | 'note' | 'news' | 'tell' | 'done';

export const DONE_EMOJI = 'white_check_mark';

export const FALLBACK_CHANNEL = 'relay-problems';

const CARD_CHANNEL = '#{{ event.payload.data.channel }}';

export const ROUTES = [
  {
    name: 'card',
    on: ['chaos.card', 'chaos.assigned', 'chaos.done'],
    card: { channel: CARD_CHANNEL, template: 'card' },
  },
  { name: 'note', on: 'chaos.note', reply: { channel: CARD_CHANNEL, template: 'note', root: 'root' } },
  { name: 'news', on: 'chaos.news', post: { channel: CARD_CHANNEL, template: 'news' } },
  { name: 'tell', on: ['chaos.tell', 'chaos.assigned'], dm: { to: 'event.payload.data.to', template: 'tell' } },
  { name: 'done', on: 'chaos.done', react: { channel: CARD_CHANNEL, emoji: DONE_EMOJI } },
] as const;

const said = (what: string) => `${what} {{ event.subject }} {{ event.payload.data.marker }}`;

/** File name → template. `news` has blocks, which Slack may refuse where it takes the text. */
export const TEMPLATES: Readonly<Record<string, unknown>> = {
  'card.yaml': { text: said('card') },
  'note.yaml': { text: said('note') },
  'root.yaml': { text: said('root') },
  'tell.yaml': { text: said('tell') },
  'news.yaml': {
    text: said('news'),
    summary: said('news'),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: said('news') } }],
  },
};

/** One delivery that an event owes. */
export interface Owed {
  readonly route: Route;
  /** A channel's name without `#`, or a Slack user's id. */
  readonly conversation: string;
}

const ROUTES_OF: Readonly<Record<Topic, readonly Route[]>> = {
  'chaos.card': ['card'],
  'chaos.assigned': ['card', 'tell'],
  'chaos.done': ['card', 'done'],
  'chaos.note': ['note'],
  'chaos.news': ['news'],
  'chaos.tell': ['tell'],
};

export function owedFor({ topic, channel, person }: PlannedEvent): readonly Owed[] {
  return ROUTES_OF[topic].map((route) => ({ route, conversation: route === 'tell' ? userOf(person) : channel }));
}

const MARKER = /^(card|note|root|news|tell) (\S+) e(\d{6,})$/;

/** What a message says of itself; null for what is none of ours. */
export function readMessage(
  text: string,
): { readonly kind: Route | 'root'; readonly subject: string; readonly event: number } | null {
  const [, kind, subject, number] = MARKER.exec(text) ?? [];
  if (kind === undefined || subject === undefined) return null;
  const known = (['card', 'note', 'root', 'news', 'tell'] as const).find((it) => it === kind);
  return known === undefined ? null : { kind: known, subject, event: Number(number) };
}

export function markerOf(event: number): string {
  return `e${String(event).padStart(6, '0')}`;
}

/** A person's Slack user id: the config's `people.map`, for persons `p0`, `p1`, … */
export function userOf(person: string): string {
  return `U0CHAOS${person.toUpperCase()}`;
}
