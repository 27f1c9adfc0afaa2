import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { openJournal } from '../../src/journal/open.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { type StartedRelay, startRelay, writeConfig } from '../helpers/relay.ts';
import { until } from '../helpers/until.ts';

const CHANNELS = ['a', 'b', 'c'];
const EVENTS = 150;

let postgres: TestPostgres;
let folder: string;
let config: Config;
const slack = new ScriptedSlack();

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const yaml = `
journal: "${await postgres.newDatabase()}"
slack: { token: xoxb-1 }
delivery: { per_channel: { per_second: 1000, burst: 1000 }, merge: false }
routes: [{ name: all, post: { channel: "#{{ event.payload.data.channel }}", template: t } }]
`;
  config = await writeConfig(folder, yaml);
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

interface Instance extends StartedRelay {
  readonly journal: Journal;
  stop(): Promise<void>;
}

async function start(): Promise<Instance> {
  const clock = systemClock;
  const journal = await openJournal(config.journal, { log: silentLogger, clock, role: 'service' });
  const started = await startRelay({ config, journal, gateway: slack, clock, random: Math.random });
  return {
    ...started,
    journal,
    async stop() {
      await started.stop();
      await journal.close();
    },
  };
}

it('two instances over one Postgres send everything once and in order, also when one leaves and another comes', async () => {
  let instances: readonly Instance[] = [await start(), await start()];
  for (let n = 0; n < EVENTS; n++) {
    const instance = instances[n % 2];
    if (instance === undefined) throw new Error('there are two');
    await instance.send({ n, channel: CHANNELS[n % CHANNELS.length] });
    if (n === EVENTS / 2) {
      const [leaving, staying] = instances;
      if (leaving === undefined || staying === undefined) throw new Error('there are two');
      const stopped = leaving.stop();
      instances = [await start(), staying];
      await stopped;
    }
  }
  const sent = () => slack.standing.length;
  await until(() => sent() >= EVENTS);
  await until(async () => (await instances[0]?.journal.tally())?.sent === EVENTS);
  for (const [index, channel] of CHANNELS.entries()) {
    const expected = Array.from({ length: EVENTS / CHANNELS.length }, (_, n) => String(n * CHANNELS.length + index));
    expect(slack.texts(`#${channel}`)).toEqual(expected);
  }
  await Promise.all(instances.map((instance) => instance.stop()));
});
