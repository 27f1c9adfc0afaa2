/**
 * Case `dashboards`: what ten open dashboards cost whoever sends webhooks. A journal of 100,000 events, 50 more a second:
 * the 99th percentile of the time from a request's first byte to its answer.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Case, load, withFolder, withSetting } from './bench.ts';
import { startRelay, UNPACED } from './contenders.ts';
import { fillJournal } from './filled-journal.ts';
import { alternately, percentile } from './measure.ts';
import { Helper } from './processes.ts';
import type { Watching } from './watchers.ts';

const KEPT = 100_000;
const LANES = 50;
const DASHBOARDS = 10;
const PER_SECOND = 50;
const WARM_UP = 3 * PER_SECOND;
const COUNT = 30 * PER_SECOND;
const OPEN_WITHIN_MS = 20_000;

export const dashboards: Case = async ({ runs, tell }) => {
  const samples = await withFolder(async (kept) => {
    const journal = join(kept, 'relay.db');
    await fillJournal(journal, { events: KEPT, lanes: LANES });
    markSent(journal);
    const measure = (open: number) => () => measured({ journal, open, tell });
    return await alternately(runs, { none: measure(0), open: measure(DASHBOARDS) });
  });
  return [
    {
      measure: "webhooks' p99 with ten dashboards open",
      unit: 'ms',
      samples: samples.open,
      baseline: { name: 'with none', samples: samples.none },
      target: { atMost: 1.1 },
    },
  ];
};

interface Occasion {
  readonly journal: string;
  readonly open: number;
  readonly tell: (line: string) => void;
}

function measured({ journal, open, tell }: Occasion): Promise<number> {
  return withSetting('stub', async (setting) => {
    await copyFile(journal, join(setting.folder, 'relay.db'));
    await using server = await startRelay(setting, UNPACED);
    await using watchers = new Helper('watchers.ts');
    const { adminOrigin } = server;
    await watchers.ask({ origin: adminOrigin, open } satisfies Watching, OPEN_WITHIN_MS);
    const job = { secret: setting.secret, warmUp: WARM_UP, count: COUNT, connections: 4, perSecond: PER_SECOND };
    const { sentAt, answeredAt } = await load(server, job);
    const told = await watchers.ask<number>({ origin: adminOrigin, open: 0 } satisfies Watching, OPEN_WITHIN_MS);
    if (open > 0 && told === 0) throw new Error('The dashboards were told nothing.');
    const ms = sentAt.map((at, n) => (answeredAt[n] ?? Number.NaN) - at).slice(WARM_UP);
    const p99 = percentile(ms, 0.99);
    tell(
      `dashboards: ${open} open, p50 ${percentile(ms, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${told} kB told`,
    );
    return p99;
  });
}

/** As it is with a journal of some age; else the service would send them all. */
function markSent(path: string): void {
  const journal = new DatabaseSync(path);
  journal.exec("update deliveries set state = 'sent', attempts = 1, ts = '1.0', channel = 'C0'");
  journal.close();
}
