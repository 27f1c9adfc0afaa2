/**
 * Case `archive`: what a journal of a million events costs a sender of webhooks, 100 a second: the 99th percentile of
 * the time from a request's first byte to its answer, against the same service with an empty journal; and what those
 * cost who search it all the time, or have ten dashboards open. All of it in turn, between the same two processes: what a
 * disk does from one minute to the next is more.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Case, load, withSetting } from './bench.ts';
import { type Relay, type Setting, startRelay, UNPACED } from './contenders.ts';
import { fillJournal } from './filled-journal.ts';
import { alternately, percentile } from './measure.ts';
import { Helper } from './processes.ts';
import type { Watching } from './watchers.ts';

const KEPT = 1_000_000;
const LANES = 50;
const PER_SECOND = 100;
const WARM_UP = PER_SECOND;
const COUNT = 10 * PER_SECOND;
/** Of each kind, for every run. */
const TURNS = 2;
const WATCH_WITHIN_MS = 60_000;

type Watchers = Pick<Watching, 'dashboards' | 'searches'>;
const NOBODY: Watchers = { dashboards: 0, searches: 0 };

export const archive: Case = ({ runs, tell }) =>
  withSetting('stub', async (setting) => {
    const [empty, full] = await Promise.all([folderOf(setting, 'empty', 0), folderOf(setting, 'full', KEPT)]);
    await using emptyRelay = await startRelay(empty, UNPACED);
    await using fullRelay = await startRelay(full, UNPACED);
    await using helper = new Helper('watchers.ts');
    const measure = (name: string, relay: Relay, watchers: Watchers) => async () => {
      const watch = (wanted: Watchers) =>
        helper.ask<number>({ origin: fullRelay.adminOrigin, ...wanted } satisfies Watching, WATCH_WITHIN_MS);
      await watch(watchers);
      const job = { secret: setting.secret, warmUp: WARM_UP, count: COUNT, connections: 4, perSecond: PER_SECOND };
      const { sentAt, answeredAt } = await load(relay, job);
      const told = await watch(NOBODY);
      if (told === 0 && watchers !== NOBODY) throw new Error('Those who watch were told nothing.');
      const p99 = percentile(sentAt.map((at, n) => (answeredAt[n] ?? Number.NaN) - at).slice(WARM_UP), 0.99);
      tell(`archive: ${name}: p99 ${p99.toFixed(2)} ms`);
      return p99;
    };
    const found = await alternately(runs * TURNS, {
      none: measure('none journaled', emptyRelay, NOBODY),
      full: measure('1,000,000 journaled', fullRelay, NOBODY),
      searched: measure('with a search running', fullRelay, { dashboards: 0, searches: 1 }),
      watched: measure('with ten dashboards open', fullRelay, { dashboards: 10, searches: 0 }),
    });
    const baseline = { name: 'none journaled', samples: found.none };
    const row = (measure: string, samples: readonly number[], atMost: number) => {
      return { measure, unit: 'ms', samples, baseline, target: { atMost } };
    };
    return [
      row("webhooks' p99, 1,000,000 events journaled", found.full, 1.2),
      row('the same with a search running', found.searched, 1.5),
      row('the same with ten dashboards open', found.watched, 1.5),
    ];
  });

/** A folder of its own, and a journal in it where there are to be events: all were sent, as those of some age are. */
async function folderOf(setting: Setting, name: string, events: number): Promise<Setting> {
  const folder = join(setting.folder, name);
  if (events > 0) {
    const path = join(folder, 'relay.db');
    await fillJournal(path, { events, lanes: LANES });
    const journal = new DatabaseSync(path);
    journal.exec("update deliveries set state = 'sent', attempts = 1, ts = '1.0', channel = 'C0'");
    journal.close();
  }
  return { ...setting, folder };
}
