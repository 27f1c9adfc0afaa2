/** Outages that a person can start on the page: each condition is one fault, for a time or for some calls. */
import type { Clock } from '../../core/clock.ts';
import type { Fault, Faults } from './faults.ts';

export const CONDITIONS = ['rate_limited', 'outage', 'answers_lost', 'token_revoked'] as const;

export type Condition = (typeof CONDITIONS)[number];

export interface ConditionState {
  readonly condition: Condition;
  /** ms; null: until it is ended. */
  readonly endsInMs: number | null;
  /** Calls that it will still hit; null: all. */
  readonly callsLeft: number | null;
  /** Calls that it has hit. */
  readonly struck: number;
}

interface Plan {
  readonly fault: Fault;
  readonly lastsMs: number | null;
}

const PLANS: Readonly<Record<Condition, Plan>> = {
  rate_limited: { fault: { kind: 'rate_limited', retryAfter: 3, times: 'always' }, lastsMs: 10_000 },
  outage: {
    fault: { kind: 'http', status: 503, body: 'Service Unavailable', times: 'always' },
    lastsMs: 10_000,
  },
  answers_lost: { fault: { kind: 'drop_after', method: 'chat.postMessage', times: 3 }, lastsMs: null },
  token_revoked: { fault: { kind: 'error', error: 'token_revoked', times: 'always' }, lastsMs: null },
};

interface Standing {
  readonly fault: Fault;
  readonly endsAtMs: number | null;
  end(): void;
}

export class Outages {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #standing = new Map<Condition, Standing>();

  constructor(faults: Faults, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /** One that is on begins anew. */
  start(condition: Condition): void {
    this.stop(condition);
    const { fault: plan, lastsMs } = PLANS[condition];
    // A copy: the same object armed twice could not be told apart.
    const fault = { ...plan };
    const disarm = this.#faults.add(fault);
    const cancel = lastsMs === null ? () => {} : this.#clock.after(lastsMs, () => this.stop(condition));
    const endsAtMs = lastsMs === null ? null : this.#clock.monotonic() + lastsMs;
    const end = () => {
      cancel();
      disarm();
    };
    this.#standing.set(condition, { fault, endsAtMs, end });
  }

  stop(condition: Condition): void {
    const standing = this.#standing.get(condition);
    this.#standing.delete(condition);
    standing?.end();
  }

  clear(): void {
    for (const condition of CONDITIONS) this.stop(condition);
  }

  /** Those that are on. */
  get state(): readonly ConditionState[] {
    return CONDITIONS.flatMap((condition) => {
      const standing = this.#standing.get(condition);
      const armed = standing === undefined ? undefined : this.#faults.armed(standing.fault);
      if (standing === undefined || armed === undefined) return [];
      const endsInMs = standing.endsAtMs === null ? null : Math.max(0, standing.endsAtMs - this.#clock.monotonic());
      const callsLeft = Number.isFinite(armed.left) ? armed.left : null;
      return [{ condition, endsInMs, callsLeft, struck: armed.struck }];
    });
  }
}
