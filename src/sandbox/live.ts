/**
 * Server-sent events: which conversations changed, and whatever else is announced. The page then asks for the messages
 * it shows, so that a flood of posts costs a browser no more than a few requests a second.
 */
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from '../core/built-pages.ts';
import type { Clock } from '../core/clock.ts';
import type { Conversation } from './conversation.ts';
import { conversationSummary } from './state.ts';
import type { Workspace } from './workspace.ts';

/** Changes within this time go out together. */
const GATHER_MS = 100;

export class LiveFeed {
  readonly #workspace: Workspace;
  readonly #clock: Clock;
  readonly #viewers = new Set<ServerResponse>();
  readonly #stop: () => void;
  #dirty = new Set<Conversation>();
  /** What is announced beside conversations, by its event's name: read anew whenever it is sent. */
  readonly #topics = new Map<string, () => unknown>();
  #stale = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(workspace: Workspace, clock: Clock) {
    this.#workspace = workspace;
    this.#clock = clock;
    this.#stop = workspace.onChange((changed) => this.#note(changed));
  }

  /** Somebody looks. */
  get watched(): boolean {
    return this.#viewers.size > 0;
  }

  /** Tells what `read` gives now to those who look, and to everybody who comes to look from now on. */
  announce(topic: string, read: () => unknown): void {
    this.#topics.set(topic, read);
    if (this.watched) this.#stale.add(topic);
    this.#schedule();
  }

  /** Starts with every conversation and topic; then those that changed. */
  connect(response: ServerResponse): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#viewers.add(response);
    response.once('close', () => this.#viewers.delete(response));
    const topics = [...this.#topics].map(([topic, read]) => format(topic, read()));
    response.write([this.#all(), ...topics].join(''));
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }

  #note(changed: Conversation | null): void {
    if (!this.watched) return;
    if (changed === null) {
      this.#dirty.clear();
      for (const viewer of this.#viewers) viewer.write(this.#all());
      return;
    }
    this.#dirty.add(changed);
    this.#schedule();
  }

  #schedule(): void {
    if (this.watched) this.#cancel ??= this.#clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const changed = [...this.#dirty].map(conversationSummary);
    const topics = [...this.#stale].map((topic) => format(topic, this.#topics.get(topic)?.()));
    this.#dirty = new Set();
    this.#stale = new Set();
    const news = [...(changed.length === 0 ? [] : [format('changed', changed)]), ...topics].join('');
    for (const viewer of this.#viewers) {
      // A viewer that does not keep up is disconnected: the browser comes back and starts from the whole again.
      if (viewer.writableNeedDrain) viewer.destroy();
      else viewer.write(news);
    }
  }

  #all(): string {
    return format('all', this.#workspace.conversations.map(conversationSummary));
  }
}

function format(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`;
}
