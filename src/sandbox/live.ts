/**
 * Server-sent events: which conversations changed. The page then asks for the messages it shows, so that a flood of
 * posts costs a browser no more than a few requests a second.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Conversation } from './conversation.ts';
import { SECURITY_HEADERS } from './page.ts';
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
  #cancel: (() => void) | undefined;

  constructor(workspace: Workspace, clock: Clock) {
    this.#workspace = workspace;
    this.#clock = clock;
    this.#stop = workspace.onChange((changed) => this.#note(changed));
  }

  /** Starts with every conversation; then those that changed. */
  connect(response: ServerResponse): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#viewers.add(response);
    response.once('close', () => this.#viewers.delete(response));
    this.#sendAll(response);
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }

  #note(changed: Conversation | null): void {
    if (this.#viewers.size === 0) return;
    if (changed === null) {
      this.#dirty.clear();
      for (const viewer of this.#viewers) this.#sendAll(viewer);
      return;
    }
    this.#dirty.add(changed);
    this.#cancel ??= this.#clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const changed = [...this.#dirty];
    this.#dirty = new Set();
    for (const viewer of this.#viewers) {
      // A viewer that does not keep up is disconnected: the browser comes back and starts from the whole again.
      if (viewer.writableNeedDrain) viewer.destroy();
      else write(viewer, 'changed', changed);
    }
  }

  #sendAll(viewer: ServerResponse): void {
    write(viewer, 'all', this.#workspace.conversations);
  }
}

function write(viewer: ServerResponse, event: string, conversations: readonly Conversation[]): void {
  viewer.write(`event: ${event}\ndata: ${JSON.stringify(conversations.map(conversationSummary))}\n\n`);
}
