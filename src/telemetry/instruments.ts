/**
 * Declares every metric of the relay's own, with what `/metrics` says as HELP. Base units; the values of each label are
 * few: names of the config, or kinds that are listed here. Ids, channels, topics and whatever else comes from outside are
 * none.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. */
const QUICK = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const NETWORK = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const PATIENT = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

const MANY = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

interface Metric<L extends string> {
  readonly help: string;
  readonly labels?: readonly L[];
}

/** Those of events are counted as they happen, the gauges set at a scrape. */
export class Instruments {
  readonly registry = new Registry();

  readonly webhooks = this.#counter('alo_relay_webhooks_total', {
    help: 'Webhooks that were answered, by source and outcome: accepted, duplicate, challenge or refused.',
    labels: ['source', 'outcome'],
  });
  readonly refused = this.#counter('alo_relay_webhooks_refused_total', {
    help: 'Webhooks that were refused, by source and by the code of the answer.',
    labels: ['source', 'code'],
  });
  readonly conflicting = this.#counter('alo_relay_webhooks_conflicting_total', {
    help: 'Duplicates whose body differed from the one that was accepted, by source.',
    labels: ['source'],
  });
  readonly deliveries = this.#counter('alo_relay_deliveries_total', {
    help: 'Deliveries that ended, by verb and state: sent, merged, superseded, dead or parked; verb none: not made.',
    labels: ['verb', 'state'],
  });
  readonly attempts = this.#counter('alo_relay_attempts_total', {
    help: 'Attempts at deliveries, by verb and outcome: a state in which a delivery ends, or retry.',
    labels: ['verb', 'outcome'],
  });
  readonly failures = this.#counter('alo_relay_attempts_failed_total', {
    help: 'Attempts after which a delivery was not in Slack, by the code of the reason.',
    labels: ['code'],
  });
  readonly calls = this.#counter('alo_relay_slack_calls_total', {
    help: 'Calls to Slack, by method and outcome: sent, rate_limited, retry, unknown, or refused_ and whose fault it is.',
    labels: ['method', 'outcome'],
  });
  readonly reloads = this.#counter('alo_relay_config_reloads_total', {
    help: 'Times that the config was loaded anew, by result: ok or failed.',
    labels: ['result'],
  });
  readonly spans = this.#counter('alo_relay_trace_spans_total', {
    help: 'Spans of traces, by what became of them: exported, or dropped because the collector did not take them.',
    labels: ['result'],
  });
  readonly webhookSeconds = this.#histogram('alo_relay_webhook_duration_seconds', {
    help: 'From the arrival of a webhook to its answer, by source.',
    buckets: QUICK,
    labels: ['source'],
  });
  readonly latencySeconds = this.#histogram('alo_relay_delivery_latency_seconds', {
    help: "From the acceptance of an event to Slack's answer to its message, by verb; quiet hours included.",
    buckets: PATIENT,
    labels: ['verb'],
  });
  readonly callSeconds = this.#histogram('alo_relay_slack_call_duration_seconds', {
    help: 'How long a call to Slack took, by method.',
    buckets: NETWORK,
    labels: ['method'],
  });
  readonly commitSeconds = this.#histogram('alo_relay_journal_commit_duration_seconds', {
    help: 'How long a commit of the journal took.',
    buckets: QUICK,
  });
  readonly commitChanges = this.#histogram('alo_relay_journal_commit_changes', {
    help: 'How many changes shared a commit of the journal.',
    buckets: MANY,
  });

  readonly build = this.#gauge('alo_relay_build_info', {
    help: 'Always 1: which version runs, on which Node.',
    labels: ['version', 'node'],
  });
  readonly checks = this.#gauge('alo_relay_check_ok', {
    help: '1 where a check of /readyz is passed, by check: journal, slack, or config (which a bad edit does not fail).',
    labels: ['check'],
  });
  readonly paused = this.#gauge('alo_relay_slack_paused', {
    help: '1 while Slack refuses the credential, and every delivery waits for that.',
  });
  readonly silent = this.#gauge('alo_relay_source_silent', {
    help: '1 while nothing has come from a source for much longer than is usual for it at that time, by source.',
    labels: ['source'],
  });
  readonly lastEventSeconds = this.#gauge('alo_relay_source_last_event_timestamp_seconds', {
    help: 'When the last event of a source came in, duplicates included, by source. Of all instances.',
    labels: ['source'],
  });
  readonly unfinished = this.#gauge('alo_relay_deliveries_unfinished', {
    help: 'Deliveries that have not ended, by state: pending, sending or held. Of all instances.',
    labels: ['state'],
  });
  readonly failed = this.#gauge('alo_relay_deliveries_failed', {
    help: 'Deliveries that are dead or parked now, by state; without those replayed or dismissed since. Of all instances.',
    labels: ['state'],
  });
  readonly lanes = this.#gauge('alo_relay_lanes_unfinished', {
    help: 'Slack conversations with something unfinished. Of all instances.',
  });
  readonly oldestSeconds = this.#gauge('alo_relay_oldest_pending_age_seconds', {
    help: 'How long ago the oldest pending delivery was accepted; 0 where nothing waits. Of all instances.',
  });
  readonly journalUp = this.#gauge('alo_relay_journal_up', {
    help: '1 where the journal told what is unfinished in time; where it is 0, those metrics are missing.',
  });
  readonly journalBytes = this.#gauge('alo_relay_journal_size_bytes', {
    help: 'Size of the journal file and what belongs to it; not for Postgres.',
  });
  readonly diskFreeBytes = this.#gauge('alo_relay_journal_disk_free_bytes', {
    help: 'What is free on the disk of the journal; not for Postgres.',
  });
  readonly diskBytes = this.#gauge('alo_relay_journal_disk_size_bytes', {
    help: 'How large the disk of the journal is; not for Postgres.',
  });
  readonly reloadOk = this.#gauge('alo_relay_config_last_reload_successful', {
    help: '1 where the config as it stands now is in force; 0 where it has mistakes, and the one before is.',
  });
  readonly reloadSeconds = this.#gauge('alo_relay_config_last_reload_timestamp_seconds', {
    help: 'When the config was last loaded anew, with or without success; since the start where it never was.',
  });

  #counter<L extends string>(name: string, { help, labels }: Metric<L>) {
    return new Counter({ ...this.#named(name, help), labelNames: labels ?? [] });
  }

  #histogram<L extends string = never>(
    name: string,
    { help, labels, buckets }: Metric<L> & { readonly buckets: number[] },
  ) {
    return new Histogram({ ...this.#named(name, help), buckets, labelNames: labels ?? [] });
  }

  #gauge<L extends string = never>(name: string, { help, labels }: Metric<L>) {
    return new Gauge({ ...this.#named(name, help), labelNames: labels ?? [] });
  }

  #named(name: string, help: string) {
    return { name, help, registers: [this.registry] };
  }
}
