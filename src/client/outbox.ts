/** Sample events on their way to a relay: one, a burst of them, or the last one again. */
import { randomUUID } from 'node:crypto';
import { RelayError } from '../core/errors.ts';
import type { Source } from '../sources/source.ts';
import { type Delivery, type Message, post } from './sender.ts';

/** Requests of a burst that are open at once. */
const STORM_WIDTH = 50;
/** Bursts tell stories that nobody has sent by hand. */
const FIRST_STORM_STORY = 100;

interface Sending {
  readonly source: Source;
  readonly topic: string;
  /** Which: the same number is the same subject. */
  readonly story: number;
  /** It happened so long ago. */
  readonly agoMs?: number;
}

export class Outbox {
  readonly #url: string;
  #last: Message | null = null;
  #stormStory = FIRST_STORM_STORY;

  /** `url`: the public listener's, without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Rejects with a RelayError where there is no sample of the topic. */
  send(sending: Sending): Promise<Delivery> {
    const message = this.#write(sending);
    this.#last = message;
    return post(message);
  }

  /** The last one, byte by byte. Rejects with a RelayError where there was none. */
  async repeat(): Promise<Delivery> {
    if (this.#last === null) throw new RelayError('usage', 'Nothing was sent yet that could be sent again.');
    return post(this.#last);
  }

  /** So many events of all topics in turn, as fast as they are answered. */
  async burst(source: Source, count: number): Promise<Delivery[]> {
    const topics = source.type.samples.map(({ topic }) => topic);
    const base = this.#stormStory;
    this.#stormStory += Math.ceil(count / topics.length);
    const messages = Array.from({ length: count }, (_, turn) =>
      this.#write({
        source,
        topic: topics[turn % topics.length] ?? '',
        story: base + Math.floor(turn / topics.length),
      }),
    );
    const deliveries: Delivery[] = [];
    const queue = messages.values();
    const worker = async () => {
      for (const message of queue) deliveries.push(await post(message));
    };
    await Promise.all(Array.from({ length: STORM_WIDTH }, worker));
    this.#last = messages.at(-1) ?? this.#last;
    return deliveries;
  }

  #write({ source, topic, story, agoMs = 0 }: Sending): Message {
    const sample = source.type.samples.find((candidate) => candidate.topic === topic);
    if (sample === undefined) throw new RelayError('usage', `There is no sample of "${topic}" for ${source.name}.`);
    return {
      source,
      topic,
      url: `${this.#url}/webhooks/${source.name}`,
      body: JSON.stringify(sample.build({ index: story, nowMs: Date.now() - agoMs })),
      messageId: `msg_${randomUUID().replaceAll('-', '')}`,
    };
  }
}
