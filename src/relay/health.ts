/** What is known of Slack: learnt from every answer, and asked for while it is bad. */
import type { Clock } from '../core/clock.ts';
import type { Outcome, Reason } from '../core/outcome.ts';
import { Limitations } from './limitations.ts';
import { type Outage, OutageMonitor } from './outage.ts';

const PROBE_EVERY_MS = 30_000;

/** Slack rejects the token. `since`: ms since the epoch. */
type Trouble = Reason & { readonly since: number };

export interface SlackHealth {
  /** Null while deliveries can go out. While they cannot, every lane pauses. */
  trouble(): Trouble | null;
  /** Null unless the last calls all failed to get through. Lanes retry as they would anyway. */
  outage(): Outage | null;
  /** What does not work although deliveries go out; null when there is nothing. */
  limitation(): Reason | null;
  /** Learns from an answer. Only a refused credential is trouble; what does not get through counts as an outage. */
  learn(outcome: Outcome<unknown>): void;
  /** Another instance was told so by Slack: the same trouble is taken to be ours. */
  toldOfTrouble(reason: Reason): void;
  /** Slack takes another instance again: asks at once whether it takes us. */
  toldOfRecovery(): void;
  /** Learns that messages cannot be looked for in a channel. */
  limit(channel: string, reason: Reason): void;
  /** Learns that a look-up in a channel worked, or that Slack accepted a post there: what that disproves is forgotten. */
  lift(channel: string, by: 'lookup' | 'message'): void;
  /** Asks Slack now, and again while there is trouble. */
  start(): void;
  stop(): void;
}

export interface HealthEvents {
  /** Slack refuses us from now on. `told`: another instance says so. */
  readonly onTrouble: (reason: Reason, told: boolean) => void;
  /** Slack takes us again. `told`: we asked because another instance says so. */
  readonly onRecovery: (told: boolean) => void;
  /** Something does not work, told once for each code while it lasts. */
  readonly onLimitation: (reason: Reason) => void;
}

export function createSlackHealth(
  identify: () => Promise<Outcome<unknown>>,
  clock: Clock,
  events: HealthEvents,
): SlackHealth {
  const limitations = new Limitations();
  let trouble: Trouble | null = null;
  const monitor = new OutageMonitor(clock);
  let cancel: (() => void) | null = null;
  let stopped = false;

  function learn(outcome: Outcome<unknown>, told = false): void {
    if (outcome.kind === 'refused' && outcome.scope === 'credential') {
      refused(outcome.reason, told);
    } else if (outcome.kind === 'sent' && trouble !== null) {
      trouble = null;
      cancel?.();
      cancel = null;
      events.onRecovery(told);
    }
  }

  function refused(reason: Reason, told: boolean): void {
    const news = trouble === null;
    trouble = { ...reason, since: trouble?.since ?? clock.now() };
    if (news) events.onTrouble(reason, told);
    probeLater();
  }

  function probeLater(): void {
    if (cancel === null && !stopped) cancel = clock.after(PROBE_EVERY_MS, () => probe());
  }

  function probe(told = false): void {
    cancel?.();
    cancel = null;
    if (stopped) return;
    // identify() answers with an Outcome and does not reject.
    void identify().then((outcome) => {
      learn(outcome, told);
      monitor.noteProbe(outcome);
      // Neither taken nor refused, for lack of a network: ask again.
      if (trouble !== null || monitor.outage !== null) probeLater();
    });
  }

  return {
    trouble: () => trouble,
    limitation: () => limitations.first,
    outage: () => monitor.outage,
    learn(outcome) {
      monitor.note(outcome);
      if (monitor.outage !== null) probeLater();
      learn(outcome);
    },
    toldOfTrouble(reason) {
      // What Slack told ourselves says more.
      if (trouble === null) refused(reason, true);
    },
    toldOfRecovery() {
      if (trouble !== null) probe(true);
    },
    limit(channel, reason) {
      if (limitations.add(channel, reason)) events.onLimitation(reason);
    },
    lift: (channel, by) => limitations.lift(channel, by),
    start: () => probe(),
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
