/**
 * Case `flood`: 10,000 events over 32 connections for 50 channels of a Slack that takes all of them at once: events a
 * second from the first byte to the last message, the processor time of each, and memory. Every message has to come
 * once, in its channel, in order of its call.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { checkArrivals } from './arrivals.ts';
import { type Case, load, withSetting } from './bench.ts';
import { type Setting, startBolt, startRelay, UNPACED } from './contenders.ts';
import { CALLS, CHANNELS } from './events.ts';
import { alternately, compare } from './measure.ts';
import type { Server } from './processes.ts';

const COUNT = 10_000;
const CONNECTIONS = 32;
const LAST_WITHIN_MS = 60_000;
const REST_BEFORE_MS = 2_000;
const REST_AFTER_MS = 5_000;

export const flood: Case = async ({ runs, tell }) => {
  const measure = (name: string, start: (setting: Setting) => Promise<Server>) => () =>
    withSetting('stub', async (setting, slack) => {
      await using server = await start(setting);
      await sleep(REST_BEFORE_MS);
      const restMiB = await server.residentMiB();
      const before = await server.processorMs();
      const { secret } = setting;
      const job = { secret, warmUp: 0, count: COUNT, connections: CONNECTIONS, perSecond: null };
      const { startedAt } = await load(server, job);
      await slack.arrivals(COUNT, LAST_WITHIN_MS);
      const floodMiB = await server.residentMiB();
      const processorUs = ((await server.processorMs()) - before) * (1000 / COUNT);
      await sleep(REST_AFTER_MS);
      // Asked once more, since one that comes twice may come late.
      const arrivals = await slack.arrivals(COUNT, 0);
      checkArrivals(arrivals, { name, count: COUNT, channelOf: (n) => `#bench-${(n % CALLS) % CHANNELS}` });
      const laterMiB = await server.residentMiB();
      const perSecond = (COUNT * 1000) / ((arrivals.at(-1)?.at ?? Number.NaN) - startedAt);
      const memory = [restMiB, floodMiB, laterMiB].map(Math.round).join(', ');
      tell(
        `flood: ${name} ${Math.round(perSecond)}/s, ${Math.round(processorUs)} µs of processor each; MiB before, right after, later: ${memory}`,
      );
      return { perSecond, processorUs, restMiB, floodMiB, laterMiB };
    });
  const { bolt, relay } = await alternately(runs, {
    bolt: measure('@slack/bolt', startBolt),
    relay: measure('alo-relay', (setting) => startRelay(setting, UNPACED)),
  });
  const against = compare(relay, { name: '@slack/bolt', samples: bolt });
  const memory = (which: 'restMiB' | 'floodMiB' | 'laterMiB', atMost: number) => ({
    unit: 'MiB',
    samples: relay.map((found) => found[which]),
    target: { atMost },
  });
  return [
    { measure: 'relayed end to end, 10,000 events', unit: '/s', ...against('perSecond'), target: { atLeast: 1.2 } },
    { measure: 'processor per relayed event', unit: 'µs', ...against('processorUs'), target: { atMost: 0.9 } },
    { measure: 'memory at rest', ...memory('restMiB', 90) },
    { measure: 'memory right after the flood', ...memory('floodMiB', 180) },
    { measure: 'memory 5 s later', ...memory('laterMiB', 120) },
  ];
};
