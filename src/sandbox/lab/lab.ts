/**
 * What a person does from the page's panel: has events sent to the relay, calls up bad weather, and watches how the
 * relay copes. Told to the page as live events: `trial`, `weather`, `coping`.
 */
import type { Clock } from '../../core/clock.ts';
import type { LiveFeed } from '../live.ts';
import type { Workspace } from '../workspace.ts';
import type { Faults } from './faults.ts';
import type { Coping, SendOrder, SendResult, Trial } from './trial.ts';
import { Weather } from './weather.ts';

/** How often the relay is asked how it copes, while somebody looks. */
const ASK_EVERY_MS = 1000;
/** Orders that may be under way at once: a page that asks for more is impatient, or broken. */
const MOST_ORDERS = 8;

interface LabParts {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

export class Lab {
  readonly weather: Weather;
  readonly #parts: LabParts;
  #trial: Trial | null = null;
  #coping: Coping | null = null;
  #underWay = 0;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(parts: LabParts) {
    const { faults, live, clock } = parts;
    this.#parts = parts;
    this.weather = new Weather(faults, clock);
    faults.onChange(() => live.announce('weather', () => this.weather.state));
    live.announce('weather', () => this.weather.state);
    live.announce('trial', () => null);
    live.announce('coping', () => this.#coping);
  }

  attach(trial: Trial): void {
    this.#trial = trial;
    const { sources, dashboard } = trial;
    this.#parts.live.announce('trial', () => ({ sources, dashboard }));
    this.#askLater(0);
  }

  /** Rejects with what is wrong with the order. */
  async send(order: SendOrder): Promise<SendResult | 'nobody' | 'busy'> {
    if (this.#trial === null) return 'nobody';
    if (this.#underWay >= MOST_ORDERS) return 'busy';
    this.#underWay += 1;
    try {
      return await this.#trial.send(order);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Ends every fault, takes all channels out of the archive, and refuses replies to what is gone. */
  allWell(): void {
    this.weather.clear();
    this.#parts.faults.clear();
    const { workspace } = this.#parts;
    workspace.straysPosted = false;
    for (const { id } of workspace.conversations.filter(({ archived }) => archived)) workspace.archive(id, false);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.weather.clear();
  }

  #askLater(ms: number): void {
    this.#cancel?.();
    if (!this.#closed) this.#cancel = this.#parts.clock.after(ms, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const { live } = this.#parts;
    if (live.watched && this.#trial !== null) {
      const coping = await this.#trial.coping();
      // Also when nothing changed: the page draws it over time.
      this.#coping = coping;
      live.announce('coping', () => this.#coping);
    }
    this.#askLater(ASK_EVERY_MS);
  }
}
