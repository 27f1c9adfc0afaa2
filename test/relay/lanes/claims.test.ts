/** What the scheduler of lanes can rely on, whether a process has its journal to itself or instances share it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaneClaims } from '../../../src/journal/cluster.ts';
import { LocalClaims } from '../../../src/relay/lanes/local-claims.ts';
import { startPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';
import { LaneDatabase } from '../../journal/lane-instances.ts';

interface Driver {
  readonly claims: LaneClaims;
  /** How often it was said that there may be something to claim. */
  readonly told: () => number;
  /** Something of each lane is stored. */
  store(...lanes: string[]): Promise<void>;
  /** Nothing of the lane is left. */
  finish(lane: string): Promise<unknown>;
  close(): Promise<void>;
}

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

/** Where `unfinished` is left from an earlier start. */
async function local(unfinished: string): Promise<Driver> {
  const claims = new LocalClaims({ lanesWithWork: async () => [unfinished] });
  let told = 0;
  await claims.start({ onWork: () => void told++, onLost: () => undefined });
  const store = async (...lanes: string[]) => {
    for (const lane of lanes) claims.enter(lane).stored();
  };
  return { claims, told: () => told, store, finish: async () => undefined, close: () => claims.stop() };
}

async function leased(unfinished: string): Promise<Driver> {
  const database = await LaneDatabase.open(postgres);
  await database.query(`insert into relay.deliveries (lane) values ('${unfinished}')`);
  const { claims, seen, accept, finish } = await database.instance('a');
  const told = () => seen.work;
  return { claims, told, store: (...lanes) => accept(lanes), finish, close: () => database.close() };
}

describe.each([
  ['of one process', local],
  ['of several instances', leased],
])('claims %s', (_, open) => {
  async function using(body: (driver: Driver, claim: (limit?: number) => Promise<string[]>) => Promise<void>) {
    const driver = await open('left over');
    const claim = async (limit = 9) => (await driver.claims.claim(limit)).map(({ lane }) => lane);
    try {
      expect(await until(async () => (await claim()).join())).toBe('left over');
      await driver.finish('left over');
      await driver.claims.release('left over', { againInMs: null, pacedUntil: 0 });
      await body(driver, claim);
    } finally {
      await driver.close();
    }
  }

  test('what is stored is announced, and its lane claimed once, those first that wait longest', () =>
    using(async ({ told, store }, claim) => {
      const before = told();
      await store('a');
      await store('b', 'c');
      await until(() => told() > before);
      expect(await claim(1)).toEqual(['a']);
      expect((await claim()).toSorted()).toEqual(['b', 'c']);
      expect(await claim()).toEqual([]);
    }));

  test('of a lane that is held nothing is claimed; what came meanwhile is announced when it is released', () =>
    using(async ({ claims, told, store, finish }, claim) => {
      await store('a');
      expect(await until(async () => (await claim()).join())).toBe('a');
      await finish('a');
      await store('a');
      expect(await claim()).toEqual([]);
      const before = told();
      await claims.release('a', { againInMs: null, pacedUntil: 0 });
      await until(() => told() > before);
      expect(await until(async () => (await claim()).join())).toBe('a');
    }));

  test('a lane that is released with nothing left is idle until something comes', () =>
    using(async ({ claims, store, finish }, claim) => {
      await store('a');
      await until(async () => (await claim()).join() === 'a');
      await finish('a');
      await claims.release('a', { againInMs: null, pacedUntil: 0 });
      expect(await claim()).toEqual([]);
      await store('a');
      expect(await until(async () => (await claim()).join())).toBe('a');
    }));

  test('a lane that is released for others, or as one that may have more, can be claimed at once', () =>
    using(async ({ claims, store }, claim) => {
      await store('a');
      await until(async () => (await claim()).join() === 'a');
      await claims.release('a', { againInMs: 0, pacedUntil: 0 });
      expect(await until(async () => (await claim()).join())).toBe('a');
    }));
});
