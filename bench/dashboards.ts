/**
 * Case `dashboards`: what ten open dashboards cost whoever sends webhooks. A journal of 100,000 events, 50 more a second:
 * the 99th percentile of the time from a request's first byte to its answer. With and without in turn, against the same
 * process: what a disk does from one minute to the next is more than what a dashboard does.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Case, load, withFolder, withSetting } from './bench.ts';
import { startRelay, UNPACED } from './contenders.ts';
import { fillJournal } from './filled-journal.ts';
import { percentile } from './measure.ts';
import { Helper } from './processes.ts';
import type { Watching } from './watchers.ts';

const KEPT = 100_000;
const LANES = 50;
const DASHBOARDS = 10;
const PER_SECOND = 50;
const WARM_UP = 2 * PER_SECOND;
const COUNT = 10 * PER_SECOND;
/** Of each kind, in one process. */
const TURNS = 4;
const OPEN_WITHIN_MS = 20_000;

export const dashboards: Case = async ({ runs, tell }) => {
  const samples: Compared[] = [];
  await withFolder(async (kept) => {
    const journal = join(kept, 'relay.db');
    await fillJournal(journal, { events: KEPT, lanes: LANES });
    markSent(journal);
    for (let run = 0; run < runs; run++) samples.push(await compared(journal));
  });
  for (const { none, open } of samples) {
    tell(`dashboards: p99 ${none.toFixed(2)} ms with none, ${open.toFixed(2)} ms with ${DASHBOARDS} open`);
  }
  return [
    {
      measure: "webhooks' p99 with ten dashboards open",
      unit: 'ms',
      samples: samples.map(({ open }) => open),
      baseline: { name: 'with none', samples: samples.map(({ none }) => none) },
      target: { atMost: 1.1 },
    },
  ];
};

/** The 99th percentiles, in ms. */
interface Compared {
  readonly none: number;
  readonly open: number;
}

function compared(journal: string): Promise<Compared> {
  return withSetting('stub', async (setting) => {
    await copyFile(journal, join(setting.folder, 'relay.db'));
    await using server = await startRelay(setting, UNPACED);
    await using watchers = new Helper('watchers.ts');
    const watch = (open: number) =>
      watchers.ask<number>({ origin: server.adminOrigin, open } satisfies Watching, OPEN_WITHIN_MS);
    const job = { secret: setting.secret, warmUp: WARM_UP, count: COUNT, connections: 4, perSecond: PER_SECOND };
    const turn = async (open: number) => {
      await watch(open);
      const { sentAt, answeredAt } = await load(server, job);
      return sentAt.map((at, n) => (answeredAt[n] ?? Number.NaN) - at).slice(WARM_UP);
    };
    const none: number[] = [];
    const open: number[] = [];
    for (let count = 0; count < TURNS; count++) {
      none.push(...(await turn(0)));
      open.push(...(await turn(DASHBOARDS)));
    }
    if ((await watch(0)) === 0) throw new Error('The dashboards were told nothing.');
    return { none: percentile(none, 0.99), open: percentile(open, 0.99) };
  });
}

/** As it is with a journal of some age; else the service would send them all. */
function markSent(path: string): void {
  const journal = new DatabaseSync(path);
  journal.exec("update deliveries set state = 'sent', attempts = 1, ts = '1.0', channel = 'C0'");
  journal.close();
}
