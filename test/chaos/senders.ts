/**
 * The senders: they sign as the real ones do, try again until they are answered 200 (in milliseconds where the real
 * ones wait for minutes), send some events twice although they were accepted, and give some up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '../../src/core/secret.ts';
import { sign } from '../helpers/sign.ts';
import type { PlannedEvent } from './events.ts';
import type { Ledger } from './ledger.ts';
import { markerOf, padOf, urlOf } from './scenery.ts';

const SENDERS = 10;
/** Of those with several instances. One that is stopped takes its senders' time. */
const SENDERS_OF_SEVERAL = 24;
/** Before the second, third, … attempt; the last again and again. */
const RETRY_AFTER_MS = [10, 40, 120, 300, 600];
const ANSWER_WITHIN_MS = 5_000;
const ANSWER_OF_SEVERAL_WITHIN_MS = 1_500;
/** One event of so many is sent to all instances at once. */
const RACING = 8;

export interface SenderOptions {
  /** Where instances take webhooks; each ends with a slash. */
  readonly urls: readonly string[];
  readonly secrets: Readonly<Record<PlannedEvent['sender'], Secret>>;
  readonly ledger: Ledger;
}

interface Attempt {
  /** Instances take turns. */
  readonly turn: number;
  /** The connection is cut after so many ms; null: not. */
  readonly cutAfterMs: number | null;
}

export class Senders {
  readonly #options: SenderOptions;
  readonly #queue: PlannedEvent[] = [];
  readonly #repeating = new Set<Promise<void>>();
  #busy = 0;
  #stopped = false;
  #repeated = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** To be sent now, each by the next sender that has nothing to do. */
  send(events: readonly PlannedEvent[]): void {
    this.#queue.push(...events);
    const senders = this.#several ? SENDERS_OF_SEVERAL : SENDERS;
    while (this.#busy < senders && this.#queue.length > 0) this.#start();
  }

  /** Nothing is on its way and nothing waits; repetitions may still come. */
  get idle(): boolean {
    return this.#busy === 0 && this.#queue.length === 0;
  }

  /** Resolves when every repetition has been sent. */
  async repetitions(): Promise<void> {
    while (this.#repeating.size > 0) await Promise.all(this.#repeating);
  }

  /** Gives up whatever has no answer yet. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
  }

  /** Sends once more what may have been accepted before. */
  repeat(event: PlannedEvent, afterMs: number): void {
    const repetition: Promise<void> = (async () => {
      await sleep(afterMs);
      this.#repeated += 1;
      await this.#attempt(event, { turn: this.#repeated, cutAfterMs: null });
    })().finally(() => this.#repeating.delete(repetition));
    this.#repeating.add(repetition);
  }

  get #several(): boolean {
    return this.#options.urls.length > 1;
  }

  #start(): void {
    this.#busy += 1;
    void this.#work().finally(() => {
      this.#busy -= 1;
    });
  }

  async #work(): Promise<void> {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const accepted = await this.#deliver(event);
      if (accepted) for (const afterMs of event.repeatsAfterMs) this.repeat(event, afterMs);
    }
  }

  async #deliver(event: PlannedEvent): Promise<boolean> {
    for (let attempt = 1; !this.#stopped; attempt++) {
      const racing = this.#several && event.number % RACING === 0;
      const cutAfterMs = attempt === 1 ? event.cutAfterMs : null;
      // Each attempt goes to another instance than the one before.
      const turn = event.number + attempt;
      const copies = racing && attempt === 1 ? this.#options.urls.length : 1;
      const statuses = await Promise.all(
        Array.from({ length: copies }, (_, copy) => this.#attempt(event, { turn: turn + copy, cutAfterMs })),
      );
      if (statuses.includes(200)) return true;
      if (attempt === event.attempts) return false;
      await sleep(RETRY_AFTER_MS[Math.min(attempt, RETRY_AFTER_MS.length) - 1]);
    }
    return false;
  }

  /** `turn` says whose it is. The answer's status; null where none came. */
  async #attempt(event: PlannedEvent, { turn, cutAfterMs }: Attempt): Promise<number | null> {
    const { urls, secrets, ledger } = this.#options;
    const url = urls[turn % urls.length] ?? '';
    const body = bodyOf(event);
    const { sender: type, id: messageId } = event;
    const headers = sign({ type, secret: secrets[type], body, messageId, nowMs: Date.now() });
    ledger.sending(event);
    let status: number | null = null;
    try {
      const withinMs = this.#several ? ANSWER_OF_SEVERAL_WITHIN_MS : ANSWER_WITHIN_MS;
      const signal = AbortSignal.timeout(cutAfterMs ?? withinMs);
      const response = await fetch(`${url}${type}`, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await response.arrayBuffer();
      status = response.status;
    } catch {
      // Killed, not started yet, or cut: the sender cannot tell, and tries again.
    }
    ledger.answered(event, status);
    return status;
  }
}

/** The same over all attempts. */
function bodyOf({ id, topic, subject, occurredAt, channel, person, number, urgent, alarm }: PlannedEvent): string {
  const marker = markerOf(number);
  return JSON.stringify({
    topic,
    type: topic,
    version: '2.0',
    timestamp: new Date(occurredAt).toISOString(),
    event_id: id,
    data: {
      id: subject,
      title: `${subject} ${marker}`,
      url: urlOf(number),
      marker,
      pad: padOf(number),
      channel,
      to: person,
      urgent,
      alarm,
    },
  });
}
