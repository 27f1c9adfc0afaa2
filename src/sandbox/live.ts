/**
 * Server-sent events: which conversations changed, and whatever else is announced. The page then asks for the messages
 * it shows, so that a flood of posts costs a browser no more than a few requests a second.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { EventStreams, frame } from '../core/event-streams.ts';
import type { Conversation } from './conversation.ts';
import { conversationSummary } from './state.ts';
import type { Workspace } from './workspace.ts';

/** Changes within this time go out together. */
const GATHER_MS = 100;

export class LiveFeed {
  readonly #workspace: Workspace;
  readonly #clock: Clock;
  readonly #viewers = new EventStreams();
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
    const topics = [...this.#topics].map(([topic, read]) => frame(topic, read()));
    this.#viewers.connect(response, { first: [this.#all(), ...topics].join('') });
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
    this.#viewers.close();
  }

  #note(changed: Conversation | null): void {
    if (!this.watched) return;
    if (changed === null) {
      this.#dirty.clear();
      this.#viewers.send(this.#all());
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
    const topics = [...this.#stale].map((topic) => frame(topic, this.#topics.get(topic)?.()));
    this.#dirty = new Set();
    this.#stale = new Set();
    this.#viewers.send([...(changed.length === 0 ? [] : [frame('changed', changed)]), ...topics].join(''));
  }

  #all(): string {
    return frame('all', this.#workspace.conversations.map(conversationSummary));
  }
}
