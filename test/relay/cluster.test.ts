import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused } from '../../src/core/outcome.ts';
import type { ClaimEvents, Cluster, News } from '../../src/journal/cluster.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { LIMITED, ScriptedSlack } from '../helpers/gateway.ts';
import { type StartedRelay, startRelay, writeConfig } from '../helpers/relay.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';

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
      instance: 'own',
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
          events.onWork();
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
        ownsLanes: () => true,
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
let journal: Journal;
let slack: ScriptedSlack;
let clock: ManualClock;
let together: Together;
let relays: [StartedRelay, StartedRelay];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  slack = new ScriptedSlack();
  clock = new ManualClock();
  together = new Together();
  journal = await openSqliteJournal(join(folder, 'relay.db'));
  relays = [await start(), await start()];
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await journal.close();
  await rm(folder, { recursive: true });
});

/** Another relay. Its one template is called so, and says this. */
async function start(template = 't', text = '{{ event.payload.data.n }}'): Promise<StartedRelay> {
  const yaml = `
slack: { token: xoxb-1 }
delivery: { per_channel: { per_second: 1, burst: 2 }, merge: false }
routes: [{ name: all, post: { channel: "#{{ event.payload.data.channel }}", template: ${template} } }]
`;
  const config = await writeConfig(folder, yaml, { [template]: text });
  const started = await startRelay({ config, journal: together.join(journal), gateway: slack, clock });
  await settle();
  return started;
}

async function send(relay: StartedRelay, n: number, channel = 'a'): Promise<void> {
  await relay.send({ n, channel });
  together.wakeAll();
  await settle();
}

describe('two relays over one journal', () => {
  it('send what either accepts once, in order, and no faster than one', async () => {
    for (let n = 0; n < 6; n++) await send(relays[n % 2 === 0 ? 0 : 1], n);
    expect(slack.texts()).toEqual(['0', '1']);
    await clock.advance(1_000);
    expect(slack.texts()).toEqual(['0', '1', '2']);
    // The other goes on with what the first leaves, at its pace.
    await relays[0].stop();
    await settle();
    expect(slack.texts()).toEqual(['0', '1', '2']);
    await clock.advance(1_000);
    expect(slack.texts()).toEqual(['0', '1', '2', '3']);
    await clock.advance(2_000);
    expect(slack.texts()).toEqual(['0', '1', '2', '3', '4', '5']);
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
    expect(slack.texts()).toEqual(['1', '2']);
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
    expect(slack.texts()).toHaveLength(7);
  });

  it('what newer rules owe is left to whoever has their template, until it is clear that nobody does', async () => {
    const [older, other] = relays;
    await other.stop();
    const deployed = await start('newer', 'newer {{ event.payload.data.n }}');
    await deployed.stop();
    await send(deployed, 1);
    expect(await journal.tally()).toMatchObject({ pending: 1, dead: 0 });
    relays[1] = await start('newer', 'newer {{ event.payload.data.n }}');
    await older.stop();
    await clock.advance(61_000);
    expect(slack.texts()).toEqual(['newer 1']);
  });

  it('a template that no instance has is reported after a while, as in one process', async () => {
    const gone = await start('gone', 'gone');
    await gone.stop();
    await send(gone, 1);
    await clock.advance(17 * 60_000);
    const [record] = await journal.deliveries({ limit: 1 });
    expect(record).toMatchObject({ state: 'dead', reason: { code: 'template_missing' } });
  });
});
