/**
 * One connection of its own that hears what is notified (LISTEN).
 *
 *   (none) ──listen()──► connecting ──► listening ──lost──► waiting ──► connecting
 *                             └────────failed─────────────────▲
 *
 * What is notified while it is not listening is missed: hence `onConnected`, after every LISTEN that took effect. A
 * connection can also die without a word (a firewall that forgot it): every 10 s it has to answer a query.
 */
import { createHash } from 'node:crypto';
import { type Client, escapeIdentifier, type Notification } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { type ThrottledLog, throttledLog } from './throttled-log.ts';
import { retryDelayMs, within } from './waiting.ts';

interface Hearer {
  readonly onMessage: (payload: string) => void;
  /** From now on nothing is missed; whatever was notified before may have been. */
  readonly onConnected?: () => void;
}

export interface Listener {
  /** Hears a channel from now on, as soon as there is a connection; returns how to end it. */
  listen(channel: string, hearer: Hearer): () => void;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface ListenerParts {
  /** A client that has not connected yet. */
  readonly client: () => Client;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

const CHECK_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;
const CONNECT_WITHIN_MS = 10_000;
const CLOSE_WITHIN_MS = 1_000;

/** Channels are shared by all schemas of a database, and at most 63 bytes long. */
export function channelOf(schema: string, purpose: 'lanes' | 'peers'): string {
  return `alo_relay_${purpose}_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`;
}

/** Connects with the first channel. */
export function createListener(parts: ListenerParts): Listener {
  return new PostgresListener(parts);
}

class PostgresListener implements Listener {
  readonly #parts: ListenerParts;
  readonly #log: ThrottledLog;
  readonly #hearers = new Map<string, Set<Hearer>>();
  /** The connection in use or being made. */
  #client: Client | null = null;
  #listening = false;
  /** The last question: they are asked one after the other. */
  #asked: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #cancelTimer: () => void = () => {};
  #closed = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#log = throttledLog(parts.log, parts.clock);
  }

  listen(channel: string, hearer: Hearer): () => void {
    const hearers = this.#hearers.get(channel);
    const own = { ...hearer };
    if (hearers === undefined) this.#hearers.set(channel, new Set([own]));
    else hearers.add(own);
    if (this.#client === null && this.#failures === 0) void this.#connect();
    else if (this.#client !== null && this.#listening) void this.#listenTo(this.#client, channel, [own]);
    return () => {
      this.#hearers.get(channel)?.delete(own);
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer();
    const client = this.#client;
    this.#client = null;
    if (client !== null) await this.#discard(client);
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    const client = this.#parts.client();
    this.#client = client;
    this.#listening = false;
    this.#asked = Promise.resolve();
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client));
    client.on('notification', (notification) => this.#hear(notification));
    try {
      await within(this.#parts.clock, CONNECT_WITHIN_MS, client.connect());
    } catch (error) {
      return this.#lost(client, error);
    }
    if (this.#client !== client) return;
    this.#listening = true;
    const listened = [...this.#hearers].map(([channel, hearers]) => this.#listenTo(client, channel, [...hearers]));
    await Promise.all(listened);
    this.#checkLater(client);
  }

  async #listenTo(client: Client, channel: string, hearers: readonly Hearer[]): Promise<void> {
    try {
      await this.#ask(client, `listen ${escapeIdentifier(channel)}`);
    } catch (error) {
      return this.#lost(client, error);
    }
    if (this.#client !== client) return;
    this.#failures = 0;
    for (const { onConnected } of hearers) this.#call(() => onConnected?.());
  }

  #checkLater(client: Client): void {
    if (this.#client !== client) return;
    this.#cancelTimer = this.#parts.clock.after(CHECK_EVERY_MS, () => {
      this.#ask(client, 'select 1').then(
        () => this.#checkLater(client),
        (error: unknown) => this.#lost(client, error),
      );
    });
  }

  #ask(client: Client, sql: string): Promise<unknown> {
    const answer = this.#asked.then(() => client.query(sql));
    this.#asked = answer.catch(() => undefined);
    return within(this.#parts.clock, ANSWER_WITHIN_MS, answer);
  }

  /** Whatever went wrong with this connection, and however often that is told: the next one is made once. */
  #lost(client: Client, error?: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#cancelTimer();
    this.#log.warn('listening to the database was interrupted', error);
    void this.#discard(client);
    this.#failures += 1;
    this.#cancelTimer = this.#parts.clock.after(retryDelayMs(this.#failures), () => void this.#connect());
  }

  #hear({ channel, payload = '' }: Notification): void {
    for (const { onMessage } of this.#hearers.get(channel) ?? []) this.#call(() => onMessage(payload));
  }

  /** A hearer that throws would take the process with it: these are called from a socket's events. */
  #call(hearer: () => void): void {
    try {
      hearer();
    } catch (error) {
      this.#log.warn('what was notified could not be dealt with', error);
    }
  }

  async #discard(client: Client): Promise<void> {
    client.removeAllListeners('notification');
    // A client whose socket is dead says goodbye to nobody; it still may emit errors, which its listener swallows.
    await within(this.#parts.clock, CLOSE_WITHIN_MS, client.end()).catch(() => undefined);
  }
}
