/** What is observed becomes numbers: on the hot path, so by plain increments. Whoever asks later finds all since the start. */
import type { Outcome } from '../core/outcome.ts';
import type { AttemptFacts, CallFacts, CommitFacts, ReloadFacts, Telemetry, WebhookFacts } from '../core/telemetry.ts';
import { COUNTERS, HISTOGRAMS } from './catalogue.ts';
import { Counts } from './counts.ts';
import { Distribution } from './distribution.ts';

const OUTCOMES: readonly WebhookFacts['outcome'][] = ['accepted', 'duplicate', 'challenge', 'refused'];
/** `none`: what a route asked for beyond its bounds. */
const VERBS = ['card', 'reply', 'post', 'dm', 'react', 'none'];
const ENDS = ['sent', 'merged', 'superseded', 'dead', 'parked'] as const satisfies readonly AttemptFacts['state'][];

export class Recorder implements Telemetry {
  readonly counts = fromKeys(COUNTERS, () => new Counts());
  readonly distributions = fromKeys(HISTOGRAMS, ({ bounds }) => new Distribution(bounds));
  /** The last reload; null where there was none. */
  lastReload: ReloadFacts | null = null;

  constructor() {
    // A series that appears with its first increment hides that one from `increase()`: those known stand there from the start.
    for (const verb of VERBS) for (const state of ENDS) this.counts.alo_relay_deliveries_total.add(0, verb, state);
    for (const result of ['ok', 'failed']) this.counts.alo_relay_config_reloads_total.add(0, result);
  }

  /** Makes a source known before it sends anything. */
  knows(source: string): void {
    this.counts.alo_relay_webhooks_conflicting_total.add(0, source);
    for (const outcome of OUTCOMES) this.counts.alo_relay_webhooks_total.add(0, source, outcome);
  }

  /** As many in all so far. */
  spans({ exported, dropped }: { readonly exported: number; readonly dropped: number }): void {
    const counts = this.counts.alo_relay_trace_spans_total;
    counts.set(exported, 'exported');
    counts.set(dropped, 'dropped');
  }

  webhook = ({ source, outcome, code, ms }: WebhookFacts): void => {
    this.counts.alo_relay_webhooks_total.add(1, source, outcome);
    if (outcome === 'refused' && code !== null) this.counts.alo_relay_webhooks_refused_total.add(1, source, code);
    if (outcome === 'duplicate' && code !== null) this.counts.alo_relay_webhooks_conflicting_total.add(1, source);
    this.distributions.alo_relay_webhook_duration_seconds.observe(ms / 1000, source);
  };

  attempt = ({ verb, state, code, deliveries, superseded = 0, at, acceptedAt }: AttemptFacts): void => {
    this.counts.alo_relay_attempts_total.add(1, verb, state ?? 'retry');
    if (state !== null) this.counts.alo_relay_deliveries_total.add(deliveries, verb, state);
    if (superseded > 0) this.counts.alo_relay_deliveries_total.add(superseded, verb, 'superseded');
    if (code !== null) this.counts.alo_relay_attempts_failed_total.add(1, code);
    if (state !== 'sent' && state !== 'merged') return;
    // The clock may have been set back meanwhile.
    this.distributions.alo_relay_delivery_latency_seconds.observe(Math.max(0, at - acceptedAt) / 1000, verb);
  };

  commit = ({ ms, changes }: CommitFacts): void => {
    this.distributions.alo_relay_journal_commit_duration_seconds.observe(ms / 1000);
    this.distributions.alo_relay_journal_commit_changes.observe(changes);
  };

  slackCall = ({ method, outcome, ms }: CallFacts): void => {
    this.counts.alo_relay_slack_calls_total.add(1, method, kindOf(outcome));
    this.distributions.alo_relay_slack_call_duration_seconds.observe(ms / 1000, method);
  };

  reload = (facts: ReloadFacts): void => {
    this.counts.alo_relay_config_reloads_total.add(1, facts.ok ? 'ok' : 'failed');
    this.lastReload = facts;
  };
}

/** A retry that Slack asked to wait for is a 429; one that was not made at all costs nobody anything. */
function kindOf(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'refused') return `refused_${outcome.scope}`;
  if (outcome.kind === 'retry' && outcome.limited && outcome.afterMs !== undefined) return 'rate_limited';
  return outcome.kind;
}

function fromKeys<K extends string, M, T>(
  table: Readonly<Record<K, M>>,
  make: (metric: M) => T,
): Readonly<Record<K, T>> {
  return Object.fromEntries(Object.entries<M>(table).map(([name, metric]) => [name, make(metric)])) as Record<K, T>;
}
