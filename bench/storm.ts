/**
 * Case `storm`: 10,000 events at once into one channel of a sandbox that takes what Slack takes, one message a second.
 * One by one that takes 10,000 s; what backs up becomes digests. Every event has to come once, in order of its call.
 */
import { checkArrivals } from './arrivals.ts';
import { type Case, load, withSetting } from './bench.ts';
import { STORM, startRelay } from './contenders.ts';

const COUNT = 10_000;
const CONNECTIONS = 32;
const LAST_WITHIN_MS = 400_000;

export const storm: Case = async ({ tell }) => {
  const seconds = await withSetting('paced', async (setting, slack) => {
    await using server = await startRelay(setting, STORM);
    const job = { secret: setting.secret, warmUp: 0, count: COUNT, connections: CONNECTIONS, perSecond: null };
    const { startedAt } = await load(server, job);
    const arrivals = await slack.arrivals(COUNT, LAST_WITHIN_MS);
    checkArrivals(arrivals, { name: 'alo-relay', count: COUNT, channelOf: () => STORM.channel });
    return ((arrivals.at(-1)?.at ?? Number.NaN) - startedAt) / 1000;
  });
  tell(`storm: ${seconds.toFixed(0)} s`);
  // Once: it is Slack's limit that takes the time.
  return [
    { measure: '10,000 events into one channel, all visible', unit: 's', samples: [seconds], target: { atMost: 200 } },
  ];
};
