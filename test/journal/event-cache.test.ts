import { expect, it } from 'vitest';
import { EventCache } from '../../src/journal/stored-event.ts';
import { makeEvent } from '../helpers/events.ts';

const traced = (seq: number) => ({ event: makeEvent({ id: `e${seq}` }), trace: null });

it('keeps the events that were used last, as many as fit', () => {
  const cache = new EventCache();
  const first = traced(1);
  cache.put(1, first, 100);
  expect(cache.get(1)?.event).toBe(first.event);
  expect(cache.get(2)).toBeUndefined();
  for (let seq = 2; seq < 600; seq++) cache.put(seq, traced(seq), 0);
  expect([cache.get(1), cache.get(599)?.event.id]).toEqual([undefined, 'e599']);
  cache.put(700, traced(700), 3_000_000);
  cache.put(701, traced(701), 3_000_000);
  expect([cache.get(700), cache.get(701)?.event.id]).toEqual([undefined, 'e701']);
  cache.put(702, traced(702), 5_000_000);
  expect(cache.get(702)).toBeUndefined();
});
