/**
 * Case `backlog`: a start on a journal that holds 100,000 deliveries that were not sent, in 1,000 lanes, while Slack is
 * away: from the spawn until a webhook would be taken.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, withFolder } from './bench.ts';
import { startRelay, UNPACED } from './contenders.ts';
import { newSecret } from './events.ts';
import { fillJournal } from './filled-journal.ts';

const PENDING = 100_000;
const LANES = 1_000;
const NO_SLACK = 'http://127.0.0.1:9/api/';

export const backlog: Case = async ({ runs, tell }) => {
  const samples: number[] = [];
  await withFolder(async (kept) => {
    await fillJournal(join(kept, 'relay.db'), { events: PENDING, lanes: LANES });
    for (let run = 0; run < runs; run++) {
      await withFolder(async (folder) => {
        await copyFile(join(kept, 'relay.db'), join(folder, 'relay.db'));
        await using server = await startRelay({ folder, secret: newSecret(), slackUrl: NO_SLACK }, UNPACED);
        tell(`backlog: ready after ${Math.round(server.startedInMs)} ms`);
        samples.push(server.startedInMs);
      });
    }
  });
  return [{ measure: 'spawn → listening, 100,000 deliveries pending', unit: 'ms', samples, target: { atMost: 2_000 } }];
};
