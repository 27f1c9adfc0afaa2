/**
 * What the service tells as it works, to whoever counts or shows it: metrics, traces, the dashboard. Every method is
 * called on the hot path: it must be quick, and must not throw. Nothing a sender wrote is among it but ids, names and
 * titles.
 */
import type { DeliveryState } from './delivery.ts';
import type { Outcome } from './outcome.ts';

/** A webhook that was answered. */
export interface WebhookFacts {
  /** ms since the epoch: when it was answered. */
  readonly at: number;
  readonly outcome: 'accepted' | 'duplicate' | 'challenge' | 'refused';
  /** The source's name in the config. */
  readonly source: string;
  /** From the whole request's arrival to its answer. */
  readonly ms: number;
  /** Why it was refused; `other-body` for a duplicate whose body is not the one that was accepted; else null. */
  readonly code: string | null;
  /** The journal's number for an accepted event, and for one that came again with another body. */
  readonly eventSeq: number | null;
  /** Of an event; null for what was refused. */
  readonly topic: string | null;
  readonly subject: string | null;
  /** As `eventTitle` has it. */
  readonly title: string | null;
  /** How many deliveries were planned for it. */
  readonly deliveries: number;
}

/** An attempt at a delivery, or at several in one message. */
export interface AttemptFacts {
  /** ms since the epoch: when it ended. */
  readonly at: number;
  /** How long it took. */
  readonly ms: number;
  /** What became of it; null where it is to be tried again. */
  readonly state: Exclude<DeliveryState, 'held' | 'pending' | 'sending' | 'dismissed'> | null;
  /** Why it was not sent; null where it was. Slack's error code, or ours: bounded in number. */
  readonly code: string | null;
  readonly verb: string;
  readonly lane: string;
  /** As `destinationOf` has it. */
  readonly destination: string | null;
  readonly route: string;
  /** The first delivery, and its event. */
  readonly delivery: number;
  readonly eventSeq: number;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  /** As `eventTitle` has it. */
  readonly title: string | null;
  /** Deliveries that it was for: more than one where they went out together. */
  readonly deliveries: number;
  /** The verb of each of them, where they went out together. */
  readonly verbs?: readonly string[];
  /** Older updates of the same card, which ended with it as superseded. */
  readonly superseded?: number;
  /** ms since the epoch: when the first delivery was accepted. */
  readonly acceptedAt: number;
}

/** A commit of the journal. */
export interface CommitFacts {
  readonly ms: number;
  /** Changes that shared it. */
  readonly changes: number;
}

/** A call to Slack that has ended. */
export interface CallFacts {
  /** Slack's method, such as `chat.postMessage`. */
  readonly method: string;
  readonly ms: number;
  readonly outcome: Outcome<unknown>;
}

/** The config was loaded anew, or could not be. */
export interface ReloadFacts {
  /** ms since the epoch. */
  readonly at: number;
  readonly ok: boolean;
}

export interface Telemetry {
  webhook(facts: WebhookFacts): void;
  attempt(facts: AttemptFacts): void;
  commit(facts: CommitFacts): void;
  slackCall(facts: CallFacts): void;
  reload(facts: ReloadFacts): void;
}

export const NO_TELEMETRY: Telemetry = {
  webhook: () => undefined,
  attempt: () => undefined,
  commit: () => undefined,
  slackCall: () => undefined,
  reload: () => undefined,
};

/** Tells all of them, in their order. */
export function telemetryFor(...listeners: readonly Partial<Telemetry>[]): Telemetry {
  return {
    webhook: (facts) => {
      for (const listener of listeners) listener.webhook?.(facts);
    },
    attempt: (facts) => {
      for (const listener of listeners) listener.attempt?.(facts);
    },
    commit: (facts) => {
      for (const listener of listeners) listener.commit?.(facts);
    },
    slackCall: (facts) => {
      for (const listener of listeners) listener.slackCall?.(facts);
    },
    reload: (facts) => {
      for (const listener of listeners) listener.reload?.(facts);
    },
  };
}
