/** `/api/live`: what happens, and how the service is, as Server-Sent Events. */
import type { Context } from 'koa';
import type { Clock } from '../core/clock.ts';
import { EventStreams, frame } from '../core/event-streams.ts';
import type { Activity } from '../history/activity.ts';
import type { OverviewView } from '../history/views.ts';
import { fail } from './errors.ts';

export interface LiveParts {
  readonly activity: Pick<Activity, 'listen' | 'recent'>;
  readonly overview: () => Promise<OverviewView>;
  readonly clock: Pick<Clock, 'after'>;
}

const LOOK_EVERY_MS = 2_000;
/** In looks. */
const BEAT_EVERY = 8;
const MOST_WATCHERS = 100;

export class Live {
  readonly #parts: LiveParts;
  readonly #watchers = new EventStreams();
  #stopListening: (() => void) | null = null;
  #cancelLook: (() => void) | null = null;
  /** The frame that was sent last. */
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
    context.respond = false;
    // It listens from the same instant on: nothing is sent twice, and nothing is left out between the two.
    this.#watchers.connect(context.res, {
      first: frame('recent', this.#parts.activity.recent()) + (this.#overview ?? ''),
      stillAllowed: context.state.stillAllowed,
      left: () => this.#rest(),
    });
    this.#stopListening ??= this.#parts.activity.listen((batch) => this.#watchers.send(frame('activity', batch)));
    if (this.#watchers.size === 1) void this.#look();
  }

  async #look(): Promise<void> {
    const overview = await this.#parts.overview().then(
      (view) => frame('overview', view),
      () => null,
    );
    if (this.#watchers.size === 0) return;
    if (overview !== null && overview !== this.#overview) {
      this.#overview = overview;
      this.#watchers.send(overview);
    }
    this.#looks += 1;
    if (this.#looks % BEAT_EVERY === 0) this.#watchers.beat();
    this.#cancelLook?.();
    this.#cancelLook = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  /** While nobody watches. */
  #rest(): void {
    if (this.#watchers.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#overview = null;
  }
}
