/**
 * Case `latency`: at 50 events a second, whatever the answers do, the time from an event's first byte to the call of
 * Slack that it causes. Both ends read the same clock, in the load generator and in the stub.
 */
import { type Case, load, withSetting } from './bench.ts';
import { type Setting, startBolt, startRelay, UNPACED } from './contenders.ts';
import { alternately, percentile } from './measure.ts';
import type { Server } from './processes.ts';

const PER_SECOND = 50;
const WARM_UP = 2 * PER_SECOND;
const COUNT = 10 * PER_SECOND;
const CONNECTIONS = 4;
const LAST_WITHIN_MS = 10_000;

export const latency: Case = async ({ runs, tell }) => {
  const measure = (name: string, start: (setting: Setting) => Promise<Server>) => () =>
    withSetting('stub', async (setting, slack) => {
      await using server = await start(setting);
      const { secret } = setting;
      const job = { secret, warmUp: WARM_UP, count: COUNT, connections: CONNECTIONS, perSecond: PER_SECOND };
      const { sentAt } = await load(server, job);
      const arrivals = await slack.arrivals(WARM_UP + COUNT, LAST_WITHIN_MS);
      if (arrivals.length !== WARM_UP + COUNT) throw new Error(`${name}: ${arrivals.length} messages came.`);
      const ms = arrivals.filter(({ n }) => n >= WARM_UP).map(({ n, at }) => at - (sentAt[n] ?? Number.NaN));
      const found = { p50: percentile(ms, 0.5), p99: percentile(ms, 0.99) };
      tell(`latency: ${name} p50 ${found.p50.toFixed(2)} ms, p99 ${found.p99.toFixed(2)} ms`);
      return found;
    });
  const samples = await alternately(runs, {
    bolt: measure('@slack/bolt', startBolt),
    relay: measure('alo-relay', (setting) => startRelay(setting, UNPACED)),
  });
  const verdict = (which: 'p50' | 'p99', atMost: number) => ({
    measure: `event in → Slack called, ${which}`,
    unit: 'ms',
    samples: samples.relay.map((found) => found[which]),
    baseline: { name: '@slack/bolt', samples: samples.bolt.map((found) => found[which]) },
    target: { atMost },
  });
  return [verdict('p50', 1.3), verdict('p99', 1.5)];
};
