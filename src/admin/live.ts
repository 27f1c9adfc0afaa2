/** `/api/live`: what happens, and how the service is, as Server-Sent Events. */
import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import type { Clock } from '../core/clock.ts';
import type { Activity } from '../history/activity.ts';
import type { OverviewView } from '../history/views.ts';
import { fail } from './errors.ts';

export interface LiveParts {
  readonly activity: Pick<Activity, 'listen' | 'recent'>;
  readonly overview: () => Promise<OverviewView>;
  readonly clock: Pick<Clock, 'after'>;
}

const LOOK_EVERY_MS = 2_000;
/** A comment now and then, in looks: it shows a connection that is gone, and keeps proxies from ending one that is not. */
const BEAT_EVERY = 8;
const MOST_WATCHERS = 100;
/** A page that is so far behind is let go: it asks again, and begins with what is. */
const FARTHEST_BEHIND_BYTES = 512 * 1024;

interface Watcher {
  readonly response: ServerResponse;
  /** Whether it may still be told. */
  readonly stillAllowed: () => boolean;
}

export class Live {
  readonly #parts: LiveParts;
  readonly #watchers = new Set<Watcher>();
  #stopListening: (() => void) | null = null;
  #cancelLook: (() => void) | null = null;
  /** As it was told last. */
  #overview: string | null = null;
  #looks = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Answers for as long as the page listens. */
  connect(context: Context): void {
    if (this.#watchers.size >= MOST_WATCHERS) {
      fail(context, 'too-many-watchers');
      return;
    }
    if (context.method === 'HEAD') {
      context.status = 200;
      return;
    }
    const { res: response } = context;
    context.respond = false;
    context.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.statusCode = 200;
    response.flushHeaders();
    const watcher = { response, stillAllowed: context.state.stillAllowed };
    // Before it is told what comes next: nothing is told it twice, and nothing is left out between the two.
    send(watcher, frame('recent', JSON.stringify(this.#parts.activity.recent())));
    this.#watchers.add(watcher);
    response.once('close', () => this.#leave(watcher));
    this.#stopListening ??= this.#parts.activity.listen((batch) => this.#tell('activity', JSON.stringify(batch)));
    if (this.#overview !== null) send(watcher, frame('overview', this.#overview));
    if (this.#watchers.size === 1) void this.#look();
  }

  /** Told to all: written once. */
  #tell(event: string, data: string): void {
    const text = frame(event, data);
    for (const watcher of this.#watchers) send(watcher, text);
  }

  async #look(): Promise<void> {
    const overview = await this.#parts.overview().then(JSON.stringify, () => null);
    if (this.#watchers.size === 0) return;
    if (overview !== null && overview !== this.#overview) {
      this.#overview = overview;
      this.#tell('overview', overview);
    }
    this.#looks += 1;
    if (this.#looks % BEAT_EVERY === 0) this.#beat();
    this.#cancelLook?.();
    this.#cancelLook = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  #beat(): void {
    for (const watcher of this.#watchers) {
      if (watcher.stillAllowed()) send(watcher, ':\n\n');
      else watcher.response.end();
    }
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#overview = null;
  }
}

function send({ response }: Watcher, text: string): void {
  if (response.writableLength > FARTHEST_BEHIND_BYTES) response.destroy();
  else response.write(text);
}

function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
