/**
 * Case `slots`: 40 events at once into one channel of a sandbox that takes what Slack takes, one message a second after
 * a burst of three: the share of those seconds in which a message came.
 */
import { type Case, load, withSetting } from './bench.ts';
import { ONE_CHANNEL, startRelay } from './contenders.ts';

const COUNT = 40;
const BURST = ONE_CHANNEL.pace.burst;
const LAST_WITHIN_MS = 90_000;

export const slots: Case = async ({ tell }) => {
  const share = await withSetting('paced', async (setting, slack) => {
    await using server = await startRelay(setting, ONE_CHANNEL);
    const job = { secret: setting.secret, warmUp: 0, count: COUNT, connections: 4, perSecond: null };
    await load(server, job);
    const arrivals = await slack.arrivals(COUNT, LAST_WITHIN_MS);
    const [first, last] = [arrivals[0], arrivals.at(-1)];
    if (arrivals.length !== COUNT || first === undefined || last === undefined) {
      throw new Error(`${arrivals.length} of ${COUNT} messages came.`);
    }
    return (COUNT - BURST) / ((last.at - first.at) / 1000);
  });
  tell(`slots: ${(share * 100).toFixed(1)} % used`);
  // Once: how fast the machine is hardly matters, and it takes 40 s.
  return [{ measure: 'slots used at 1 message/s', unit: '%', samples: [share * 100], target: { atLeast: 95 } }];
};
