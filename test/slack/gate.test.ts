import { expect, test } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { json, text } from './far-end.ts';
import { POSTING, slackThat } from './near-end.ts';

test('after a 429, nobody calls that method before its time; others are called, and so is chat.postMessage', async () => {
  const clock = new ManualClock();
  const { end, gateway } = await slackThat(text('', 429, { 'retry-after': '30' }), { clock });
  const asked = () => end.calls.map(({ path }) => path.split('/').at(-1));
  const limit = (afterMs: number) => ({ kind: 'retry', limited: true, afterMs, reason: { code: 'ratelimited' } });
  expect(await gateway.lookupByEmail('p0@example.com')).toMatchObject(limit(30_000));
  await clock.advance(10_000);
  for (let n = 0; n < 100; n++) expect(await gateway.lookupByEmail(`p${n}@example.com`)).toMatchObject(limit(20_000));
  expect(asked()).toEqual(['users.lookupByEmail']);
  await gateway.openDm('U0AAA');
  await gateway.post(POSTING);
  await gateway.post(POSTING);
  expect(asked().slice(1)).toEqual(['conversations.open', 'chat.postMessage', 'chat.postMessage']);
  await clock.advance(20_000);
  await gateway.lookupByEmail('p0@example.com');
  expect(asked().at(-1)).toBe('users.lookupByEmail');
});

test('what was not limited is asked again at once', async () => {
  const { end, gateway } = await slackThat(json({ ok: false, error: 'internal_error' }));
  await gateway.lookupByEmail('p0@example.com');
  await gateway.lookupByEmail('p0@example.com');
  expect(end.calls).toHaveLength(2);
});
