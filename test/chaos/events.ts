/** The events of a run: what they are about, when they say they happened, and how their sender behaves. */
import { deck, type Random } from './random.ts';
import type { Topic } from './scenery.ts';

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

const CARD_CHANNELS = 24;
const NEWS_CHANNELS = 10;
export const PEOPLE: readonly string[] = Array.from({ length: 24 }, (_, index) => `p${index}`);

/** Where Slack says once that the workspace has sent too much: the relay then waits for minutes. */
export const QUOTA_CHANNELS = 60;

export function quotaChannel(index: number): string {
  return `quota-${index + 1}`;
}

/** Slack finds no channel of this name, ever: what goes there stays dead. */
const MISSING_CHANNEL = 'missing-channel';
/** Nobody in the config's people. */
const STRANGER = 'nobody';

const FIRST_INSTANT = Date.parse('2026-03-02T09:00:00Z');
/** Subjects that have something going on at the same time. */
const OPEN_SUBJECTS = 60;

/** Makes events; the same random numbers give the same events. */
export class EventMaker {
  readonly #random: Random;
  readonly #prefix: string;
  readonly #topics: Generator<Topic, never>;
  readonly #subjects: Subject[] = [];
  #named = 0;
  #made = 0;

  constructor(random: Random, prefix: string) {
    this.#random = random;
    this.#prefix = prefix;
    const topics: [Topic, number][] = [
      ['chaos.card', 8],
      ['chaos.note', 6],
      ['chaos.news', 3],
      ['chaos.tell', 2],
      ['chaos.done', 1],
      ['chaos.assigned', 1],
    ];
    this.#topics = deck(
      topics.flatMap(([topic, times]) => Array.from({ length: times }, () => topic)),
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
    const topic = orphan ? 'chaos.note' : this.#topics.next().value;
    const { name, sender, channel } = this.#subject(orphan);
    return {
      number,
      id: `${this.#prefix}_${number}`,
      sender,
      topic,
      subject: name,
      occurredAt: this.#instant(number),
      channel: topic === 'chaos.news' ? this.#newsChannel() : channel,
      person: random.chance(0.02) ? STRANGER : random.pick(PEOPLE),
      attempts: random.chance(0.04) ? random.int(1, 2) : null,
      cutAfterMs: random.chance(0.04) ? random.int(0, 8) : null,
      repeatsAfterMs: random.chance(0.1) ? Array.from({ length: random.int(1, 2) }, () => random.int(0, 2_500)) : [],
    };
  }

  /** A second after the last one; but one of six is told late, and a few at the very instant of an earlier one. */
  #instant(number: number): number {
    const late = this.#random.chance(1 / 6) ? this.#random.int(1, 200) : 0;
    const instant = FIRST_INSTANT + Math.max(0, number - late) * 1000;
    return this.#random.chance(0.2) ? instant - (instant % 60_000) : instant;
  }

  #newsChannel(): string {
    return this.#random.chance(0.03) ? MISSING_CHANNEL : `news-${this.#random.int(1, NEWS_CHANNELS)}`;
  }

  #subject(fresh: boolean): Subject {
    const random = this.#random;
    if (!fresh && this.#subjects.length >= OPEN_SUBJECTS / 4 && !random.chance(0.15))
      return random.pick(this.#subjects);
    this.#named += 1;
    const subject: Subject = {
      name: `s${this.#named}`,
      sender: random.chance(0.7) ? 'allo' : 'alo',
      channel: `cards-${random.int(1, CARD_CHANNELS)}`,
    };
    this.#subjects.push(subject);
    if (this.#subjects.length > OPEN_SUBJECTS) this.#subjects.splice(random.int(0, OPEN_SUBJECTS / 2), 1);
    return subject;
  }
}
