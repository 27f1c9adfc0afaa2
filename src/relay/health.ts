/** What is known of Slack: learnt from every answer, and asked for while it is bad. */
import type { Clock } from '../core/clock.ts';
import type { Outcome, Reason } from '../core/outcome.ts';

const PROBE_EVERY_MS = 30_000;

export interface SlackHealth {
  /** Null while deliveries can go out. */
  trouble(): Reason | null;
  /** Learns from an answer. Only a refused credential is trouble: everything else concerns one lane. */
  learn(outcome: Outcome<unknown>): void;
  /** Asks Slack now, and again while there is trouble. */
  start(): void;
  stop(): void;
}

export function createSlackHealth(
  identify: () => Promise<Outcome<unknown>>,
  { clock, onRecovery }: { clock: Clock; onRecovery: () => void },
): SlackHealth {
  let trouble: Reason | null = null;
  let cancel: (() => void) | null = null;
  let stopped = false;

  function learn(outcome: Outcome<unknown>): void {
    if (outcome.kind === 'refused' && outcome.scope === 'credential') {
      trouble = outcome.reason;
      if (cancel === null && !stopped) cancel = clock.after(PROBE_EVERY_MS, probe);
    } else if (outcome.kind === 'sent' && trouble !== null) {
      trouble = null;
      onRecovery();
    }
  }

  function probe(): void {
    cancel = null;
    if (stopped) return;
    // identify() answers with an Outcome and does not reject.
    void identify().then(learn);
  }

  return {
    trouble: () => trouble,
    learn,
    start: probe,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
