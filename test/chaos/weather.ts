/**
 * The weather at Slack: now and then a fault strikes one call, as planned; in between, some answers take a while, so
 * that kills find calls under way. Counts what really struck.
 */
import type { Fault, Faults, FaultyCall } from '../../src/sandbox/panel/faults.ts';
import { FAULT_NAMES, type FaultName, makeFault } from './faults.ts';
import { deck, Random } from './random.ts';

/** Calls between two faults, on the average. */
const CALLS_BETWEEN = 12;
/** Armed and waiting for a call that fits: more would come all at once. */
const MOST_ARMED = 8;

/** By whether the service has several instances: then something should be under way wherever one is stopped. */
const SLOWNESS = { one: { share: 0.3, ms: 60 }, several: { share: 0.6, ms: 250 } } as const;

export class Weather {
  readonly struck = new Map<string, number>();
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #names: Generator<FaultName, never>;
  readonly #nameOf = new Map<Fault, string>();
  #watch: (call: FaultyCall) => void = () => undefined;
  /** Armed by chance, and not struck yet. */
  #waiting = 0;
  #callsLeft = CALLS_BETWEEN;
  #fair = true;
  readonly #slowness: (typeof SLOWNESS)['one' | 'several'];

  /** From now on every call passes here. */
  constructor(faults: Faults, { seed, instances }: { readonly seed: number; readonly instances: number }) {
    this.#slowness = SLOWNESS[instances > 1 ? 'several' : 'one'];
    this.#faults = faults;
    this.#random = new Random(seed, 'weather');
    this.#names = deck(FAULT_NAMES, this.#random);
    const take = faults.take.bind(faults);
    faults.take = (describe) => {
      this.#passTime();
      this.#watch(describe());
      const fault = take(describe);
      if (fault !== undefined) this.#count(fault);
      return fault ?? this.#delay();
    };
  }

  /** Sees every call from now on, before it is answered. */
  watch(observe: (call: FaultyCall) => void): void {
    this.#watch = observe;
  }

  /** Faults come and go. */
  begin(): void {
    this.#fair = false;
  }

  /** No more faults; those that wait for a call are gone. */
  end(): void {
    this.#fair = true;
    this.#faults.clear();
    this.#nameOf.clear();
    this.#waiting = 0;
  }

  /** Arms a fault of the kind now. */
  arm(name: FaultName): void {
    this.add(name, makeFault(name, this.#random));
  }

  /** Arms a fault that counts under the name; the returned function takes it back. */
  add(name: string, fault: Fault): () => void {
    this.#nameOf.set(fault, name);
    return this.#faults.add(fault);
  }

  count(name: string, times = 1): void {
    this.struck.set(name, (this.struck.get(name) ?? 0) + times);
  }

  #passTime(): void {
    if (this.#fair) return;
    this.#callsLeft -= 1;
    if (this.#callsLeft > 0 || this.#waiting >= MOST_ARMED) return;
    this.#callsLeft = this.#random.int(1, CALLS_BETWEEN * 2 - 1);
    this.#waiting += 1;
    this.arm(this.#names.next().value);
  }

  #count(fault: Fault): void {
    const name = this.#nameOf.get(fault);
    if (name === undefined) return;
    this.count(name);
    if (fault.times !== 1) return;
    this.#nameOf.delete(fault);
    this.#waiting = Math.max(0, this.#waiting - 1);
  }

  #delay(): Fault | undefined {
    const { share, ms } = this.#slowness;
    if (this.#fair || !this.#random.chance(share)) return undefined;
    return { kind: 'slow', ms: this.#random.int(1, ms) };
  }
}
