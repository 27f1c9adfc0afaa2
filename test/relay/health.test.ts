import { describe, expect, it } from 'vitest';
import { type Outcome, refused, sent } from '../../src/core/outcome.ts';
import { createSlackHealth } from '../../src/relay/health.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { LOST } from '../helpers/gateway.ts';

const REVOKED = refused('credential', 'token_revoked', 'Install the app again.');

function setUp(...answers: Outcome<unknown>[]) {
  const clock = new ManualClock();
  const recovered: number[] = [];
  const troubles: string[] = [];
  const told: boolean[] = [];
  const limitations: string[] = [];
  let asked = 0;
  const identify = async () => answers[Math.min(asked++, answers.length - 1)] ?? sent(null);
  const health = createSlackHealth(identify, clock, {
    onTrouble({ code }, byOthers) {
      troubles.push(code);
      told.push(byOthers);
    },
    onRecovery(byOthers) {
      recovered.push(clock.monotonic());
      told.push(byOthers);
    },
    onLimitation: ({ code }) => limitations.push(code),
  });
  return { clock, health, recovered, troubles, told, limitations, asked: () => asked };
}

describe('what is known of Slack', () => {
  it('a refused credential is trouble until Slack takes it again, which wakes the lanes', async () => {
    const { clock, health, recovered, asked } = setUp(REVOKED, REVOKED, sent(null));
    health.start();
    await settle();
    expect(health.trouble()).toMatchObject({ code: 'token_revoked' });
    await clock.advance(30_000);
    expect([asked(), recovered]).toEqual([2, []]);
    await clock.advance(30_000);
    expect(health.trouble()).toBeNull();
    expect(recovered).toEqual([60_000]);
    await clock.advance(600_000);
    expect(asked()).toBe(3);
  });

  it('what concerns one conversation is no trouble', () => {
    const { health } = setUp();
    health.learn(refused('destination', 'not_in_channel', ''));
    health.learn(refused('payload', 'no_text', ''));
    health.learn({ kind: 'unknown', reason: { code: 'x', detail: '' } });
    expect(health.trouble()).toBeNull();
  });

  it('a delivery that is taken ends it too, and stop ends the asking', async () => {
    const { clock, health, recovered, asked } = setUp(REVOKED);
    health.learn(REVOKED);
    health.learn(sent(null));
    expect([health.trouble(), recovered]).toEqual([null, [0]]);
    health.learn(REVOKED);
    health.stop();
    await clock.advance(600_000);
    expect(asked()).toBe(0);
  });

  it('keeps asking while there is no answer either way', async () => {
    const { clock, health, troubles, recovered } = setUp(REVOKED, LOST, LOST, sent(null));
    health.start();
    await clock.advance(90_000);
    expect([troubles, recovered]).toEqual([['token_revoked'], [90_000]]);
  });

  it('what others were told is taken to be ours; that Slack takes them again makes us ask at once', async () => {
    const { clock, health, troubles, recovered, told, asked } = setUp(REVOKED, sent(null));
    health.toldOfRecovery();
    health.toldOfTrouble({ code: 'token_revoked', detail: '' });
    health.toldOfTrouble({ code: 'invalid_auth', detail: '' });
    await clock.advance(29_999);
    expect([health.trouble()?.code, asked()]).toEqual(['token_revoked', 0]);
    health.toldOfRecovery();
    await settle();
    expect([health.trouble()?.code, asked()]).toEqual(['token_revoked', 1]);
    health.toldOfRecovery();
    await settle();
    expect([health.trouble(), asked(), troubles.length, recovered.length]).toEqual([null, 2, 1, 1]);
    expect(told).toEqual([true, true]);
    await clock.advance(600_000);
    expect(asked()).toBe(2);
  });

  it('asks by itself after being told of trouble, and then tells the recovery as its own', async () => {
    const { clock, health, told } = setUp(sent(null));
    health.toldOfTrouble({ code: 'token_revoked', detail: '' });
    await clock.advance(30_000);
    expect([health.trouble(), told]).toEqual([null, [true, false]]);
  });

  it('what cannot be done is told once, and is no trouble', () => {
    const { health, limitations } = setUp();
    const reason = { code: 'missing_scope', detail: 'Add channels:history.' };
    health.limit('#a', reason);
    health.limit('#b', reason);
    expect([limitations, health.limitation(), health.trouble()]).toEqual([['missing_scope'], reason, null]);
  });
});

describe('a limitation of look-ups', () => {
  const UNSEEN = { code: 'channel_not_visible', detail: 'No channel #phones is to be seen.' };
  const NO_SCOPE = { code: 'missing_scope', detail: 'Add channels:history.' };

  it.each<[string, typeof UNSEEN, [string, 'lookup' | 'message'], boolean]>([
    ['a look-up there', UNSEEN, ['#phones', 'lookup'], true],
    ['a post there', UNSEEN, ['#phones', 'message'], true],
    ['a look-up elsewhere', UNSEEN, ['#b', 'lookup'], false],
    ['a post elsewhere', UNSEEN, ['#b', 'message'], false],
    ['a look-up anywhere, of a missing scope', NO_SCOPE, ['#b', 'lookup'], true],
    ['a post there, of a missing scope', NO_SCOPE, ['#phones', 'message'], false],
  ])('is over after %s or not: %#', (_, reason, [channel, by], over) => {
    const { health } = setUp();
    health.limit('#phones', reason);
    health.lift(channel, by);
    expect(health.limitation()).toBe(over ? null : reason);
  });

  it('stays while another channel has it, goes with the last one, and is told again when it comes back', async () => {
    const { clock, health, limitations } = setUp();
    const ofB = { ...UNSEEN, detail: 'No channel #b is to be seen.' };
    health.limit('#phones', UNSEEN);
    health.limit('#b', ofB);
    health.lift('#phones', 'message');
    expect(health.limitation()).toBe(ofB);
    await clock.advance(600_000);
    expect(health.limitation()).toBe(ofB);
    health.lift('#b', 'lookup');
    expect([health.limitation(), limitations]).toEqual([null, ['channel_not_visible']]);
    health.limit('#b', ofB);
    expect(limitations).toHaveLength(2);
  });

  it('is kept for a bounded number of channels', () => {
    const { health } = setUp();
    for (let n = 0; n <= 100; n++) health.limit(`#${n}`, { ...UNSEEN, detail: `${n}` });
    expect(health.limitation()?.detail).toBe('1');
  });
});

describe('an outage', () => {
  const FAILED: Outcome<unknown> = { kind: 'retry', limited: false, reason: { code: 'http_503', detail: '503.' } };
  const LIMITED: Outcome<unknown> = { ...FAILED, limited: true, afterMs: 1_000 };
  const UNTRIED: Outcome<unknown> = { ...FAILED, limited: true };

  it('is two calls that did not get through, since the first, for the reason of the last', async () => {
    const { clock, health } = setUp(FAILED);
    const began = clock.now();
    health.learn(FAILED);
    expect(health.outage()).toBeNull();
    await clock.advance(1_000);
    health.learn(LOST);
    expect(health.outage()).toMatchObject({ since: began, reason: { code: LOST.reason.code } });
    expect(health.trouble()).toBeNull();
  });

  it.each([
    ['a message that is taken', sent(null), true],
    ['a rate limit', LIMITED, true],
    ['a message that was not tried', UNTRIED, false],
    ['a message that is refused, which may never have left', refused('payload', 'no_text', ''), false],
  ])('%s ends it: %#', (_, outcome, ends) => {
    const { health } = setUp(FAILED);
    for (const one of [FAILED, FAILED, outcome]) health.learn(one);
    expect(health.outage() === null).toBe(ends);
    health.learn(FAILED);
    expect(health.outage() === null).toBe(ends);
  });

  it('is asked after while nothing is sent; an answer ends it until the next message fails', async () => {
    const { clock, health, asked } = setUp(FAILED, sent(null));
    const since = clock.now();
    for (const one of [FAILED, FAILED]) health.learn(one);
    await clock.advance(30_000);
    expect([asked(), health.outage()?.since]).toEqual([1, since]);
    await clock.advance(30_000);
    expect([asked(), health.outage()]).toEqual([2, null]);
    await clock.advance(600_000);
    expect(asked()).toBe(2);
    health.learn(FAILED);
    expect(health.outage()?.since).toBe(since);
  });
});
