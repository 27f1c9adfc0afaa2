import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { createInspector, type SlackInspector } from '../../src/slack/inspector.ts';
import { ManualClock } from '../helpers/clock.ts';
import { type Answerer, type FarEnd, farEnd, json } from './far-end.ts';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const IDENTITY = { ok: true, team: 'Acme', user: 'alo-relay' };

/** Answers each method as told, with Slack's clock `ahead` of ours. */
async function inspect(answers: Record<string, Answerer>, ahead = 0): Promise<{ slack: SlackInspector; end: FarEnd }> {
  const end = await farEnd((call, response, socket) => {
    response.setHeader('date', new Date(NOW + ahead).toUTCString());
    const answer = answers[call.path.replace('/api/', '')] ?? json({ ok: false, error: 'unknown_method' });
    answer(call, response, socket);
  });
  const clock = new ManualClock(NOW);
  const slack = createInspector({ token: new Secret('xoxb-1'), apiUrl: end.url, timeoutMs: 10_000, clock });
  onTestFinished(() => slack.close());
  return { slack, end };
}

test.each([
  ['chat:write,im:write', ['chat:write', 'im:write']],
  [' chat:write , users:read.email ', ['chat:write', 'users:read.email']],
  ['', []],
  [undefined, null],
])('the scopes that Slack tells beside its answer: %j', async (header, scopes) => {
  const { slack } = await inspect({
    'auth.test': json(IDENTITY, 200, header === undefined ? {} : { 'x-oauth-scopes': header }),
  });
  expect(await slack.token()).toEqual({
    kind: 'sent',
    value: { team: 'Acme', user: 'alo-relay', scopes, clockOffsetMs: 0 },
  });
});

test.each([0, 90_000, -7_000])('how far Slack’s clock is ahead: %d ms', async (ahead) => {
  const { slack } = await inspect({ 'auth.test': json(IDENTITY) }, ahead);
  expect(await slack.token()).toMatchObject({ value: { clockOffsetMs: ahead } });
});

test.each([
  [json({ ok: false, error: 'invalid_auth' }), { kind: 'refused', scope: 'credential' }],
  [json({ ok: true }), { kind: 'retry' }],
  [(_: unknown, __: unknown, socket: { destroy(): void }) => socket.destroy(), { kind: 'retry' }],
])('a token that is not taken is refused, and what is not Slack is asked again (%#)', async (answer, expected) => {
  const { slack } = await inspect({ 'auth.test': answer });
  expect(await slack.token()).toMatchObject(expected);
});

test('a channel is found by its name and by its id', async () => {
  const channels = [{ id: 'C0000000001', name: 'alo' }];
  const channel = { id: 'C0000000001', is_private: true, is_member: false, is_archived: true };
  const { slack, end } = await inspect({
    'conversations.list': json({ ok: true, channels }),
    'conversations.info': json({ ok: true, channel }),
  });
  const facts = { kind: 'sent', value: { id: 'C0000000001', private: true, member: false, archived: true } };
  expect(await slack.channel('#alo')).toEqual(facts);
  expect(await slack.channel('C0000000001')).toEqual(facts);
  expect(await slack.channel('#nowhere')).toEqual({ kind: 'sent', value: null });
  // It may be newer than the list: that there is none, only another list says.
  expect(end.calls.map(({ path }) => path)).toEqual(
    ['list', 'info', 'info', 'list'].map((method) => `/api/conversations.${method}`),
  );
});

test('a channel that may not be looked up is refused, and one that Slack does not know is none', async () => {
  const { slack } = await inspect({
    'conversations.list': json({ ok: false, error: 'missing_scope', needed: 'channels:read' }),
    'conversations.info': json({ ok: false, error: 'channel_not_found' }),
  });
  expect(await slack.channel('#alo')).toMatchObject({ kind: 'refused', reason: { code: 'missing_scope' } });
  expect(await slack.channel('C0000000001')).toEqual({ kind: 'sent', value: null });
});

test('a user is known, with whether it is a bot or gone', async () => {
  const { slack } = await inspect({
    'users.info': (call, response, socket) => {
      const id = new URLSearchParams(call.body).get('user');
      const found = id === 'U0000GONE' ? { deleted: true, is_bot: true } : {};
      json(id === 'U00NOBODY' ? { ok: false, error: 'user_not_found' } : { ok: true, user: { id, ...found } })(
        call,
        response,
        socket,
      );
    },
  });
  expect(await slack.user('U0000MARIA')).toEqual({ kind: 'sent', value: { bot: false, deleted: false } });
  expect(await slack.user('U0000GONE')).toEqual({ kind: 'sent', value: { bot: true, deleted: true } });
  expect(await slack.user('U00NOBODY')).toEqual({ kind: 'sent', value: null });
});
