/** Whether the service can do its work, and what is wrong where it cannot, or can only in part. */
import { type Clock, within } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Journal } from '../journal/contract.ts';
import { JournalError } from '../journal/errors.ts';
import type { SlackHealth } from '../relay/health.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** With a detail although it is ok: something works less well than it could. */
interface Check {
  readonly ok: boolean;
  readonly detail?: string;
  /** What is wrong, as a code: the journal's or Slack's own, or `unreachable` for an outage of Slack. */
  readonly code?: string;
  /** ISO 8601: since when it has been like that, where that is known. */
  readonly since?: string;
}

/** Asked often, looked at so rarely. */
const KEPT_MS = 1_000;
/** A journal that takes longer than this to say whether it takes a commit does not answer. */
const ANSWERS_WITHIN_MS = 3_000;

export interface ReadinessParts {
  readonly journal: Pick<Journal, 'probe'>;
  readonly health: Pick<SlackHealth, 'trouble' | 'outage' | 'limitation'>;
  /** What is wrong with a config that was changed, and since when; null where nothing is. */
  readonly configTrouble: () => { readonly detail: string; readonly since: number } | null;
  readonly bodyLimitBytes: () => number;
  readonly clock: Clock;
}

/** `since` is in ms since the epoch. */
interface Fault {
  readonly code?: string;
  readonly detail: string;
  readonly since?: number;
}

/** What the largest event may take: its body, as much again of it in its header, and its deliveries. */
function roomOfEvent(bodyLimitBytes: number): number {
  return 2 * bodyLimitBytes + 128 * 1024;
}

/**
 * Ready while the journal takes commits and Slack takes our token. A bad edit of the config leaves it so; an outage of
 * Slack, too, although its check fails: webhooks are accepted, and to send them elsewhere would help nobody.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  const { health, configTrouble } = parts;
  const journal = journalFault(parts);
  return async () => {
    const checks = {
      journal: check(await journal()),
      slack: slackCheck(health),
      config: check(null, configTrouble()),
    };
    return { ready: checks.journal.ok && health.trouble() === null, checks };
  };
}

/** Since when: as far as somebody asked meanwhile. */
function journalFault({ journal, bodyLimitBytes, clock }: ReadinessParts): () => Promise<Fault | null> {
  let since: number | null = null;
  const probe = memoizeFor({ atLeastMs: KEPT_MS, clock }, () =>
    journal.probe(roomOfEvent(bodyLimitBytes())).then(
      () => OK,
      (error: unknown) => ({
        ...(error instanceof JournalError && { code: error.code }),
        detail: error instanceof Error ? error.message : String(error),
      }),
    ),
  );
  return async () => {
    const found = (await within(ANSWERS_WITHIN_MS, clock, probe())) ?? NO_ANSWER;
    since = found === OK ? null : (since ?? clock.now());
    return since === null ? null : { ...found, since };
  };
}

const OK: Fault = { detail: '' };
const NO_ANSWER: Fault = {
  code: 'journal-unreachable',
  detail: 'The journal does not answer. Check its database, the network, or its disk; it is asked again.',
};

function slackCheck(health: ReadinessParts['health']): Check {
  const trouble = health.trouble();
  const outage = health.outage();
  if (trouble !== null || outage === null) return check(trouble, health.limitation());
  const detail = `Slack cannot be reached; deliveries wait and are retried. Last reason: ${outage.reason.detail}`;
  return check({ code: 'unreachable', detail, since: outage.since });
}

function check(fault: Fault | null, remark: Fault | null = null): Check {
  const found = fault ?? remark;
  if (found === null) return { ok: true };
  const { code, detail, since } = found;
  return {
    ok: fault === null,
    detail,
    ...(code !== undefined && { code }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}
