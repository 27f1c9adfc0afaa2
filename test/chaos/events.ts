/** The events of a run: what they are about, when they say they happened, and how their sender behaves. */
import { deck, type Random } from './random.ts';
import type { Mode, Topic } from './scenery.ts';

export interface PlannedEvent {
  /** From 1, in the order in which they are sent first. */
  readonly number: number;
  /** The sender's id: `webhook-id` of allo, `event_id` in the body of alo. */
  readonly id: string;
  readonly sender: 'allo' | 'alo';
  readonly topic: Topic;
  readonly subject: string;
  /** ms since the epoch: when it says it happened. */
  readonly occurredAt: number;
  /** Without `#`. */
  readonly channel: string;
  readonly person: string;
  /** Quiet hours let it pass. */
  readonly urgent: boolean;
  /** What alarms are counted by; null for any other event. */
  readonly alarm: string | null;
  /** How often the sender tries without an answer before it forgets the event; null: until it is accepted. */
  readonly attempts: number | null;
  /** The first attempt's connection is cut after so many ms; null: not. */
  readonly cutAfterMs: number | null;
  /** Sent again although it was accepted: ms after that. */
  readonly repeatsAfterMs: readonly number[];
}

/** What a stretch of events is rich in. */
export type Flavour = 'plain' | 'orphans';

interface Subject {
  readonly name: string;
  readonly sender: PlannedEvent['sender'];
  readonly channel: string;
}

interface Cast {
  readonly topics: readonly (readonly [topic: Topic, times: number])[];
  /** What has a thread, and no card yet. */
  readonly orphan: Topic;
  readonly cardChannels: number;
  readonly newsChannels: number;
  readonly people: number;
}

const TOPICS: Cast['topics'] = [
  ['chaos.card', 8],
  ['chaos.note', 6],
  ['chaos.news', 3],
  ['chaos.tell', 2],
  ['chaos.done', 1],
  ['chaos.assigned', 1],
];

/** In few conversations much waits for each. */
const FEW = { cardChannels: 4, newsChannels: 2, people: 3 } as const;

const CASTS: Readonly<Record<Mode, Cast>> = {
  singly: { topics: TOPICS, orphan: 'chaos.note', cardChannels: 24, newsChannels: 10, people: 24 },
  merged: {
    topics: [
      ...TOPICS,
      ['chaos.news', 3],
      ['chaos.tell', 1],
      ['chaos.memo', 1],
      ['chaos.flash', 1],
      ['chaos.hush', 3],
      ['chaos.later', 2],
      ['chaos.whisper', 2],
      ['chaos.still', 1],
    ],
    orphan: 'chaos.memo',
    ...FEW,
  },
};

const MOST_PEOPLE = Math.max(...Object.values(CASTS).map(({ people }) => people));
export const PEOPLE: readonly string[] = Array.from({ length: MOST_PEOPLE }, (_, index) => `p${index}`);

/** One in so many events begins a few alarms in a row. */
const STORM_EVERY = 30;
const LONGEST_STORM = 9;

/** Where Slack says once that the workspace has sent too much: the relay then waits for minutes. */
export const QUOTA_CHANNELS = 60;

export function quotaChannel(index: number): string {
  return `quota-${index + 1}`;
}

/** Slack finds no channel of this name, ever: what goes there stays dead. */
const MISSING_CHANNEL = 'missing-channel';
/** Nobody in the config's people. */
const STRANGER = 'nobody';

/** What belongs to no subject's channel. */
const NEWS_TOPICS: ReadonlySet<Topic> = new Set<Topic>(['chaos.news', 'chaos.flash', 'chaos.hush']);

const FIRST_INSTANT = Date.parse('2026-03-02T09:00:00Z');
/** Subjects that have something going on at the same time. */
const OPEN_SUBJECTS = 60;

/** Makes events; the same random numbers give the same events. */
export class EventMaker {
  readonly #random: Random;
  readonly #prefix: string;
  readonly #merged: boolean;
  readonly #cast: Cast;
  readonly #topics: Generator<Topic, never>;
  readonly #subjects: Subject[] = [];
  #storm = { alarm: '', left: 0 };
  #alarms = 0;
  #named = 0;
  #made = 0;

  /** `crowded`: in few conversations, whatever the mode. */
  constructor(random: Random, prefix: string, { mode, crowded = false }: { mode: Mode; crowded?: boolean }) {
    this.#random = random;
    this.#prefix = prefix;
    this.#merged = mode === 'merged';
    this.#cast = { ...CASTS[mode], ...(crowded && FEW) };
    this.#topics = deck(
      this.#cast.topics.flatMap(([topic, times]) => Array.from({ length: times }, () => topic)),
      random,
    );
  }

  /** As many news as there are quota channels, one in each. */
  quotaNews(): PlannedEvent[] {
    return Array.from({ length: QUOTA_CHANNELS }, (_, index) => ({
      ...this.#event(false),
      topic: 'chaos.news',
      channel: quotaChannel(index),
    }));
  }

  make(count: number, flavour: Flavour): PlannedEvent[] {
    return Array.from({ length: count }, (_, index) => this.#event(flavour === 'orphans' && index % 3 === 0));
  }

  #event(orphan: boolean): PlannedEvent {
    const random = this.#random;
    this.#made += 1;
    const number = this.#made;
    const alarm = orphan ? null : this.#alarm();
    const topic = orphan ? this.#cast.orphan : alarm === null ? this.#topics.next().value : 'chaos.alarm';
    const { name, sender, channel } = this.#subject(orphan);
    return {
      number,
      id: `${this.#prefix}_${number}`,
      sender,
      topic,
      subject: name,
      occurredAt: this.#instant(number),
      channel: NEWS_TOPICS.has(topic) ? this.#newsChannel() : channel,
      person: random.chance(0.02) ? STRANGER : random.pick(PEOPLE.slice(0, this.#cast.people)),
      urgent: this.#merged && random.chance(0.25),
      alarm,
      attempts: random.chance(0.04) ? random.int(1, 2) : null,
      cutAfterMs: random.chance(0.04) ? random.int(0, 8) : null,
      repeatsAfterMs: random.chance(0.1) ? Array.from({ length: random.int(1, 2) }, () => random.int(0, 2_500)) : [],
    };
  }

  /** What a storm of alarms is about, while there is one: a new thing, or one that was on lately. */
  #alarm(): string | null {
    const random = this.#random;
    if (!this.#merged) return null;
    if (this.#storm.left === 0) {
      if (!random.chance(1 / STORM_EVERY)) return null;
      if (this.#alarms === 0 || random.chance(0.5)) this.#alarms += 1;
      const alarm = `a${Math.max(1, this.#alarms - random.int(0, 2))}`;
      this.#storm = { alarm, left: random.int(1, LONGEST_STORM) };
    }
    this.#storm.left -= 1;
    return this.#storm.alarm;
  }

  /** A second after the last one; but one of six is told late, and a few at the very instant of an earlier one. */
  #instant(number: number): number {
    const late = this.#random.chance(1 / 6) ? this.#random.int(1, 200) : 0;
    const instant = FIRST_INSTANT + Math.max(0, number - late) * 1000;
    return this.#random.chance(0.2) ? instant - (instant % 60_000) : instant;
  }

  #newsChannel(): string {
    return this.#random.chance(0.03) ? MISSING_CHANNEL : `news-${this.#random.int(1, this.#cast.newsChannels)}`;
  }

  #subject(fresh: boolean): Subject {
    const random = this.#random;
    if (!fresh && this.#subjects.length >= OPEN_SUBJECTS / 4 && !random.chance(0.15))
      return random.pick(this.#subjects);
    this.#named += 1;
    const subject: Subject = {
      name: `s${this.#named}`,
      sender: random.chance(0.7) ? 'allo' : 'alo',
      channel: `cards-${random.int(1, this.#cast.cardChannels)}`,
    };
    this.#subjects.push(subject);
    if (this.#subjects.length > OPEN_SUBJECTS) this.#subjects.splice(random.int(0, OPEN_SUBJECTS / 2), 1);
    return subject;
  }
}
