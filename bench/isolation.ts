/**
 * Case `isolation`: at 50 events a second into 50 channels, what a channel that answers slowly, one that is archived and
 * one that is limited cost the 47 others: the 99th percentile of the time from an event's first byte to its message.
 */
import { type Case, load, withSetting } from './bench.ts';
import { startRelay, UNPACED } from './contenders.ts';
import { CALLS, CHANNELS, TROUBLED } from './events.ts';
import { alternately, percentile } from './measure.ts';
import type { SlackKind } from './slack.ts';

const PER_SECOND = 50;
const WARM_UP = 2 * PER_SECOND;
const COUNT = 20 * PER_SECOND;
const LAST_WITHIN_MS = 10_000;

export const isolation: Case = async ({ runs, tell }) => {
  const measure = (kind: SlackKind) => () =>
    withSetting(kind, async (setting, slack) => {
      await using server = await startRelay(setting, UNPACED);
      const job = { secret: setting.secret, warmUp: WARM_UP, count: COUNT, connections: 4, perSecond: PER_SECOND };
      const { sentAt } = await load(server, job);
      const healthy = Array.from({ length: WARM_UP + COUNT }, (_, n) => n).filter((n) => !isTroubled(n));
      const arrivals = await slack.arrivals(kind === 'stub' ? WARM_UP + COUNT : healthy.length, LAST_WITHIN_MS);
      const others = arrivals.filter(({ n }) => !isTroubled(n));
      if (others.length !== healthy.length) throw new Error(`${others.length} of ${healthy.length} messages came.`);
      const ms = others.filter(({ n }) => n >= WARM_UP).map(({ n, at }) => at - (sentAt[n] ?? Number.NaN));
      const p99 = percentile(ms, 0.99);
      tell(`isolation: ${kind} p50 ${percentile(ms, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
      return p99;
    });
  const { calm, troubled } = await alternately(runs, { calm: measure('stub'), troubled: measure('troubled') });
  return [
    {
      measure: "others' p99 beside slow, archived and limited channels",
      unit: 'ms',
      samples: troubled,
      baseline: { name: 'without them', samples: calm },
      target: { atMost: 1.2 },
    },
  ];
};

function isTroubled(n: number): boolean {
  const channel = `#bench-${(n % CALLS) % CHANNELS}`;
  return TROUBLED.some((name) => name === channel);
}
