/**
 * Case `accept`: webhooks that are verified and answered 200, over 32 connections: how many a second, and the processor
 * time of each. alo-relay journals each with the delivery it owes; its deliveries are paced so slowly that they do not
 * compete, since they are another case.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Case, load, withSetting } from './bench.ts';
import { ALMOST_STILL, type Setting, startNaive, startRelay } from './contenders.ts';
import { alternately, compare } from './measure.ts';
import type { Server } from './processes.ts';

const CONNECTIONS = 32;
/** Until the code is compiled. */
const WARM_UP = 4_000;
const COUNT = 20_000;

export const accept: Case = async ({ runs, tell }) => {
  const measure =
    (name: string, start: (setting: Setting) => Promise<Server>, check?: (folder: string) => void) => () =>
      withSetting('stub', async (setting) => {
        const found = await measured(await start(setting), setting.secret);
        check?.(setting.folder);
        tell(`accept: ${name} ${Math.round(found.perSecond)}/s, ${Math.round(found.processorUs)} µs of processor each`);
        return found;
      });
  const samples = await alternately(runs, {
    naive: measure('naive Koa', startNaive),
    relay: measure('alo-relay', (setting) => startRelay(setting, ALMOST_STILL), checkJournal),
  });
  const against = compare(samples.relay, { name: 'naive Koa', samples: samples.naive });
  return [
    { measure: 'accepted at 32 connections', unit: '/s', ...against('perSecond'), target: { atLeast: 0.5 } },
    { measure: 'processor per accepted event', unit: 'µs', ...against('processorUs'), target: { atMost: 2.3 } },
  ];
};

async function measured(started: Server, secret: string) {
  await using server = started;
  const before = await server.processorMs();
  const job = { secret, warmUp: WARM_UP, count: COUNT, connections: CONNECTIONS, perSecond: null };
  const { startedAt, endedAt } = await load(server, job);
  const processorUs = ((await server.processorMs()) - before) * (1000 / (WARM_UP + COUNT));
  return { perSecond: (COUNT * 1000) / (endedAt - startedAt), processorUs };
}

/** What was answered 200 has to be in the journal. */
function checkJournal(folder: string): void {
  const journal = new DatabaseSync(join(folder, 'relay.db'), { readOnly: true });
  const { events } = { ...journal.prepare('select count(*) as events from events').get() };
  journal.close();
  if (events !== WARM_UP + COUNT) throw new Error(`${WARM_UP + COUNT} events were accepted, ${events} are journaled.`);
}
