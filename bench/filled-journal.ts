/** A SQLite journal that holds events before the service starts: each with one delivery that was not sent yet. */
import type { NewEvent } from '../src/journal/contract.ts';
import { openSqliteJournal } from '../test/helpers/sqlite.ts';
import { eventBody } from './events.ts';

const AT_ONCE = 512;

export interface Filling {
  readonly events: number;
  /** The deliveries are spread over so many channels. */
  readonly lanes: number;
}

export async function fillJournal(path: string, { events, lanes }: Filling): Promise<void> {
  const journal = await openSqliteJournal(path);
  for (let first = 0; first < events; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, events - first) }, (_, index) => first + index);
    await Promise.all(numbers.map((n) => journal.accept(receipt(n, `#bench-${n % lanes}`))));
  }
  await journal.close();
}

function receipt(n: number, channel: string): NewEvent {
  const now = Date.now();
  const nobody = { id: null, name: null, email: null, kind: null };
  const nothing = { id: null, title: null, description: null, status: null, priority: null, type: null };
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
