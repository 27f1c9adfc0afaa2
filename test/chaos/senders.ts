/**
 * The senders: they sign as the real ones do, try again until they are answered 200 (in milliseconds where the real
 * ones wait for minutes), send some events twice although they were accepted, and give some up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '../../src/core/secret.ts';
import { sign } from '../../src/sources/sign.ts';
import type { PlannedEvent } from './events.ts';
import type { Ledger } from './ledger.ts';
import { markerOf, padOf, urlOf } from './scenery.ts';

const SENDERS = 10;
/** Before the second, third, … attempt; the last again and again. */
const RETRY_AFTER_MS = [10, 40, 120, 300, 600];
const ANSWER_WITHIN_MS = 5_000;

export interface SenderOptions {
  /** Where the service takes webhooks; ends with a slash. */
  readonly url: string;
  readonly secrets: Readonly<Record<PlannedEvent['sender'], Secret>>;
  readonly ledger: Ledger;
}

export class Senders {
  readonly #options: SenderOptions;
  readonly #queue: PlannedEvent[] = [];
  readonly #repeating = new Set<Promise<void>>();
  #busy = 0;
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** To be sent now, each by the next sender that has nothing to do. */
  send(events: readonly PlannedEvent[]): void {
    this.#queue.push(...events);
    while (this.#busy < SENDERS && this.#queue.length > 0) this.#start();
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
      await this.#attempt(event, null);
    })().finally(() => this.#repeating.delete(repetition));
    this.#repeating.add(repetition);
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
      const status = await this.#attempt(event, attempt === 1 ? event.cutAfterMs : null);
      if (status === 200) return true;
      if (attempt === event.attempts) return false;
      await sleep(RETRY_AFTER_MS[Math.min(attempt, RETRY_AFTER_MS.length) - 1]);
    }
    return false;
  }

  /** The answer's status; null where none came. */
  async #attempt(event: PlannedEvent, cutAfterMs: number | null): Promise<number | null> {
    const { url, secrets, ledger } = this.#options;
    const body = bodyOf(event);
    const { sender: type, id: messageId } = event;
    const headers = sign({ type, secret: secrets[type], body, messageId, nowMs: Date.now() });
    ledger.sending(event);
    let status: number | null = null;
    try {
      const signal = AbortSignal.timeout(cutAfterMs ?? ANSWER_WITHIN_MS);
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
