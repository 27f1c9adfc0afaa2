import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { person } from '../../src/core/absent.ts';
import { type Outcome, sent } from '../../src/core/outcome.ts';
import { createPeople, type PeopleOptions } from '../../src/slack/people.ts';

const map = new Map([
  ['Maria@Example.com', 'U024BE7LH'],
  ['alo-user-17', 'U0G9QF9C6'],
  ['Jo Bloggs', 'U0JOBLOGGS'],
  ['the desk', 'S0DESK123'],
]);
const sam = person({ id: 'alo-user-9', name: 'Sam', email: 'Sam@Example.com' });

function setUp(
  answer: (email: string) => Outcome<string | null> | Promise<Outcome<string | null>>,
  options: Partial<PeopleOptions> = {},
) {
  const asked: string[] = [];
  const time = { now: 0 };
  const people = createPeople({
    map,
    matchByEmail: true,
    gateway: {
      lookupByEmail: async (email) => {
        asked.push(email);
        return answer(email);
      },
      groupId: async (handle) => {
        asked.push(`@${handle}`);
        return sent(handle === 'support' ? 'S0SUPPORT' : null);
      },
      timeZone: async (userId) => {
        asked.push(userId);
        return sent(userId === 'U024BE7LH' ? 'Europe/Paris' : null);
      },
    },
    clock: { now: () => time.now, monotonic: () => time.now },
    ...options,
  });
  return { people, asked, time };
}

const noSlack = (): never => {
  throw new Error('asked Slack');
};

describe('without asking Slack', () => {
  test.each([
    ['mapped by id', person({ id: 'alo-user-17', email: 'x@example.com' }), 'U0G9QF9C6'],
    ['mapped by e-mail, in any case', person({ id: '4', email: ' maria@EXAMPLE.com ' }), 'U024BE7LH'],
    ['mapped by name', person({ name: 'Jo Bloggs' }), 'U0JOBLOGGS'],
    ['an id that is a mapped address', person({ id: 'MARIA@example.com' }), 'U024BE7LH'],
    ['a mapped address as text', 'maria@example.com', 'U024BE7LH'],
    ['a mapped id as text', 'alo-user-17', 'U0G9QF9C6'],
    ['a mapped group', 'the desk', 'S0DESK123'],
    ['a Slack user id', 'U012ABCDEF', 'U012ABCDEF'],
    ['a Slack user id of a grid', 'W012ABCDEF', 'W012ABCDEF'],
    ['a channel id', 'C012ABCDEF', null],
    ['something short', 'U1', null],
    ['a name only', person({ name: 'Sam' }), null],
    ['what is no address', person({ email: 'sam at home' }), null],
    ['nobody', person({}), null],
    ['an empty text', ' ', null],
  ])('%s', async (_, who, userId) => {
    const { people } = setUp(noSlack);
    expect(people.known(who)).toBe(userId);
    expect(await people.resolve(who)).toEqual(sent(userId));
  });

  test('no look-ups where the config does not want them', async () => {
    const { people } = setUp(noSlack, { matchByEmail: false });
    expect(people.known(sam)).toBeNull();
    expect(await people.resolve(sam)).toEqual(sent(null));
  });
});

describe('asking Slack', () => {
  test('an address goes before an id that only looks like one of Slack’s', async () => {
    const { people, asked } = setUp(() => sent('U0REAL001'));
    expect(await people.resolve(person({ id: 'USER1234', email: 'sam@example.com' }))).toEqual(sent('U0REAL001'));
    expect(asked).toEqual(['sam@example.com']);
  });

  test.each([
    ['somebody', 'U0SAM0001', 3_600_000],
    ['nobody', null, 600_000],
  ])('%s is remembered for its time', async (_, userId, keptMs) => {
    const { people, asked, time } = setUp(() => sent(userId));
    expect(people.known(sam)).toBeUndefined();
    expect(await people.resolve(sam)).toEqual(sent(userId));
    time.now = keptMs - 1;
    expect(people.known('SAM@example.com')).toBe(userId);
    expect(await people.resolve(sam)).toEqual(sent(userId));
    expect(asked).toEqual(['sam@example.com']);
    time.now = keptMs + 1;
    expect(people.known(sam)).toBeUndefined();
    await people.resolve(sam);
    expect(asked).toHaveLength(2);
  });

  test('look-ups of one address at the same time are one call', async () => {
    const gate = Promise.withResolvers<void>();
    const { people, asked } = setUp(async () => {
      await gate.promise;
      return sent('U0SAM0001');
    });
    const answers = [people.resolve(sam), people.resolve('SAM@example.com'), people.resolve('ada@example.com')];
    gate.resolve();
    expect(await Promise.all(answers)).toEqual([sent('U0SAM0001'), sent('U0SAM0001'), sent('U0SAM0001')]);
    expect(asked).toEqual(['sam@example.com', 'ada@example.com']);
  });

  test('that there is nobody, said before a given instant, is asked again; somebody is taken to be still there', async () => {
    const answers = [sent(null), sent('U0SAM0001')];
    const { people, asked, time } = setUp(() => answers.shift() ?? noSlack());
    await people.resolve(sam);
    expect(people.known(sam, 0)).toBeNull();
    time.now = 5;
    expect(people.known(sam, 1)).toBeUndefined();
    expect(await people.resolve(sam, 1)).toEqual(sent('U0SAM0001'));
    time.now = 9;
    expect(await people.resolve(sam, 9)).toEqual(sent('U0SAM0001'));
    expect(asked).toHaveLength(2);
  });

  describe('for many', () => {
    const many = Array.from({ length: 30 }, (_, n) => `p${n}@example.com`);
    const limit = {
      kind: 'retry',
      limited: true,
      afterMs: 1_000,
      reason: { code: 'ratelimited', detail: '' },
    } as const;

    test('a few at once, each once', async () => {
      let [now, most] = [0, 0];
      const { people, asked } = setUp(async (email) => {
        most = Math.max(most, ++now);
        await setImmediate();
        now -= 1;
        return sent(email);
      });
      expect(await people.lookUp([...many, ...many])).toBeNull();
      expect(most).toBe(4);
      expect(asked.toSorted()).toEqual(many.toSorted());
    });

    test('what may succeed later ends it; what is refused does not', async () => {
      const no = { kind: 'refused', scope: 'destination', reason: { code: 'user_not_visible', detail: '' } } as const;
      const { people, asked } = setUp((email) => (email === many[9] ? limit : no));
      expect(await people.lookUp(many)).toEqual(limit);
      expect(asked.length).toBeLessThan(14);
    });
  });

  test('a failure is handed on and not remembered', async () => {
    const failure: Outcome<string | null> = {
      kind: 'retry',
      limited: true,
      afterMs: 1_000,
      reason: { code: 'ratelimited', detail: 'wait' },
    };
    const answers = [failure, sent('U0SAM0001')];
    const { people } = setUp(() => answers.shift() ?? noSlack());
    expect(await people.resolve(sam)).toEqual(failure);
    expect(people.known(sam)).toBeUndefined();
    expect(await people.resolve(sam)).toEqual(sent('U0SAM0001'));
  });
});

describe('a time zone', () => {
  const failure: Outcome<string | null> = {
    kind: 'retry',
    limited: false,
    reason: { code: 'http_502', detail: 'failed' },
  };
  test.each<[string, Parameters<ReturnType<typeof setUp>['people']['zone']>[0], Outcome<string | null>, string[]]>([
    ['mapped', person({ email: 'maria@example.com' }), sent('Europe/Paris'), ['U024BE7LH']],
    ['looked up', sam, sent(null), ['sam@example.com', 'U0SAM0001']],
    ['nobody in Slack', 'nobody@example.com', sent(null), ['nobody@example.com']],
    ['not to be looked up now', 'down@example.com', failure, ['down@example.com']],
  ])('%s', async (_, who, outcome, asks) => {
    const { people, asked } = setUp((email) =>
      email.startsWith('down') ? failure : sent(email.startsWith('nobody') ? null : 'U0SAM0001'),
    );
    expect(await people.zone(who)).toEqual(outcome);
    expect(asked).toEqual(asks);
  });
});

test('one human is one lane, whatever the sender calls them', () => {
  const { people } = setUp(noSlack);
  const keys = (...who: Parameters<typeof people.laneKey>[0][]) => new Set(who.map((one) => people.laneKey(one)));
  expect(keys('maria@example.com', person({ id: '4', email: 'MARIA@example.com' }))).toEqual(new Set(['U024BE7LH']));
  expect(keys(sam, 'sam@example.com', person({ email: 'SAM@EXAMPLE.COM' }))).toEqual(new Set(['sam@example.com']));
  expect(keys(person({ id: 'alo-user-9', name: 'Sam' }), 'alo-user-9')).toEqual(new Set(['alo-user-9']));
  expect(people.laneKey(person({ name: 'Sam' }))).toBe('Sam');
  expect(people.laneKey(person({}))).toBe('nobody');
});

test('a group is asked for by its handle, once, and has no time zone', async () => {
  const { people, asked } = setUp(noSlack);
  expect(people.known('@Support')).toBeUndefined();
  expect(await people.resolve('@Support')).toEqual(sent('S0SUPPORT'));
  expect(await people.resolve(person({ email: '@support' }))).toEqual(sent('S0SUPPORT'));
  expect(people.known('@support')).toBe('S0SUPPORT');
  expect(await people.resolve('@nobody')).toEqual(sent(null));
  expect(await people.zone('the desk')).toEqual(sent(null));
  expect(asked).toEqual(['@support', '@nobody']);
});
