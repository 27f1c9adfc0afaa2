/** What a card shows in the end, of events that happened at the same instant. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEvent } from '../helpers/events.ts';
import { AWAY } from '../helpers/gateway.ts';
import { CARD, LANE, type LaneUnderTest, openLane } from '../helpers/lane.ts';

const AT_ONCE = { occurred_at: '2026-03-02T08:00:00Z' };
const MERGE = { whenWaiting: 1, maxLines: 9, template: null };

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

const accept = (id: string) => lane.accept(makeEvent({ ...AT_ONCE, id }), CARD);

/** The card as at the end of what Slack was asked. */
const shown = () => lane.slack.calls.findLast((call) => call.startsWith('update') || call.startsWith('post'));

async function replay(eventSeq: number): Promise<void> {
  const deliveries = [{ lane: LANE, route: 'route', target: CARD }];
  await lane.journal.replay({ eventSeq, at: lane.clock.now(), deliveries, replaces: [] });
}

describe('a card of events that happened at once', () => {
  it('shows the last that came in', async () => {
    for (const id of ['e1', 'e2', 'e3']) await accept(id);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'update Ca/1.0 card e2', 'update Ca/1.0 card e3']);
  });

  it('is not set back by a replay of an earlier one, and takes one of its own', async () => {
    for (const id of ['e1', 'e2']) await accept(id);
    await lane.drain();
    await replay(1);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'update Ca/1.0 card e2']);
    expect(await lane.journal.tally()).toMatchObject({ sent: 2, superseded: 1 });
    await replay(2);
    await lane.drain();
    expect(lane.slack.calls.slice(2)).toEqual(['update Ca/1.0 card e2']);
  });

  it('is not set back by one either while updates are merged', async () => {
    for (const id of ['e1', 'e2', 'e3']) await accept(id);
    await lane.drain();
    await accept('e4');
    await replay(2);
    await lane.drainAll({ merge: MERGE });
    expect(shown()).toBe('update Ca/1.0 card e4');
  });

  it.each([
    ['nobody knows whether it was made', 'answer lost'],
    ['it was not made', AWAY],
  ] as const)('shows the last that came in, where an update failed: %s', async (_, mishap) => {
    await accept('e1');
    await lane.drain();
    lane.slack.fail(mishap);
    await accept('e2');
    await lane.drain();
    for (const id of ['e3', 'e4']) await accept(id);
    await lane.drainAll({ merge: MERGE });
    expect(shown()).toBe('update Ca/1.0 card e4');
    expect(await lane.journal.tally()).toMatchObject({ pending: 0, dead: 0 });
  });
});

describe('the cards of two sources', () => {
  it('whose subjects have the same id are two: neither supersedes the other', async () => {
    for (const source of ['alo', 'allo']) await lane.accept(makeEvent({ id: `${source} 1`, source }), CARD);
    await lane.drain();
    for (const n of [2, 3]) {
      for (const source of ['alo', 'allo']) await lane.accept(makeEvent({ id: `${source} ${n}`, source }), CARD);
    }
    await lane.drainAll({ merge: MERGE });
    expect(lane.slack.calls.slice(2)).toEqual(['update Ca/1.0 card alo 3', 'update Ca/2.0 card allo 3']);
  });
});
