/**
 * Case `backlog`: a start on a journal that holds 100,000 deliveries that were not sent, in 1,000 lanes, while Slack is
 * away: from the spawn until a webhook would be taken.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Receipt } from '../src/journal/journal.ts';
import { openJournalInProcess } from '../src/journal/open.ts';
import { type Case, withFolder } from './bench.ts';
import { startRelay, UNPACED } from './contenders.ts';
import { eventBody, newSecret } from './events.ts';

const PENDING = 100_000;
const LANES = 1_000;
const AT_ONCE = 512;
const NO_SLACK = 'http://127.0.0.1:9/api/';

export const backlog: Case = async ({ runs, tell }) => {
  const samples: number[] = [];
  await withFolder(async (kept) => {
    await fill(join(kept, 'relay.db'));
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

async function fill(path: string): Promise<void> {
  const journal = await openJournalInProcess(path);
  for (let first = 0; first < PENDING; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, PENDING - first) }, (_, index) => first + index);
    await Promise.all(numbers.map((n) => journal.accept(receipt(n))));
  }
  await journal.close();
}

function receipt(n: number): Receipt {
  const now = Date.now();
  const nobody = { id: null, name: null, email: null, kind: null };
  const nothing = { id: null, title: null, description: null, status: null, priority: null, type: null };
  const channel = `#bench-${n % LANES}`;
  return {
    event: {
      id: `msg_backlog_${n}`,
      source: 'bench',
      topic: 'call.completed',
      occurred_at: null,
      received_at: new Date(now).toISOString(),
      subject: null,
      actor: nobody,
      action: { ...nothing, team: null, due_at: null, url: null },
      assignees: { current: [], added: [], removed: [] },
      message: { text: null, author: nobody },
    },
    body: Buffer.from(eventBody(n)),
    dedupe: { key: `msg_backlog_${n}`, keepUntil: now + 86_400_000 },
    deliveries: [
      {
        lane: `channel:${channel}`,
        route: 'calls',
        target: { verb: 'post', channel, template: 'call_completed' },
        state: 'pending',
      },
    ],
    receivedAt: now,
  };
}
