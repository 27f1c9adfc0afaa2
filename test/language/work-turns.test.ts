import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WorkTurns } from '../../src/language/work-turns.ts';

/** `p` for each part of the work, `t` for each turn of the event loop in which something else was done. */
async function course(steps: readonly number[]): Promise<string> {
  let seen = '';
  let isOver = false;
  function* work() {
    for (const step of steps) {
      seen += 'p';
      yield step;
    }
    return 'done';
  }
  const others = (async () => {
    while (!isOver) {
      await nextTurn();
      seen += 't';
    }
  })();
  expect(await new WorkTurns().spread(work())).toBe('done');
  isOver = true;
  const course = seen;
  await others;
  return course;
}

describe('work in parts', () => {
  it('is done in one turn where it is little, however many parts it has', async () => {
    expect(await course(Array.from({ length: 50 }, () => 1_000))).toBe('p'.repeat(50));
  });

  it('lets others have a turn after each part that fills one', async () => {
    expect(await course([25_000, 25_000, 100, 24_000, 2_000, 100])).toMatch(/^pt+pt+pppt+p$/);
  });

  it('shares a turn with all that is done by the same counting', async () => {
    const turns = new WorkTurns();
    turns.spent(30_000);
    expect(turns.full).toBe(true);
    await turns.next();
    expect(turns.full).toBe(false);
  });
});
