import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { type RememberingParts, rememberPeople } from '../../src/relay/remembered-people.ts';
import { ManualClock } from '../helpers/clock.ts';
import { LOST, ScriptedSlack } from '../helpers/gateway.ts';

const AWAY: RememberingParts['journal'] = {
  person: () => Promise.reject(new Error('away')),
  savePerson: () => Promise.reject(new Error('away')),
};

/** Two instances over one journal. */
function setUp(failing?: RememberingParts['journal']) {
  const clock = new ManualClock();
  const saved = new Map<string, { userId: string | null; until: number }>();
  const journal: RememberingParts['journal'] = {
    async person(email, now) {
      const known = saved.get(email);
      return known !== undefined && known.until > now ? known.userId : undefined;
    },
    async savePerson(email, userId, until) {
      saved.set(email, { userId, until });
    },
  };
  const slack = new ScriptedSlack();
  const make = () => rememberPeople(slack, { journal: failing ?? journal, clock, log: silentLogger });
  return { clock, slack, one: make(), other: make() };
}

describe('people remembered in the journal', () => {
  it.each([
    ['somebody', 'maria@example.com', 'UMARIA', 3_600_000],
    ['nobody', 'nobody@example.com', null, 600_000],
  ])('%s is asked for once for all instances, for its time', async (_, email, value, keptMs) => {
    const { clock, slack, one, other } = setUp();
    expect(await one.lookupByEmail(email)).toEqual({ kind: 'sent', value });
    await clock.advance(keptMs - 1);
    expect(await other.lookupByEmail(email)).toEqual({ kind: 'sent', value });
    expect(slack.calls).toHaveLength(1);
    await clock.advance(1);
    await other.lookupByEmail(email);
    expect(slack.calls).toHaveLength(2);
  });

  it('nobody, said before a replay, is asked for again, and once for all that it made', async () => {
    const { clock, slack, one, other } = setUp();
    await one.lookupByEmail('nobody@example.com');
    await clock.advance(1000);
    const replayedAt = clock.now();
    await one.lookupByEmail('nobody@example.com', replayedAt);
    expect(slack.calls).toHaveLength(2);
    await other.lookupByEmail('nobody@example.com', replayedAt);
    expect(slack.calls).toHaveLength(2);
  });

  it('what Slack did not answer is not remembered', async () => {
    const { slack, one, other } = setUp();
    slack.fail(LOST);
    expect(await one.lookupByEmail('maria@example.com')).toEqual(LOST);
    expect(await other.lookupByEmail('maria@example.com')).toEqual({ kind: 'sent', value: 'UMARIA' });
  });

  it('a journal that fails costs nobody the answer', async () => {
    const { slack, one } = setUp(AWAY);
    for (let time = 0; time < 2; time++) {
      expect(await one.lookupByEmail('maria@example.com')).toEqual({ kind: 'sent', value: 'UMARIA' });
    }
    expect(slack.calls).toHaveLength(2);
  });
});
