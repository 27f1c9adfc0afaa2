/** Whether the service can do its work, and what is wrong where it cannot, or can only in part. */
import type { Clock } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Journal } from '../journal/contract.ts';
import type { SlackHealth } from '../relay/health.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** With a detail although it is ok: something works less well than it could. */
interface Check {
  readonly ok: boolean;
  readonly detail?: string;
  /** ISO 8601: since when it has not been ok, where that is known. */
  readonly since?: string;
}

/** Asked often, looked at so rarely. */
const KEPT_MS = 1_000;

export interface ReadinessParts {
  readonly journal: Pick<Journal, 'probe'>;
  readonly health: Pick<SlackHealth, 'trouble' | 'outage' | 'limitation'>;
  /** What is wrong with a config that was changed; null where nothing is. */
  readonly configTrouble: () => string | null;
  readonly bodyLimitBytes: () => number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** What the largest event may take: its body, as much again of it in its header, and its deliveries. */
function roomOfEvent(bodyLimitBytes: number): number {
  return 2 * bodyLimitBytes + 128 * 1024;
}

/**
 * Ready while the journal takes commits and Slack takes our token. A bad edit of the config leaves it so; an outage of
 * Slack, too, although its check fails: webhooks are accepted, and to send them elsewhere would help nobody.
 */
export function createReadiness({
  journal,
  health,
  configTrouble,
  bodyLimitBytes,
  clock,
}: ReadinessParts): () => Promise<Readiness> {
  const fault = memoizeFor({ atLeastMs: KEPT_MS, clock }, () =>
    journal.probe(roomOfEvent(bodyLimitBytes())).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
  );
  return async () => {
    const checks = {
      journal: check(await fault()),
      slack: slackCheck(health),
      config: check(null, configTrouble() ?? undefined),
    };
    return { ready: checks.journal.ok && health.trouble() === null, checks };
  };
}

function slackCheck(health: ReadinessParts['health']): Check {
  const outage = health.outage();
  if (health.trouble() !== null || outage === null) {
    return check(health.trouble()?.detail ?? null, health.limitation()?.detail);
  }
  const detail = `Slack cannot be reached; deliveries wait and are retried. Last reason: ${outage.reason.detail}`;
  return { ok: false, detail, since: new Date(outage.since).toISOString() };
}

function check(fault: string | null, remark?: string): Check {
  if (fault !== null) return { ok: false, detail: fault };
  return { ok: true, ...(remark !== undefined && { detail: remark }) };
}
