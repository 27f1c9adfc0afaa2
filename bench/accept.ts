/**
 * Case `accept`: requests a second over 32 connections that are verified and answered 200. alo-relay journals each
 * with the delivery it owes; its deliveries are paced so slowly that they do not compete, since they are another case.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Case, load, withSetting } from './bench.ts';
import { ALMOST_STILL, type Setting, startBare, startNaiveReceiver, startRelay } from './contenders.ts';
import { alternately } from './measure.ts';
import type { Server } from './processes.ts';

const CONNECTIONS = 32;
/** Until the code is compiled. */
const WARM_UP = 4_000;
const COUNT = 20_000;
/** The fastest gets more, so that each is measured for a second or so. */
const COUNT_BARE = 40_000;

interface Contender {
  readonly name: string;
  readonly start: (setting: Setting) => Promise<Server>;
  readonly count: number;
  /** Looks at what the stopped server left. */
  readonly check?: (folder: string) => void;
}

export const accept: Case = async ({ runs, tell }) => {
  const measure =
    ({ name, start, count, check }: Contender) =>
    () =>
      withSetting('stub', async (setting) => {
        const { perSecond, processorUs } = await measured(await start(setting), setting.secret, count);
        check?.(setting.folder);
        tell(`accept: ${name} ${Math.round(perSecond)}/s, ${Math.round(processorUs)} µs of processor each`);
        return perSecond;
      });
  const startStill = (setting: Setting) => startRelay(setting, ALMOST_STILL);
  const samples = await alternately(runs, {
    bare: measure({ name: 'bare node:http', start: startBare, count: COUNT_BARE }),
    naive: measure({ name: 'naive Koa', start: startNaiveReceiver, count: COUNT }),
    relay: measure({ name: 'alo-relay', start: startStill, count: COUNT, check: checkJournal }),
  });
  const verdict = { measure: 'accepted at 32 connections', unit: '/s', samples: samples.relay };
  return [
    { ...verdict, baseline: { name: 'bare node:http', samples: samples.bare }, target: { atLeast: 0.3 } },
    { ...verdict, baseline: { name: 'naive Koa', samples: samples.naive }, target: { atLeast: 1 } },
  ];
};

async function measured(started: Server, secret: string, count: number) {
  await using server = started;
  const before = await server.processorMs();
  const job = { secret, warmUp: WARM_UP, count, connections: CONNECTIONS, perSecond: null };
  const { startedAt, endedAt } = await load(server, job);
  const processorUs = ((await server.processorMs()) - before) * (1000 / (WARM_UP + count));
  return { perSecond: (count * 1000) / (endedAt - startedAt), processorUs };
}

/** What was answered 200 has to be in the journal. */
function checkJournal(folder: string): void {
  const journal = new DatabaseSync(join(folder, 'relay.db'), { readOnly: true });
  const { events } = { ...journal.prepare('select count(*) as events from events').get() };
  journal.close();
  if (events !== WARM_UP + COUNT) throw new Error(`${WARM_UP + COUNT} events were accepted, ${events} are journaled.`);
}
