import { describe, expect, test } from 'vitest';
import { GroupCommit, type Write } from '../../src/journal/group-commit.ts';

interface Item extends Write {
  readonly name: string;
  readonly answer: () => void;
}

/** A database that fails with what `fault` says of a batch, once it has been asked to commit it. */
function commits(fault: (batch: readonly string[]) => Error | null, { limit = 10, atCommit = () => {} } = {}) {
  const batches: string[][] = [];
  const group = new GroupCommit<null, Item>({
    async transaction(body) {
      const result = await body(null);
      atCommit();
      return result;
    },
    async run(batch) {
      const names = batch.map(({ name }) => name);
      batches.push(names);
      const error = fault(names);
      if (error !== null) throw error;
      return batch.map(({ answer }) => answer);
    },
    isOutage: (error) => error instanceof Error && error.message === 'outage',
    limit,
  });
  const write = (name: string) =>
    new Promise<string>((resolve, reject) => {
      group.write({ name, answer: () => resolve(name), reject });
    });
  return { group, batches, write: (...names: string[]) => Promise.allSettled(names.map(write)) };
}

const outcomes = (settled: readonly PromiseSettledResult<string>[]) =>
  settled.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)));

describe('a group of writes', () => {
  test('in an outage is refused as a whole and not made again; the next one is tried', async () => {
    let out = true;
    const { batches, write } = commits(() => (out ? new Error('outage') : null));
    expect(outcomes(await write('a', 'b', 'c'))).toEqual(Array(3).fill('Error: outage'));
    expect(batches).toEqual([['a', 'b', 'c']]);
    out = false;
    expect(outcomes(await write('d', 'e'))).toEqual(['d', 'e']);
    expect(batches).toHaveLength(2);
  });

  test('with one at fault: each is made alone, in order, and only that one fails', async () => {
    const { batches, write } = commits((names) => (names.includes('b') ? new Error('b is wrong') : null));
    expect(outcomes(await write('a', 'b', 'c'))).toEqual(['a', 'Error: b is wrong', 'c']);
    expect(batches).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  test('that an outage meets while each is made alone: the rest is refused by it, one by one', async () => {
    const { write } = commits((names) => {
      if (names.length > 1) return new Error('one is wrong');
      return names[0] === 'a' ? null : new Error('outage');
    });
    expect(outcomes(await write('a', 'b', 'c'))).toEqual(['a', 'Error: outage', 'Error: outage']);
  });

  test('that are all made, and then not committed: refused as a whole, whatever the error', async () => {
    let fails = true;
    const atCommit = () => {
      if (fails) throw new Error('who knows');
    };
    const { batches, write } = commits(() => null, { atCommit });
    expect(outcomes(await write('a', 'b'))).toEqual(Array(2).fill('Error: who knows'));
    fails = false;
    expect(outcomes(await write('c'))).toEqual(['c']);
    expect(batches).toEqual([['a', 'b'], ['c']]);
  });

  test('shares a commit up to the limit, and idle waits for all of them', async () => {
    const { group, batches, write } = commits(() => null, { limit: 2 });
    const written = write('a', 'b', 'c', 'd', 'e');
    await group.idle();
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(outcomes(await written)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
