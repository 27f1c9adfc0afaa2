/** Counts what is observed, from the start of the process, whether anybody asks or not. */
import type { Outcome } from '../core/outcome.ts';
import type { AttemptFacts, CallFacts, CommitFacts, ReloadFacts, Telemetry, WebhookFacts } from '../core/telemetry.ts';
import { VERB_NAMES } from '../verbs/verbs.ts';
import type { Instruments } from './instruments.ts';

const OUTCOMES: readonly WebhookFacts['outcome'][] = ['accepted', 'duplicate', 'challenge', 'refused'];
/** `none`: what a route asked for beyond its bounds. */
const VERBS = [...VERB_NAMES, 'none'];
const ENDS = ['sent', 'merged', 'superseded', 'dead', 'parked'] as const satisfies readonly AttemptFacts['state'][];

/** What comes beyond is counted as `other`: labels must stay few, whatever Slack may answer. */
const MOST_CODES = 256;

export class Recorder implements Telemetry {
  readonly #metrics: Instruments;
  readonly #codes = new Set<string>();
  /** The last reload; null where there was none. */
  lastReload: ReloadFacts | null = null;

  constructor(metrics: Instruments) {
    this.#metrics = metrics;
    // A series that appears with its first increment hides that one from `increase()`: those known stand there from the start.
    for (const verb of VERBS) for (const state of ENDS) this.#metrics.deliveries.inc({ verb, state }, 0);
    for (const result of ['ok', 'failed']) this.#metrics.reloads.inc({ result }, 0);
  }

  /** Makes a source known before it sends anything. */
  knows(source: string): void {
    this.#metrics.conflicting.inc({ source }, 0);
    for (const outcome of OUTCOMES) this.#metrics.webhooks.inc({ source, outcome }, 0);
  }

  spans = (result: 'exported' | 'dropped', count: number): void => {
    this.#metrics.spans.inc({ result }, count);
  };

  webhook = ({ source, outcome, code, ms }: WebhookFacts): void => {
    this.#metrics.webhooks.inc({ source, outcome });
    if (outcome === 'refused' && code !== null) this.#metrics.refused.inc({ source, code });
    if (outcome === 'duplicate' && code !== null) this.#metrics.conflicting.inc({ source });
    this.#metrics.webhookSeconds.observe({ source }, ms / 1000);
  };

  attempt = ({ verb, verbs = [verb], state, code, superseded = 0, at, acceptedAt }: AttemptFacts): void => {
    this.#metrics.attempts.inc({ verb, outcome: state ?? 'retry' });
    if (state !== null) for (const each of verbs) this.#metrics.deliveries.inc({ verb: each, state });
    if (superseded > 0) this.#metrics.deliveries.inc({ verb, state: 'superseded' }, superseded);
    if (code !== null) this.#metrics.failures.inc({ code: this.#bounded(code) });
    if (state !== 'sent' && state !== 'merged') return;
    // The clock may have been set back meanwhile.
    this.#metrics.latencySeconds.observe({ verb }, Math.max(0, at - acceptedAt) / 1000);
  };

  commit = ({ ms, changes }: CommitFacts): void => {
    this.#metrics.commitSeconds.observe(ms / 1000);
    this.#metrics.commitChanges.observe(changes);
  };

  slackCall = ({ method, outcome, ms }: CallFacts): void => {
    this.#metrics.calls.inc({ method, outcome: kindOf(outcome) });
    this.#metrics.callSeconds.observe({ method }, ms / 1000);
  };

  reload = (facts: ReloadFacts): void => {
    this.#metrics.reloads.inc({ result: facts.ok ? 'ok' : 'failed' });
    this.lastReload = facts;
  };

  #bounded(code: string): string {
    if (this.#codes.size < MOST_CODES) this.#codes.add(code);
    return this.#codes.has(code) ? code : 'other';
  }
}

/** A retry that Slack asked to wait for is a 429; one that was not made at all costs nobody anything. */
function kindOf(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'refused') return `refused_${outcome.scope}`;
  if (outcome.kind === 'retry' && outcome.limited && outcome.afterMs !== undefined) return 'rate_limited';
  return outcome.kind;
}
