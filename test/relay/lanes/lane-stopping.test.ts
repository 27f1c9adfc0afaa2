/** A lane that is told to stop, or that another instance has taken: what is left stays for the next run. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeEvent } from '../../helpers/events.ts';
import { CARD, LANE, type LaneUnderTest, openLane, POST } from '../../helpers/lane.ts';

const MERGE = { merge: { whenWaiting: 2, maxLines: 9, template: null } };

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

it.each([
  ['one by one', {}, ['update Ca/1.0 card a2', 'post #a chat b2']],
  ['by a plan', MERGE, ['update Ca/1.0 card a3', 'post #a chat b2']],
])('sends nothing more after the message under way: %s', async (_, options, expected) => {
  await lane.accept(makeEvent({ id: 'a1', subject: 'a' }), CARD);
  await lane.drain();
  for (const n of [2, 3]) {
    await lane.accept(makeEvent({ id: `a${n}`, subject: 'a' }), CARD);
    await lane.accept(makeEvent({ id: `b${n}`, subject: null }), POST);
  }
  expect(await lane.work(options).drain(LANE, () => lane.slack.calls.length > 1)).toBeNull();
  expect(lane.slack.calls.slice(1)).toEqual(expected.slice(0, 1));
  await lane.drain();
  expect(lane.slack.calls[2]).toBe(expected[1]);
});
