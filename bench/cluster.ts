/**
 * Case `cluster`: what case `accept` measures, with one, two and three instances on one Postgres that writes to this
 * disk, beside one on SQLite. Instances, database and load share the machine's processors: on a machine with few of them
 * more instances are for staying up, not for speed.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../test/helpers/postgres.ts';
import { type Case, loadEach, withSetting } from './bench.ts';
import { ALMOST_STILL, type Setting, startRelay } from './contenders.ts';
import { alternately } from './measure.ts';
import type { Server } from './processes.ts';

/** On the project's disk, and open to the user that Postgres runs as: the data folder is not. */
const DISK = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));

const CONNECTIONS = 32;
const WARM_UP = 2_000;
const COUNT = 10_000;

export const cluster: Case = async ({ runs, tell }) => {
  await mkdir(DISK, { recursive: true });
  const postgres = await startPostgres({ durable: DISK });
  const measure = (name: string, instances: number, journal: () => Promise<string | undefined>) => () =>
    withSetting('stub', async (setting) => {
      const place = await journal();
      const perSecond = await measured(setting, { instances, place });
      tell(`cluster: ${name} ${Math.round(perSecond)}/s`);
      return perSecond;
    });
  const shared = () => postgres.newDatabase();
  try {
    const { sqlite, one, two, three } = await alternately(runs, {
      sqlite: measure('SQLite, one process', 1, async () => undefined),
      one: measure('Postgres, one process', 1, shared),
      two: measure('Postgres, two', 2, shared),
      three: measure('Postgres, three', 3, shared),
    });
    const unit = '/s';
    const baseline = { name: 'SQLite, one process', samples: sqlite };
    return [
      { measure: 'accepted by one process on Postgres', unit, samples: one, baseline },
      { measure: 'accepted by two on one Postgres', unit, samples: two, baseline },
      { measure: 'accepted by three on one Postgres', unit, samples: three, baseline },
    ];
  } finally {
    await postgres.stop();
  }
};

/** Requests a second that are verified, journaled and answered 200, by all instances together. */
async function measured(
  setting: Setting,
  { instances, place }: { readonly instances: number; readonly place: string | undefined },
): Promise<number> {
  await using started = new AsyncDisposableStack();
  const start = async (index: number): Promise<Server> => {
    const own = { ...setting, folder: join(setting.folder, String(index)) };
    const load = { ...ALMOST_STILL, ...(place !== undefined && { journal: place }) };
    return started.use(await startRelay(own, load));
  };
  const first = await start(0);
  const others: Server[] = [];
  for (let index = 1; index < instances; index++) others.push(await start(index));
  const job = { secret: setting.secret, warmUp: WARM_UP, count: COUNT, connections: CONNECTIONS, perSecond: null };
  const { startedAt, endedAt } = await loadEach([first, ...others], job);
  return (COUNT * 1000) / (endedAt - startedAt);
}
