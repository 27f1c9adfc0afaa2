import { expect, it } from 'vitest';
import { writeEnvelope } from '../../src/core/envelope.ts';
import { EventCache } from '../../src/journal/stored-event.ts';
import { makeEvent } from '../helpers/events.ts';

function row(seq: number, text = 'x') {
  const { payload: _, ...envelope } = makeEvent({ id: `e${seq}` });
  return { envelope: writeEnvelope(envelope), body: Buffer.from(JSON.stringify({ text })) };
}

it('deliveries of one event share it; what is large or long ago is read again', () => {
  const cache = new EventCache();
  const first = cache.of(1, row(1));
  expect(cache.of(1, row(1))).toBe(first);
  expect(cache.of(2, row(2))).not.toBe(first);
  expect(cache.of(2, row(2)).payload).toEqual({ text: 'x' });
  for (let seq = 3; seq < 70; seq++) cache.of(seq, row(seq));
  expect(cache.of(1, row(1))).not.toBe(first);
  const huge = row(100, 'x'.repeat(3_000_000));
  expect(cache.of(100, huge)).not.toBe(cache.of(100, huge));
});
