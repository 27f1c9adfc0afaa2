import { expect, test } from 'vitest';
import { type IdleMemoryOptions, releaseIdleMemory, thisProcess } from '../../src/commands/idle-memory.ts';
import { ManualClock } from '../helpers/clock.ts';

const MIB = 1024 * 1024;

/** A process that holds 30 MiB when everything is collected. */
function setUp() {
  const clock = new ManualClock();
  const state = { heap: 100 * MIB, busy: 0, collected: 0 };
  const options: IdleMemoryOptions = {
    clock,
    busyShare: () => state.busy,
    heapBytes: () => state.heap,
    async collect() {
      state.collected += 1;
      state.heap = 30 * MIB;
    },
  };
  return { clock, state, options };
}

test('collects once it has been idle for a second', async () => {
  const { clock, state, options } = setUp();
  releaseIdleMemory(options);
  await clock.advance(999);
  expect(state.collected).toBe(0);
  await clock.advance(1);
  expect(state.collected).toBe(1);
});

test('not while there is work, and not for little', async () => {
  const { clock, state, options } = setUp();
  state.busy = 0.5;
  releaseIdleMemory(options);
  await clock.advance(10_000);
  expect(state.collected).toBe(0);
  state.busy = 0.01;
  await clock.advance(1_000);
  expect(state.collected).toBe(1);
  state.heap = 50 * MIB;
  await clock.advance(60_000);
  expect(state.collected).toBe(1);
  state.heap = 54 * MIB;
  await clock.advance(1_000);
  expect(state.collected).toBe(2);
});

test('ends when told to, also while it collects', async () => {
  const { clock, state, options } = setUp();
  const collecting = Promise.withResolvers<void>();
  const stop = releaseIdleMemory({ ...options, collect: () => collecting.promise });
  await clock.advance(1_000);
  stop();
  collecting.resolve();
  await clock.advance(5_000);
  expect(state.collected).toBe(0);
  expect(clock.waiting).toBe(0);
});

test('gives up where it cannot', async () => {
  const { clock, options } = setUp();
  releaseIdleMemory({ ...options, collect: () => Promise.reject(new Error('no inspector')) });
  await clock.advance(1_000);
  expect(clock.waiting).toBe(0);
});

test('what it measures and does in a process is real', async () => {
  const { heapBytes, busyShare, collect } = thisProcess();
  let garbage: unknown[] | null = Array.from({ length: 400_000 }, (_, n) => ({ n }));
  const before = heapBytes();
  expect(garbage).toHaveLength(400_000);
  garbage = null;
  expect(busyShare()).toBeGreaterThan(0);
  await collect();
  expect(heapBytes()).toBeLessThan(before);
});
