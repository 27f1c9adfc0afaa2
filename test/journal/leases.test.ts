import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Claim } from '../../src/journal/cluster.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';
import { type Instance, LaneDatabase } from './lane-instances.ts';

const NOTHING_LEFT = { againInMs: null, pacedUntil: 0 };

let postgres: TestPostgres;
let database: LaneDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  database = await LaneDatabase.open(postgres);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await database.close();
});

/** A lane, as soon as it can be claimed. */
async function claimed(by: Instance, lane: string, withinMs = 5_000): Promise<Claim> {
  return until(async () => (await by.claims.claim(10)).find((claim) => claim.lane === lane), withinMs);
}

function cutOff({ pool }: Instance): void {
  vi.spyOn(pool, 'query').mockImplementation(() => Promise.reject(new Error('no answer')));
}

/** The next claim takes all lanes, and its answer is held up until it is resolved. */
function claimHeldUp({ pool }: Instance, owner: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  vi.spyOn(pool, 'query').mockImplementationOnce(async () => {
    const rows = await database.query(
      `update relay.lanes set owner = '${owner}', claimable_at = claimable_at + 600000 returning lane, 0 as paced_until`,
    );
    await promise;
    return { rows };
  });
  return resolve;
}

describe('one lane, one holder', () => {
  test('under a flood over two instances: never two holders, nothing forgotten, without a backstop', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    const holders = new Map<string, string>();
    const conflicts: string[] = [];
    const runs = { a: 0, b: 0 };
    const run = async (name: 'a' | 'b', by: Instance, lane: string) => {
      const other = holders.get(lane);
      if (other !== undefined) conflicts.push(`${lane}: ${other} and ${name}`);
      holders.set(lane, name);
      runs[name] += 1;
      await by.finish(lane);
      const { rows } = await by.pool.query('select owner from relay.lanes where lane = $1', [lane]);
      if (rows[0]?.owner !== name) conflicts.push(`${lane}: owned by ${rows[0]?.owner}, run by ${name}`);
      holders.delete(lane);
      await by.claims.release(lane, NOTHING_LEFT);
    };
    for (const [name, by] of [['a', a] as const, ['b', b] as const]) {
      let running = false;
      let again = false;
      by.onWork(async () => {
        again = true;
        if (running) return;
        running = true;
        while (again) {
          again = false;
          const claims = await by.claims.claim(4);
          if (claims.length > 0) again = true;
          await Promise.all(claims.map(({ lane }) => run(name, by, lane)));
        }
        running = false;
      });
    }
    const writer = async (by: Instance, seed: number) => {
      for (let n = 0; n < 300; n++) {
        const lanes = [0, 1].map((k) => `lane-${(n * 7 + seed * 3 + k * 5) % 12}`);
        await by.accept(lanes);
      }
    };
    await Promise.all([writer(a, 1), writer(a, 2), writer(b, 3), writer(b, 4)]);
    await until(async () => (await database.unfinished()) === 0, 20_000);
    expect(conflicts).toEqual([]);
    expect(runs.a).toBeGreaterThan(50);
    expect(runs.b).toBeGreaterThan(50);
    await until(
      async () => (await database.query('select 1 from relay.lanes where claimable_at is not null')).length === 0,
    );
  }, 60_000);

  test('a busy lane keeps nobody else waiting', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['busy']);
    await claimed(a, 'busy');
    await a.accept(['busy']);
    await a.accept(['other']);
    expect(await b.claims.claim(1)).toEqual([{ lane: 'other', pacedUntil: 0 }]);
    expect(await b.claims.claim(1)).toEqual([]);
  });

  test('a lane that was lost is not claimed again here before its run has ended', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['lane']);
    await claimed(a, 'lane');
    // While the holder is silent, another has it, and leaves it.
    await database.leasesEnd();
    await claimed(b, 'lane');
    await b.claims.release('lane', { againInMs: 0, pacedUntil: 0 });
    expect(await a.claims.claim(5)).toEqual([]);
    await a.claims.release('lane', { againInMs: 60_000, pacedUntil: 99 });
    expect(await a.claims.claim(5)).toEqual([{ lane: 'lane', pacedUntil: 0 }]);
  });
});

describe('no wake-up is lost', () => {
  test('where the lane is claimed before the later event commits', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['lane']);
    await a.accept(['lane'], async () => {
      expect(await b.claims.claim(1)).toEqual([{ lane: 'lane', pacedUntil: 0 }]);
      expect(await b.finish('lane')).toBe(1);
    });
    expect(await b.finish('lane')).toBe(1);
  });

  test('where the lane is found empty and released before the later event commits', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['lane']);
    await claimed(b, 'lane');
    await a.accept(['lane'], async () => {
      expect(await b.finish('lane')).toBe(1);
      void b.claims.release('lane', NOTHING_LEFT);
      await database.somebodyWaits();
    });
    const before = b.seen.work;
    await until(() => b.seen.work > before || a.seen.work > before);
    await claimed(b, 'lane');
    expect(await b.finish('lane')).toBe(1);
  });

  test('where two events wake the lane at once: who hears of the first finds it locked by the second', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    let second: Promise<void> = Promise.resolve();
    const locked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await a.accept(['lane'], async () => {
      second = a.accept(['lane'], () => {
        locked.resolve();
        return goOn.promise;
      });
      await database.somebodyWaits();
    });
    await locked.promise;
    expect(await b.claims.claim(1)).toEqual([]);
    const before = b.seen.work;
    goOn.resolve();
    await second;
    await until(() => b.seen.work > before);
    await claimed(b, 'lane');
    expect(await b.finish('lane')).toBe(2);
  });

  test('where what came while the lane was held was passed over: its release is announced', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['lane']);
    await claimed(a, 'lane');
    await a.accept(['lane']);
    expect(await b.claims.claim(1)).toEqual([]);
    const before = b.seen.work;
    await a.claims.release('lane', NOTHING_LEFT);
    await until(() => b.seen.work > before);
    await claimed(b, 'lane');
  });

  test('where nobody said that it can be claimed: the sweep does, at the start and every 30 s', async () => {
    await database.query(`insert into relay.deliveries (lane, state) values
      ('held', 'held'), ('pending', 'pending'), ('pending', 'sending'), ('sending', 'sending'), ('sent', 'sent')`);
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    const found = async () =>
      (
        await until(async () => {
          const claims = await a.claims.claim(5);
          return claims.length > 0 && claims;
        })
      )
        .map(({ lane }) => lane)
        .toSorted();
    expect(await found()).toEqual(['pending', 'sending']);
    await database.query(`insert into relay.deliveries (lane) values ('late')`);
    await clock.advance(29_999);
    expect(await a.claims.claim(5)).toEqual([]);
    await clock.advance(1);
    expect(await found()).toEqual(['late']);
  });

  test('where a sweep or a claim fails: it is made again after 2 s', async () => {
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    cutOff(a);
    await clock.advance(30_000);
    await database.query(`insert into relay.deliveries (lane) values ('lane')`);
    expect(await a.claims.claim(5)).toEqual([]);
    vi.restoreAllMocks();
    const before = a.seen.work;
    await clock.advance(2_000);
    expect(a.seen.work).toBeGreaterThan(before);
    await claimed(a, 'lane');
  });

  test('where a command adds to a lane', async () => {
    const a = await database.instance('a');
    const command = await database.instance('command', { role: 'command' });
    const before = a.seen.work;
    await command.accept(['lane']);
    await until(() => a.seen.work > before);
    await claimed(a, 'lane');
  });
});

describe('what is held', () => {
  async function holding(clock: ManualClock): Promise<Instance> {
    const a = await database.instance('a', { clock });
    await a.accept(['lane']);
    await claimed(a, 'lane');
    return a;
  }

  test.each([
    ['time passes', (clock: ManualClock) => clock.advance(1)],
    ['the machine slept: the steady clock stood still', async (clock: ManualClock) => clock.step(1)],
    [
      'the time of day was set back',
      async (clock: ManualClock) => {
        await clock.advance(1);
        clock.step(-8_000);
      },
    ],
  ])('is not certain any more 8 s after it was confirmed, when %s', async (_, pass) => {
    const clock = new ManualClock();
    const a = await holding(clock);
    cutOff(a);
    await clock.advance(7_999);
    expect(a.claims.ownsLanes()).toBe(true);
    await pass(clock);
    expect(a.claims.ownsLanes()).toBe(false);
  });

  test('is certain from when its renewal was asked for, not from the answer', async () => {
    const clock = new ManualClock();
    const a = await holding(clock);
    const { promise, resolve } = Promise.withResolvers<{ rows: { lane: string }[] }>();
    vi.spyOn(a.pool, 'query').mockImplementation(() => promise);
    await clock.advance(2_000);
    await clock.advance(2_000);
    resolve({ rows: [{ lane: 'lane' }] });
    await settle();
    cutOff(a);
    await clock.advance(5_999);
    expect(a.claims.ownsLanes()).toBe(true);
    await clock.advance(1);
    expect(a.claims.ownsLanes()).toBe(false);
  });

  test('is renewed; what is not given back by that is lost, once, and not for a later claim of the lane', async () => {
    const clock = new ManualClock();
    const a = await holding(clock);
    await database.leasesEnd();
    await clock.advance(2_000);
    await until(async () => (await database.query('select 1 from relay.lanes where claimable_at > 0')).length === 1);
    await database.query(`update relay.lanes set owner = 'b'`);
    await until(async () => {
      await clock.advance(2_000);
      return a.seen.lost.length > 0;
    });
    await clock.advance(2_000);
    expect(a.seen.lost).toEqual(['lane']);
    await a.claims.release('lane', NOTHING_LEFT);
    await database.leasesEnd();
    await claimed(a, 'lane');
    await clock.advance(2_000);
    expect([a.seen.lost, a.claims.ownsLanes()]).toEqual([['lane'], true]);
  });

  test('is not given back twice, nor lost while it is', async () => {
    const clock = new ManualClock();
    const a = await holding(clock);
    const lock = await database.lockLanes();
    const released = [
      a.claims.release('lane', NOTHING_LEFT),
      a.claims.release('lane', { ...NOTHING_LEFT, againInMs: 0 }),
    ];
    await database.somebodyWaits();
    await clock.advance(2_000);
    await lock.end();
    await Promise.all(released);
    expect(a.seen.lost).toEqual([]);
    await claimed(a, 'lane');
  });
});

describe('what is claimed', () => {
  test('is given back where the answer took 8 s: it may be over already', async () => {
    const clock = new ManualClock();
    const [a, b] = await Promise.all([database.instance('a', { clock }), database.instance('b')]);
    await a.accept(['lane']);
    const answer = claimHeldUp(a, 'a');
    const claiming = a.claims.claim(5);
    await clock.advance(8_000);
    answer();
    expect(await claiming).toEqual([]);
    await claimed(b, 'lane');
  });

  test('is certain from when it was asked for, not from the answer', async () => {
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    await a.accept(['lane']);
    const answer = claimHeldUp(a, 'a');
    const claiming = a.claims.claim(5);
    await clock.advance(5_000);
    answer();
    expect(await claiming).toHaveLength(1);
    cutOff(a);
    await clock.advance(2_999);
    expect(a.claims.ownsLanes()).toBe(true);
    await clock.advance(1);
    expect(a.claims.ownsLanes()).toBe(false);
  });

  test('is given back where the instance stops meanwhile', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['lane']);
    const answer = claimHeldUp(a, 'a');
    const claiming = a.claims.claim(5);
    let ended = false;
    const stopped = a.claims.stop().then(() => {
      ended = true;
    });
    await settle();
    expect(ended).toBe(false);
    answer();
    expect(await claiming).toEqual([]);
    await stopped;
    expect(await b.claims.claim(5)).toHaveLength(1);
  });

  test('is looked for at once when a run whose lane was lost has ended', async () => {
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    await a.accept(['lane']);
    await claimed(a, 'lane');
    await database.query(`update relay.lanes set owner = 'b'`);
    await until(async () => {
      await clock.advance(2_000);
      return a.seen.lost.length > 0;
    });
    await settle();
    const before = a.seen.work;
    await a.claims.release('lane', NOTHING_LEFT);
    expect(a.seen.work).toBe(before + 1);
  });
});

describe('leaving', () => {
  test('until a wait is over nobody claims the lane, then it is looked for; its pace is handed on', async () => {
    const clock = new ManualClock();
    const [a, b] = await Promise.all([database.instance('a', { clock }), database.instance('b')]);
    await a.accept(['lane']);
    await claimed(a, 'lane');
    await a.claims.release('lane', { againInMs: 600, pacedUntil: 1234.5 });
    expect(await b.claims.claim(1)).toEqual([]);
    const before = a.seen.work;
    await clock.advance(604);
    expect(a.seen.work).toBe(before);
    await clock.advance(1);
    expect(a.seen.work).toBe(before + 1);
    expect(await claimed(b, 'lane')).toEqual({ lane: 'lane', pacedUntil: 1235 });
  });

  test('who stops hands over at once', async () => {
    const [a, b] = await Promise.all([database.instance('a'), database.instance('b')]);
    await a.accept(['x', 'y', 'z']);
    expect(await a.claims.claim(5)).toHaveLength(3);
    await a.claims.release('z', { againInMs: null, pacedUntil: 77 });
    await a.accept(['z']);
    await claimed(a, 'z');
    const before = b.seen.work;
    await a.claims.stop();
    await until(() => b.seen.work > before);
    const claims = await b.claims.claim(5);
    expect(claims.toSorted((one, other) => (one.lane < other.lane ? -1 : 1))).toEqual([
      { lane: 'x', pacedUntil: 0 },
      { lane: 'y', pacedUntil: 0 },
      { lane: 'z', pacedUntil: 77 },
    ]);
    expect(await a.claims.claim(5)).toEqual([]);
    expect([a.claims.ownsLanes(), b.claims.ownsLanes()]).toEqual([false, true]);
  });

  test('what cannot be recorded is given up after 8 s, and claimed like any other when the lease has ended', async () => {
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    await a.accept(['lane']);
    await claimed(a, 'lane');
    vi.spyOn(a.pool, 'connect').mockImplementation(() => Promise.reject(new Error('no answer')));
    let released = false;
    void a.claims.release('lane', NOTHING_LEFT).then(() => {
      released = true;
    });
    await until(async () => {
      await clock.advance(250);
      return released;
    });
    expect(clock.monotonic()).toBeGreaterThan(7_000);
    expect(clock.monotonic()).toBeLessThan(9_000);
    vi.restoreAllMocks();
    expect(await a.claims.claim(5)).toEqual([]);
    await database.leasesEnd();
    await claimed(a, 'lane');
  });

  test('who falls silent loses the lane, and changes nothing by what he does later', async () => {
    const clock = new ManualClock();
    const a = await database.instance('a', { clock });
    const b = await database.instance('b', { clock: systemClock });
    await a.accept(['lane']);
    await claimed(a, 'lane');
    expect(a.claims.ownsLanes()).toBe(true);
    await claimed(b, 'lane', 25_000);
    clock.step(8_000);
    expect(a.claims.ownsLanes()).toBe(false);
    await a.claims.release('lane', { againInMs: 0, pacedUntil: 5 });
    expect(await b.claims.claim(5)).toEqual([]);
    expect(await database.query('select owner, paced_until::int from relay.lanes')).toEqual([
      { owner: 'b', paced_until: 0 },
    ]);
    await b.finish('lane');
    await b.claims.release('lane', NOTHING_LEFT);
    expect(await database.query('select owner, claimable_at from relay.lanes')).toEqual([
      { owner: null, claimable_at: null },
    ]);
    expect(b.seen.lost).toEqual([]);
  }, 40_000);
});

test('the database goes away and comes back: what was held stays, what comes is claimed', async () => {
  const [a, b] = await Promise.all([
    database.instance('a', { clock: systemClock }),
    database.instance('b', { clock: systemClock }),
  ]);
  await a.accept(['lane', 'late']);
  expect(await a.claims.claim(5)).toHaveLength(2);
  await database.outage();
  await until(() => a.accept(['new']).then(() => true));
  await claimed(b, 'new');
  await a.claims.release('lane', { againInMs: 0, pacedUntil: 0 });
  await claimed(b, 'lane');
  const before = b.seen.work;
  await a.claims.release('late', { againInMs: 0, pacedUntil: 0 });
  await until(() => b.seen.work > before);
  await claimed(b, 'late');
  expect([...a.seen.lost, ...b.seen.lost]).toEqual([]);
}, 40_000);
