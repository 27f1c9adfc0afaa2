/**
 * What a person does from the page's panel: sends sample events to the relay, starts outages, and watches the relay's
 * status. The page receives live events: `samples`, `outages`, `status`.
 */
import type { Clock } from '../../core/clock.ts';
import type { LiveFeed } from '../live.ts';
import type { Workspace } from '../workspace.ts';
import type { Faults } from './faults.ts';
import { Outages } from './outages.ts';
import type { RelayStatus, SampleEvents, SendOrder, SendResult } from './sample-events.ts';

/** How often the relay is asked for its status while a page is open. */
const ASK_EVERY_MS = 1000;
/** Orders that may be under way at once: a page that asks for more is impatient, or broken. */
const MOST_ORDERS = 8;

interface PanelParts {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

export class Panel {
  readonly outages: Outages;
  readonly #parts: PanelParts;
  #samples: SampleEvents | null = null;
  #status: RelayStatus | null = null;
  #underWay = 0;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(parts: PanelParts) {
    const { faults, live, clock } = parts;
    this.#parts = parts;
    this.outages = new Outages(faults, clock);
    faults.onChange(() => live.announce('outages', () => this.outages.state));
    live.announce('outages', () => this.outages.state);
    live.announce('samples', () => null);
    live.announce('status', () => this.#status);
  }

  attach(samples: SampleEvents): void {
    this.#samples = samples;
    const { sources, dashboard } = samples;
    this.#parts.live.announce('samples', () => ({ sources, dashboard }));
    this.#askLater(0);
  }

  /** Rejects with what is wrong with the order. */
  async send(order: SendOrder): Promise<SendResult | 'nobody' | 'busy'> {
    if (this.#samples === null) return 'nobody';
    if (this.#underWay >= MOST_ORDERS) return 'busy';
    this.#underWay += 1;
    try {
      return await this.#samples.send(order);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Ends every fault, takes all channels out of the archive, and refuses replies to what is gone. */
  allWell(): void {
    this.outages.clear();
    this.#parts.faults.clear();
    const { workspace } = this.#parts;
    workspace.straysPosted = false;
    for (const { id } of workspace.conversations.filter(({ archived }) => archived)) workspace.archive(id, false);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.outages.clear();
  }

  #askLater(ms: number): void {
    this.#cancel?.();
    if (!this.#closed) this.#cancel = this.#parts.clock.after(ms, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const { live } = this.#parts;
    if (live.watched && this.#samples !== null) {
      const status = await this.#samples.status();
      // Also when nothing changed: the page draws it over time.
      this.#status = status;
      live.announce('status', () => this.#status);
    }
    this.#askLater(ASK_EVERY_MS);
  }
}
