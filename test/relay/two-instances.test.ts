import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CHANNELS = ['a', 'b', 'c'];
const EVENTS = 150;

let postgres: TestPostgres;
let folder: string;
let config: Config;
const slack = new ScriptedSlack();

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 't.yaml'), 'text: "{{ event.payload.data.n }}"');
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `journal: "${await postgres.newDatabase()}"
sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1 }
delivery: { per_channel: { per_second: 1000, burst: 1000 }, merge: false }
routes: [{ name: all, post: { channel: "#{{ event.payload.data.channel }}", template: t } }]
`,
  );
  const loaded = await loadConfig(file, {});
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.problems));
  config = loaded.config;
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

interface Instance {
  readonly journal: Journal;
  readonly relay: Relay;
  stop(): Promise<void>;
}

async function start(): Promise<Instance> {
  const clock = systemClock;
  const journal = await openJournal(config.journal, { log: silentLogger, clock, role: 'service' });
  const relay = createRelay({ config, journal, gateway: slack, clock, random: Math.random, log: silentLogger });
  await relay.resume();
  relay.start();
  return {
    journal,
    relay,
    async stop() {
      await relay.stop();
      await journal.close();
    },
  };
}

async function send({ relay }: Instance, n: number): Promise<void> {
  const source = config.sources[0];
  if (source === undefined) throw new Error('one source is expected');
  const body = JSON.stringify({ topic: 'call.received', data: { n, channel: CHANNELS[n % CHANNELS.length] } });
  const headers = source.sign({ body, messageId: `msg_${n}`, nowMs: Date.now() });
  const answer = await relay.accept(source, { headers, body: Buffer.from(body) });
  expect(answer.kind).toBe('accepted');
}

it('two instances over one Postgres send everything once and in order, also when one leaves and another comes', async () => {
  let instances: readonly Instance[] = [await start(), await start()];
  for (let n = 0; n < EVENTS; n++) {
    const instance = instances[n % 2];
    if (instance === undefined) throw new Error('there are two');
    await send(instance, n);
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
    const shown = slack.standing.filter(({ posting }) => posting.channel === `#${channel}`);
    const expected = Array.from({ length: EVENTS / CHANNELS.length }, (_, n) => String(n * CHANNELS.length + index));
    expect(shown.map(({ posting }) => posting.message.text)).toEqual(expected);
  }
  await Promise.all(instances.map((instance) => instance.stop()));
});
