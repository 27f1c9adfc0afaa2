/**
 * Case `start`: from the spawn of the process until it takes a connection. alo-relay creates its journal in that
 * time; the smallest @slack/bolt app only listens.
 */
import { type Case, withFolder } from './bench.ts';
import { type Setting, startIdleBolt, startRelay, UNPACED } from './contenders.ts';
import { newSecret } from './events.ts';
import { alternately } from './measure.ts';
import type { Server } from './processes.ts';

const LEAST_RUNS = 7;

/** Nothing is sent while it starts, so nobody need be there. */
const NO_SLACK = 'http://127.0.0.1:9/api/';

export const start: Case = async ({ runs, tell }) => {
  const measure = (name: string, begin: (setting: Setting) => Promise<Server>) => () =>
    withFolder(async (folder) => {
      await using server = await begin({ folder, secret: newSecret(), slackUrl: NO_SLACK });
      tell(`start: ${name} ${Math.round(server.startedInMs)} ms`);
      return server.startedInMs;
    });
  const contenders = {
    bolt: measure('@slack/bolt', startIdleBolt),
    relay: measure('alo-relay', (setting) => startRelay(setting, UNPACED)),
  };
  // The first of each reads its files from the disk, the others from memory.
  await alternately(1, contenders);
  const { bolt, relay } = await alternately(Math.max(runs, LEAST_RUNS), contenders);
  return [
    {
      measure: 'spawn → listening',
      unit: 'ms',
      samples: relay,
      baseline: { name: '@slack/bolt', samples: bolt },
      target: { atMost: 1.3 },
    },
  ];
};
