/**
 * Case `cluster`: what case `accept` measures, with one and three instances on one Postgres that writes to this disk.
 * Instances, database and load share the machine's processors: on a machine with few of them more instances are for
 * staying up, not for speed.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../test/helpers/postgres.ts';
import { type Case, loadEach, withSetting } from './bench.ts';
import { ALMOST_STILL, type Setting, startRelay } from './contenders.ts';
import { alternately } from './measure.ts';

/** On the project's disk, and open to the user that Postgres runs as: the data folder is not. */
const DISK = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));

const CONNECTIONS = 32;
/** For each instance: the first events of a process take it longer than those after. */
const WARM_UP = 2_000;
const COUNT = 10_000;

export const cluster: Case = async ({ runs, tell }) => {
  await mkdir(DISK, { recursive: true });
  const postgres = await startPostgres({ durable: DISK });
  const measure = (instances: number) => () =>
    withSetting('stub', async (setting) => {
      const perSecond = await measured(setting, { instances, journal: await postgres.newDatabase() });
      tell(`cluster: ${instances} on Postgres ${Math.round(perSecond)}/s`);
      return perSecond;
    });
  try {
    const { one, three } = await alternately(runs, { one: measure(1), three: measure(3) });
    const baseline = { name: 'one instance', samples: one };
    return [
      { measure: 'accepted by one instance on Postgres', unit: '/s', samples: one, target: { atLeast: 3_500 } },
      { measure: 'accepted by three on one Postgres', unit: '/s', samples: three, baseline, target: { atLeast: 1 } },
    ];
  } finally {
    await postgres.stop();
  }
};

/** Requests a second that are verified, journaled and answered 200, by all instances together. */
async function measured(
  setting: Setting,
  { instances, journal }: { readonly instances: number; readonly journal: string },
): Promise<number> {
  await using started = new AsyncDisposableStack();
  const start = async (index: number) => {
    const own = { ...setting, folder: join(setting.folder, String(index)) };
    return started.use(await startRelay(own, { ...ALMOST_STILL, journal }));
  };
  const first = await start(0);
  const others = [];
  for (let index = 1; index < instances; index++) others.push(await start(index));
  const job = {
    secret: setting.secret,
    warmUp: WARM_UP * instances,
    count: COUNT,
    connections: CONNECTIONS,
    perSecond: null,
  };
  const { startedAt, endedAt } = await loadEach([first, ...others], job);
  return (COUNT * 1000) / (endedAt - startedAt);
}
