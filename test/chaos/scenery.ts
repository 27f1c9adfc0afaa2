/**
 * The scenery: routes and templates that the driver configures, and what they owe for each event. Every message says
 * what it is, whose subject it shows and which event it comes from, so that a person could tell, and the checker can
 * (statements.ts).
 */
import type { PlannedEvent } from './events.ts';

/** Whether deliveries go out one by one, or with merging, quiet hours and thresholds. */
export const MODES = ['singly', 'merged'] as const;

export type Mode = (typeof MODES)[number];

export type Topic =
  | 'chaos.card'
  | 'chaos.note'
  | 'chaos.news'
  | 'chaos.tell'
  | 'chaos.done'
  | 'chaos.assigned'
  | MergedTopic;

/** Only there when merging is on. */
type MergedTopic =
  | 'chaos.memo'
  | 'chaos.flash'
  | 'chaos.hush'
  | 'chaos.later'
  | 'chaos.whisper'
  | 'chaos.still'
  | 'chaos.alarm';

type Verb = 'card' | 'reply' | 'post' | 'dm' | 'react';

/** A route's name is the first word of its messages. */
interface RouteFacts {
  readonly verb: Verb;
  /** Quiet hours hold it back, unless the event is urgent. */
  readonly quiet?: true;
  /** Lines of a message at most; null: always singly. */
  readonly maxLines: number | null;
}

export const MAX_LINES = 20;

export const ROUTE_FACTS = {
  card: { verb: 'card', maxLines: MAX_LINES },
  note: { verb: 'reply', maxLines: 12 },
  news: { verb: 'post', maxLines: MAX_LINES },
  tell: { verb: 'dm', maxLines: 8 },
  done: { verb: 'react', maxLines: MAX_LINES },
  memo: { verb: 'reply', maxLines: null },
  flash: { verb: 'post', maxLines: null },
  hush: { verb: 'post', quiet: true, maxLines: 60 },
  later: { verb: 'card', quiet: true, maxLines: MAX_LINES },
  whisper: { verb: 'dm', quiet: true, maxLines: MAX_LINES },
  still: { verb: 'reply', quiet: true, maxLines: null },
  alarm: { verb: 'post', maxLines: MAX_LINES },
} as const satisfies Readonly<Record<string, RouteFacts>>;

export type Route = keyof typeof ROUTE_FACTS;

export function factsOf(route: Route): RouteFacts {
  return ROUTE_FACTS[route];
}

export const DONE_EMOJI = 'white_check_mark';

export const FALLBACK_CHANNEL = 'relay-problems';

/** The config's `quiet_hours`. */
export const QUIET_HOURS = 'pauses';

/** What the alarm's route asks for. */
export const ALARM = { count: 4, withinMs: 5_000 } as const;

const CHANNEL = '#{{ event.payload.data.channel }}';
const RECIPIENT = 'event.payload.data.to';
const QUIET = { quiet_hours: QUIET_HOURS, urgent: 'event.payload.data.urgent' } as const;

/** With a `*` behind each topic: others than the senders' own would be warned of. */
export function routesFor(mode: Mode, alarmWithinMs: number = ALARM.withinMs): readonly object[] {
  const merged = mode === 'merged';
  const only = (keys: object) => (merged ? keys : {});
  return [
    {
      name: 'card',
      on: ['chaos.card*', 'chaos.assigned*', 'chaos.done*', ...(merged ? ['chaos.alarm*'] : [])],
      card: { channel: CHANNEL, template: 'card' },
    },
    {
      name: 'note',
      on: 'chaos.note*',
      reply: { channel: CHANNEL, template: 'note', root: 'root' },
      ...only({ merge: { when_waiting: 4, max_lines: ROUTE_FACTS.note.maxLines } }),
    },
    { name: 'news', on: 'chaos.news*', post: { channel: CHANNEL, template: 'news' } },
    {
      name: 'tell',
      on: ['chaos.tell*', 'chaos.assigned*'],
      dm: { to: RECIPIENT, template: 'tell' },
      ...only({ merge: { when_waiting: 2, max_lines: ROUTE_FACTS.tell.maxLines, template: 'roundup' } }),
    },
    { name: 'done', on: 'chaos.done*', react: { channel: CHANNEL, emoji: DONE_EMOJI } },
    ...(merged ? [...MERGED_ROUTES, alarmRoute(alarmWithinMs)] : []),
  ];
}

const MERGED_ROUTES = [
  { name: 'memo', on: 'chaos.memo*', reply: { channel: CHANNEL, template: 'memo', root: 'root' }, merge: false },
  { name: 'flash', on: 'chaos.flash*', post: { channel: CHANNEL, template: 'flash' }, merge: false },
  {
    name: 'hush',
    on: 'chaos.hush*',
    post: { channel: CHANNEL, template: 'hush' },
    ...QUIET,
    merge: { max_lines: ROUTE_FACTS.hush.maxLines },
  },
  { name: 'later', on: 'chaos.later*', card: { channel: CHANNEL, template: 'later' }, ...QUIET },
  {
    name: 'still',
    on: 'chaos.still*',
    reply: { channel: CHANNEL, template: 'still', root: 'root' },
    ...QUIET,
    merge: false,
  },
  { name: 'whisper', on: 'chaos.whisper*', dm: { to: RECIPIENT, template: 'whisper' }, ...QUIET },
];

function alarmRoute(withinMs: number) {
  return {
    name: 'alarm',
    on: 'chaos.alarm*',
    post: { channel: CHANNEL, template: 'alarm' },
    at_least: { count: ALARM.count, within: `${withinMs}ms`, per: 'event.payload.data.alarm' },
  };
}

const said = (what: string) => `${what} {{ event.subject }} {{ event.payload.data.marker }}`;
const padded = (what: string) => `${said(what)}{{ event.payload.data.pad }}`;

/** File name → template. `news` has blocks, which Slack may refuse where it takes the text. */
export const TEMPLATES: Readonly<Record<string, unknown>> = {
  'card.yaml': { text: said('card') },
  'note.yaml': { text: padded('note') },
  'root.yaml': { text: said('root') },
  'tell.yaml': { text: said('tell') },
  'news.yaml': {
    text: said('news'),
    summary: said('news'),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: said('news') } }],
  },
  'memo.yaml': { text: said('memo') },
  'flash.yaml': { text: said('flash') },
  'hush.yaml': { text: padded('hush') },
  'later.yaml': { text: said('later') },
  'whisper.yaml': { text: said('whisper') },
  'still.yaml': { text: said('still') },
  'alarm.yaml': { text: said('alarm') },
  'roundup.yaml': {
    text: '{{ event.payload.count }} messages{% for line in event.payload.lines %}\n• {{ line.text }}{% endfor %}',
  },
};

/** One delivery that an event owes; what a threshold counts, it owes only when that is reached. */
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
  'chaos.memo': ['memo'],
  'chaos.flash': ['flash'],
  'chaos.hush': ['hush'],
  'chaos.later': ['later'],
  'chaos.whisper': ['whisper'],
  'chaos.still': ['still'],
  'chaos.alarm': ['card', 'alarm'],
};

export function owedFor({ topic, channel, person }: PlannedEvent): readonly Owed[] {
  return ROUTES_OF[topic].map((route) => ({
    route,
    conversation: factsOf(route).verb === 'dm' ? userOf(person) : channel,
  }));
}

export function markerOf(event: number): string {
  return `e${String(event).padStart(6, '0')}`;
}

/** What makes a text long: some would be cut in a line, and few of them fit into one reply. */
export function padOf(event: number): string {
  return event % 3 === 0 ? ` ${'~'.repeat(200 + (event % 400))}` : '';
}

/** Where an event leads; null for nowhere. */
export function urlOf(event: number): string | null {
  return event % 2 === 0 ? `https://example.com/events/${event}` : null;
}

/** A person's Slack user id: the config's `people.map`, for persons `p0`, `p1`, … */
export function userOf(person: string): string {
  return `U0CHAOS${person.toUpperCase()}`;
}
