import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Failure, refused } from '../../../src/core/outcome.ts';
import { makeEvent } from '../../helpers/events.ts';
import { AWAY, LIMITED } from '../../helpers/gateway.ts';
import { type LaneUnderTest, openLane, POST } from '../../helpers/lane.ts';

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

const CLOSED = refused('destination', 'is_archived', 'The channel is archived.');

it.each<[string, readonly Failure[], readonly string[]]>([
  ['sent at once: none, its row says all', [], []],
  ['sent after Slack was away', [AWAY, AWAY], ['retry connection_refused', 'retry connection_refused', 'sent']],
  ['sent after a rate limit, which costs no attempt', [LIMITED], ['retry ratelimited', 'sent']],
  ['refused at once', [CLOSED], ['dead is_archived']],
  ['refused in the end', [AWAY, CLOSED], ['retry connection_refused', 'dead is_archived']],
])('%s', async (_, failures, expected) => {
  lane.slack.fail(...failures);
  await lane.accept(makeEvent({ id: 'e1' }), POST);
  await lane.drainAll();
  const kept = await lane.journal.attempts([1]);
  expect(kept.map(({ outcome, reason }) => [outcome, reason?.code].filter(Boolean).join(' '))).toEqual(expected);
  for (const { ms } of kept) expect(ms).toEqual(expect.any(Number));
});

it('what goes out together at once leaves none; what had to wait, one each', async () => {
  const merge = { whenWaiting: 2, maxLines: 10, template: null };
  for (const id of ['e1', 'e2', 'e3']) await lane.accept(makeEvent({ id }), POST);
  await lane.drainAll({ merge });
  expect(await lane.journal.attempts([1, 2, 3])).toEqual([]);
  lane.slack.fail(AWAY);
  for (const id of ['e4', 'e5', 'e6']) await lane.accept(makeEvent({ id }), POST);
  await lane.drainAll({ merge });
  const kept = await lane.journal.attempts([4, 5, 6]);
  expect(kept.map(({ deliverySeq, outcome }) => `${deliverySeq} ${outcome}`)).toEqual(
    [4, 5, 6].flatMap((seq) => [`${seq} retry`, `${seq} merged`]),
  );
});
