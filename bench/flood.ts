/**
 * Case `flood`: 10,000 events over 32 connections for 50 channels of an unthrottled sandbox; events a second from the
 * first byte to the last message. Every message has to come once, in its channel, in order of its call. Beside it,
 * alo-relay's memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { checkArrivals } from './arrivals.ts';
import { type Case, load, withSetting } from './bench.ts';
import { type Setting, startNaiveRelay, startRelay, UNPACED } from './contenders.ts';
import { CALLS, CHANNELS } from './events.ts';
import { alternately } from './measure.ts';
import type { Server } from './processes.ts';

const COUNT = 10_000;
const CONNECTIONS = 32;
const LAST_WITHIN_MS = 60_000;
/** Memory is looked at when there has been nothing to do for so long. */
const REST_MS = 2_000;

export const flood: Case = async ({ runs, tell }) => {
  const measure = (name: string, start: (setting: Setting) => Promise<Server>) => () =>
    withSetting('sandbox', async (setting, slack) => {
      await using server = await start(setting);
      await sleep(REST_MS);
      const restMiB = await server.residentMiB();
      const before = await server.processorMs();
      const { secret } = setting;
      const job = { secret, warmUp: 0, count: COUNT, connections: CONNECTIONS, perSecond: null };
      const { startedAt } = await load(server, job);
      await slack.arrivals(COUNT, LAST_WITHIN_MS);
      const processorUs = Math.round(((await server.processorMs()) - before) * (1000 / COUNT));
      await sleep(REST_MS);
      // Asked once more, since one that comes twice may come late.
      const arrivals = await slack.arrivals(COUNT, 0);
      checkArrivals(arrivals, { name, count: COUNT, channelOf: (n) => `#bench-${(n % CALLS) % CHANNELS}` });
      const floodMiB = await server.residentMiB();
      const perSecond = (COUNT * 1000) / ((arrivals.at(-1)?.at ?? Number.NaN) - startedAt);
      const memory = `${Math.round(restMiB)} MiB before and ${Math.round(floodMiB)} after`;
      tell(`flood: ${name} ${Math.round(perSecond)}/s, ${processorUs} µs of processor each, ${memory}`);
      return { perSecond, restMiB, floodMiB };
    });
  const { naive, relay } = await alternately(runs, {
    naive: measure('naive relay', startNaiveRelay),
    relay: measure('alo-relay', (setting) => startRelay(setting, UNPACED)),
  });
  return [
    {
      measure: 'flood, in → last message',
      unit: '/s',
      samples: relay.map(({ perSecond }) => perSecond),
      baseline: { name: 'naive relay', samples: naive.map(({ perSecond }) => perSecond) },
      target: { atLeast: 1 },
    },
    { measure: 'memory at rest', unit: 'MiB', samples: relay.map(({ restMiB }) => restMiB), target: { atMost: 110 } },
    {
      measure: 'memory after the flood',
      unit: 'MiB',
      samples: relay.map(({ floodMiB }) => floodMiB),
      target: { atMost: 180 },
    },
  ];
};
