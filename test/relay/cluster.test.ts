import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { streamLogger } from '../../src/core/log.ts';
import { type Failure, refused } from '../../src/core/outcome.ts';
import type { ClaimEvents, Cluster, News } from '../../src/journal/cluster.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const LIMITED: Failure = { kind: 'retry', limited: true, afterMs: 900, reason: { code: 'ratelimited', detail: '' } };

interface Member {
  events?: ClaimEvents;
  listener?: (news: News) => void;
}

/** A cluster in memory, over one journal: who owns which lane, how its pace is, and what is told to whom. */
class Together {
  readonly told: News[] = [];
  readonly #owners = new Map<string, object>();
  readonly #blockedUntil = new Map<string, number>();
  readonly #paces = new Map<string, number>();
  readonly #members: Member[] = [];

  wakeAll(): void {
    for (const { events } of this.#members) events?.onWork();
  }

  join(journal: Journal): Journal {
    const me: Member = {};
    this.#members.push(me);
    const cluster: Cluster = {
      mayAct: () => true,
      peers: {
        tell: (news) => {
          this.told.push(news);
          for (const other of this.#members) if (other !== me) other.listener?.(news);
        },
        listen: (listener) => {
          me.listener = listener;
        },
      },
      claims: {
        start: async (events) => {
          me.events = events;
        },
        claim: async (limit) => {
          const now = clock.monotonic();
          const free = (lane: string) => !this.#owners.has(lane) && (this.#blockedUntil.get(lane) ?? 0) <= now;
          const lanes = (await journal.lanesWithWork()).filter(free).slice(0, limit);
          for (const lane of lanes) this.#owners.set(lane, me);
          return lanes.map((lane) => ({ lane, pacedUntil: this.#paces.get(lane) ?? 0 }));
        },
        release: async (lane, { againInMs, pacedUntil }) => {
          this.#owners.delete(lane);
          this.#blockedUntil.set(lane, clock.monotonic() + (againInMs ?? 0));
          if (againInMs !== null) clock.after(againInMs, () => this.wakeAll());
          this.#paces.set(lane, pacedUntil);
        },
        sweep: async () => this.wakeAll(),
        stop: async () => {
          delete me.events;
        },
      },
    };
    return new Proxy(journal, {
      get(target, name) {
        if (name === 'cluster') return cluster;
        const found: unknown = Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(target) : found;
      },
    });
  }
}

let folder: string;
let config: Config;
let journal: Journal;
let slack: ScriptedSlack;
let clock: ManualClock;
let together: Together;
let relays: [Relay, Relay];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 't.yaml'), 'text: "{{ event.payload.data.n }}"');
  config = await configWith('t');
  slack = new ScriptedSlack();
  clock = new ManualClock();
  together = new Together();
  journal = await openJournalInProcess(join(folder, 'relay.db'));
  relays = [await startRelay(), await startRelay()];
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await journal.close();
  await rm(folder, { recursive: true });
});

async function configWith(template: string): Promise<Config> {
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1 }
delivery: { per_channel: { per_second: 1, burst: 2 }, merge: false }
routes: [{ name: all, post: { channel: "#{{ event.payload.data.channel }}", template: ${template} } }]
`,
  );
  const loaded = await loadConfig(file, {});
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

async function startRelay(): Promise<Relay> {
  const log = streamLogger({ write: () => undefined });
  const relay = createRelay({
    config,
    journal: together.join(journal),
    gateway: slack,
    clock,
    random: () => 0.5,
    log,
  });
  await relay.resume();
  relay.start();
  await settle();
  return relay;
}

let messages = 0;

async function send(relay: Relay, n: number, channel = 'a'): Promise<void> {
  const source = config.sources[0];
  if (source === undefined) throw new Error('one source is expected');
  const body = JSON.stringify({ topic: 'call.received', data: { n, channel } });
  const headers = source.sign({ body, messageId: `msg_${++messages}`, nowMs: clock.now() });
  const answer = await relay.accept(source, { headers, body: Buffer.from(body) });
  expect(answer.kind).toBe('accepted');
  together.wakeAll();
  await settle();
}

const shown = () => slack.standing.map(({ posting }) => posting.message.text);

describe('two relays over one journal', () => {
  it('send what either accepts once, in order, and no faster than one', async () => {
    for (let n = 0; n < 6; n++) await send(relays[n % 2 === 0 ? 0 : 1], n);
    expect(shown()).toEqual(['0', '1']);
    await clock.advance(1_000);
    expect(shown()).toEqual(['0', '1', '2']);
    // The other goes on with what the first leaves, at its pace.
    await relays[0].stop();
    await settle();
    expect(shown()).toEqual(['0', '1', '2']);
    await clock.advance(1_000);
    expect(shown()).toEqual(['0', '1', '2', '3']);
    await clock.advance(2_000);
    expect(shown()).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('one that is refused pauses both; both go on when Slack takes one of them again', async () => {
    slack.down = refused('credential', 'token_revoked', 'Install the app again.');
    await send(relays[0], 1);
    expect(relays.map(({ health }) => health.trouble()?.code)).toEqual(['token_revoked', 'token_revoked']);
    await send(relays[1], 2);
    expect(slack.calls.filter((call) => call.startsWith('post'))).toHaveLength(1);
    slack.down = null;
    await clock.advance(30_000);
    expect(relays.map(({ health }) => health.trouble())).toEqual([null, null]);
    expect(shown()).toEqual(['1', '2']);
    expect(together.told.map(({ kind }) => kind)).toEqual(['trouble', 'recovered']);
  });

  it('what Slack asks one to wait with slows down both', async () => {
    // Enough channels for the whole workspace, met by both together.
    slack.fail(...Array.from({ length: 5 }, () => LIMITED));
    for (let n = 0; n < 5; n++) await send(relays[n % 2 === 0 ? 0 : 1], n, `c${n}`);
    expect(together.told).toHaveLength(5);
    const before = slack.calls.length;
    await send(relays[0], 7, 'd');
    await send(relays[1], 8, 'e');
    expect(slack.calls).toHaveLength(before);
    await clock.advance(60_000);
    expect(shown()).toHaveLength(7);
  });

  it('what newer rules owe is left to whoever has their template, until it is clear that nobody does', async () => {
    await writeFile(join(folder, 'templates', 'newer.yaml'), 'text: "newer {{ event.payload.data.n }}"');
    const newer = await configWith('newer');
    await relays[1].stop();
    const [older] = relays;
    config = newer;
    const deployed = await startRelay();
    await deployed.stop();
    await send(deployed, 1);
    expect(await journal.tally()).toMatchObject({ pending: 1, dead: 0 });
    relays[1] = await startRelay();
    await older.stop();
    await clock.advance(61_000);
    expect(shown()).toEqual(['newer 1']);
  });

  it('a template that no instance has is reported after a while, as in one process', async () => {
    const source = config.sources[0];
    if (source === undefined) throw new Error('one source is expected');
    await writeFile(join(folder, 'templates', 'gone.yaml'), 'text: "gone"');
    config = await configWith('gone');
    const gone = await startRelay();
    await gone.stop();
    await send(gone, 1);
    await clock.advance(17 * 60_000);
    const [record] = await journal.deliveries({ limit: 1 });
    expect(record).toMatchObject({ state: 'dead', reason: { code: 'template_missing' } });
  });
});
