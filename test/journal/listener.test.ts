import { createServer, type Server, type Socket, connect as tcp } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { News } from '../../src/journal/cluster.ts';
import { channelOf, createListener, type Listener } from '../../src/journal/postgres/listener.ts';
import { createPeers } from '../../src/journal/postgres/peers.ts';
import { ManualClock } from '../helpers/clock.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

let postgres: TestPostgres;
let url: string;
let leave: (() => unknown)[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
});

afterAll(() => postgres.stop());

beforeEach(() => {
  leave = [];
});

afterEach(async () => {
  for (const left of leave.toReversed()) await left();
});

function listenTo(connectionString: string, clock: Clock = systemClock): Listener {
  const listener = createListener({ client: () => new pg.Client({ connectionString }), clock, log: silentLogger });
  leave.push(() => listener.close());
  return listener;
}

function hearing(listener: Listener, channel: string) {
  const heard = { messages: [] as string[], connected: 0 };
  const stop = listener.listen(channel, {
    onMessage: (payload) => heard.messages.push(payload),
    onConnected: () => {
      heard.connected += 1;
    },
  });
  return Object.assign(heard, { stop });
}

const notify = (channel: string, payload: string) => command(url, `select pg_notify('${channel}', '${payload}')`);

describe('a listener', () => {
  test('hears its channels, each hearer its own, and outlives one that throws', async () => {
    const listener = listenTo(url);
    const one = hearing(listener, 'One "quoted"');
    await until(() => one.connected === 1);
    listener.listen('One "quoted"', {
      onMessage: () => {
        throw new Error('a defect');
      },
    });
    const same = hearing(listener, 'One "quoted"');
    const two = hearing(listener, 'two');
    await until(() => same.connected === 1 && two.connected === 1);
    await notify('One "quoted"', 'a');
    await notify('three', 'b');
    await notify('two', 'c');
    await until(() => two.messages.length > 0);
    same.stop();
    await notify('One "quoted"', 'd');
    await until(() => one.messages.length > 1);
    expect([one.messages, same.messages, two.messages]).toEqual([['a', 'd'], ['a'], ['c']]);
    expect(one.connected).toBe(1);
  });

  test('connects again when its connection is cut, and says so', async () => {
    const heard = hearing(listenTo(url), 'cut');
    for (const connected of [1, 2, 3]) {
      await until(() => heard.connected === connected);
      await command(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`,
      );
    }
    await until(() => heard.connected === 4);
    await notify('cut', 'again');
    await until(() => heard.messages.length > 0);
  });

  test('notices a connection that died without a word', async () => {
    const clock = new ManualClock();
    const proxy = await openProxy();
    const heard = hearing(listenTo(proxy.url, clock), 'dead');
    await until(() => heard.connected === 1);
    await until(() => clock.waiting === 1);
    proxy.freeze();
    await clock.advance(10_000);
    await clock.advance(4_999);
    expect(proxy.connections).toBe(1);
    await clock.advance(1);
    await until(async () => {
      await clock.advance(250);
      return heard.connected === 2;
    });
    await notify('dead', 'alive');
    await until(() => heard.messages.length > 0);
  });

  test('a connection that answers is kept', async () => {
    const clock = new ManualClock();
    const proxy = await openProxy();
    const heard = hearing(listenTo(proxy.url, clock), 'kept');
    await until(() => heard.connected === 1 && clock.waiting === 1);
    for (let check = 0; check < 3; check++) {
      const before = proxy.answers;
      await clock.advance(10_000);
      await until(() => proxy.answers > before && clock.waiting === 1);
    }
    expect([heard.connected, proxy.connections]).toEqual([1, 1]);
  });

  test('waits for a database that is not there yet, less and less often', async () => {
    const clock = new ManualClock();
    let tries = 0;
    let there = false;
    const listener = createListener({
      client() {
        tries += 1;
        return new pg.Client({ connectionString: there ? url : 'postgres://nobody:secret@127.0.0.1:1/none' });
      },
      clock,
      log: silentLogger,
    });
    leave.push(() => listener.close());
    const heard = hearing(listener, 'late');
    for (const [tried, waitMs] of [
      [1, 250],
      [2, 500],
      [3, 1_000],
    ] as const) {
      await until(() => tries === tried && clock.waiting === 1);
      await clock.advance(waitMs - 1);
      expect(tries).toBe(tried);
      await clock.advance(1);
    }
    there = true;
    await until(async () => {
      await clock.advance(100);
      return heard.connected === 1;
    });
  });

  test('connects no more once it is closed', async () => {
    const listener = listenTo(url);
    const heard = hearing(listener, 'closed');
    await until(() => heard.connected === 1);
    await listener.close();
    await listener.close();
    hearing(listener, 'more');
    const rows = () =>
      command(url, `select 1 from pg_stat_activity where datname = current_database() and query like 'listen%'`);
    await until(async () => (await rows()).length === 0);
  });
});

describe('peers', () => {
  async function peer(instance: string, schema = 'relay') {
    const listener = listenTo(url);
    const pool = new pg.Pool({ connectionString: url });
    pool.on('error', () => undefined);
    leave.push(() => pool.end());
    const channel = channelOf(schema, 'peers');
    const peers = createPeers({ listener, pool, channel, instance, clock: systemClock, log: silentLogger });
    const heard: News[] = [];
    peers.listen((news) => heard.push(news));
    return { peers, heard };
  }

  const TROUBLE: News = { kind: 'trouble', reason: { code: 'invalid_auth', detail: 'Slack refuses the token.' } };
  const LIMITED: News = { kind: 'limited', channel: 'C1', afterMs: 1_500 };

  test('tell each other, never themselves, and those of another schema nothing', async () => {
    const [a, b, other] = await Promise.all([peer('a'), peer('b'), peer('c', 'another')]);
    await until(() => {
      a.peers.tell({ kind: 'recovered' });
      return b.heard.length > 0;
    });
    b.heard.length = 0;
    a.peers.tell(TROUBLE);
    a.peers.tell(LIMITED);
    await until(() => b.heard.some(({ kind }) => kind === 'limited'));
    expect(b.heard).toEqual(expect.arrayContaining([TROUBLE, LIMITED]));
    expect([a.heard, other.heard]).toEqual([[], []]);
  });

  test('what else is notified there is passed over; a long reason is shortened', async () => {
    const [a, b] = await Promise.all([peer('a'), peer('b')]);
    await until(() => {
      a.peers.tell({ kind: 'recovered' });
      return b.heard.length > 0;
    });
    b.heard.length = 0;
    for (const payload of [
      'not json',
      '{}',
      '{"from":"x","news":{"kind":"explode"}}',
      '{"from":"x","news":{"kind":"limited","channel":"C1","afterMs":-1}}',
      '{"from":"x","news":{"kind":"limited","channel":"C1","afterMs":1e99}}',
    ])
      await notify(CHANNEL, payload);
    a.peers.tell({ kind: 'trouble', reason: { code: 'long', detail: 'é'.repeat(20_000) } });
    await until(() => b.heard.some(({ kind }) => kind === 'trouble'));
    const others = b.heard.filter(({ kind }) => kind !== 'recovered');
    expect(others).toEqual([{ kind: 'trouble', reason: { code: 'long', detail: 'é'.repeat(500) } }]);
  });
});

/** Of the schema `relay`. */
const CHANNEL = 'alo_relay_peers_682fbae20f3428bcec4c117c';

/** Hands everything through to the database, until it is frozen: what is connected then hears nothing any more. */
async function openProxy() {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const state = { connections: 0, answers: 0 };
  const server: Server = createServer((near) => {
    state.connections += 1;
    const far = tcp(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (from === far) state.answers += 1;
        to.write(data);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leave.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxied = new URL(url);
  proxied.port = String(address.port);
  return {
    url: proxied.href,
    get connections() {
      return state.connections;
    },
    get answers() {
      return state.answers;
    },
    freeze() {
      for (const socket of sockets) socket.pause();
    },
  };
}
