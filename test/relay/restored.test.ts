/** What becomes of deliveries that were sent after the backup that their journal was restored from. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Target } from '../../src/core/delivery.ts';
import { backUp } from '../../src/journal/backup/backup.ts';
import { restore } from '../../src/journal/backup/restore.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { POSTED_LONG_AGO } from '../../src/verbs/post-once.ts';
import { makeEvent } from '../helpers/events.ts';
import { CARD, type LaneUnderTest, openLane, POST, REPLY } from '../helpers/lane.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';

const MERGE = { merge: { whenWaiting: 3, maxLines: 10, template: null } };

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

const settings = (path: string) => ({ kind: 'sqlite', path }) as const;
const backup = () => backUp({ from: settings(lane.file), to: `${lane.file}.backup`, force: false });

async function restored(): Promise<Journal> {
  const at = lane.clock.now();
  const path = `${lane.file}.restored`;
  const { lookups, lagMs } = POSTED_LONG_AGO;
  await restore({
    from: `${lane.file}.backup`,
    to: settings(path),
    force: false,
    restored: { at, lookups, notBefore: at + lagMs },
  });
  const journal = await openSqliteJournal(path);
  onTestFinished(() => journal.close());
  return journal;
}

async function accept(...events: (readonly [string, Target, string?])[]): Promise<void> {
  for (const [id, target, subject = null] of events) await lane.accept(makeEvent({ id, subject }), target);
}

const finds = () => lane.slack.calls.filter((call) => call.startsWith('find')).length;

describe('after a restore', () => {
  it('what was sent since the backup is not sent again; what was not is, in order, after one look each', async () => {
    await accept(['e1', POST], ['e2', POST]);
    await backup();
    await lane.drain();
    const journal = await restored();
    await lane.drainAll({ journal });
    expect(lane.slack.texts()).toEqual(['chat e1', 'chat e2']);
    expect(finds()).toBe(2);
    expect(await journal.tally()).toMatchObject({ sent: 2, pending: 0 });
  });

  it('what had not been sent at all goes out once', async () => {
    await accept(['e1', POST], ['e2', POST]);
    await backup();
    const journal = await restored();
    await lane.drainAll({ journal });
    expect(lane.slack.texts()).toEqual(['chat e1', 'chat e2']);
  });

  it('a card and its replies are found, and later events update and reply to the same', async () => {
    await accept(['e1', CARD, 's'], ['e2', REPLY, 's'], ['e3', REPLY, 't']);
    await backup();
    await lane.drainAll();
    const before = lane.slack.texts();
    expect(before).toEqual(['card e1', 'chat e2', 'root e3', 'chat e3']);
    const journal = await restored();
    await lane.drainAll({ journal });
    expect(lane.slack.texts()).toEqual(before);
    expect(await journal.card({ source: 'alo', subject: 's', channel: '#a' })).toMatchObject({
      placement: { ts: '1.0' },
    });
    expect(await journal.card({ source: 'alo', subject: 't', channel: '#a' })).toMatchObject({
      placement: { ts: '3.0' },
    });
  });

  it('what went out in a digest is found in it, and is no card', async () => {
    await accept(['e1', POST], ['e2', CARD, 's'], ['e3', REPLY, 't'], ['e4', POST], ['e5', POST]);
    await backup();
    await lane.drainAll(MERGE);
    expect(lane.slack.standing).toHaveLength(1);
    const journal = await restored();
    await lane.drainAll({ journal, ...MERGE });
    expect(lane.slack.standing).toHaveLength(1);
    expect(await journal.tally()).toMatchObject({ merged: 5, sent: 0, pending: 0 });
    expect(await journal.card({ source: 'alo', subject: 's', channel: '#a' })).toBeNull();
  });

  it('replies that went out as one are found in their thread', async () => {
    await accept(['e1', CARD, 's']);
    await lane.drainAll();
    await accept(['e2', REPLY, 's'], ['e3', REPLY, 's'], ['e4', REPLY, 's'], ['e5', REPLY, 's']);
    await backup();
    await lane.drainAll(MERGE);
    const journal = await restored();
    await lane.drainAll({ journal, ...MERGE });
    expect(lane.slack.standing).toHaveLength(2);
    expect(await journal.tally()).toMatchObject({ merged: 4, sent: 1 });
  });

  it('where Slack does not let us look, or does not show it, the config decides', async () => {
    await accept(['e1', POST]);
    await backup();
    const journal = await restored();
    await lane.drainAll({ journal, unknownOutcome: 'hold' });
    expect(lane.slack.texts()).toEqual([]);
    expect(await journal.tally()).toMatchObject({ parked: 1 });
  });
});
