import { describe, expect, it } from 'vitest';
import { KEPT_MESSAGES } from '../../src/sandbox/conversation.ts';
import { ManualClock } from '../helpers/clock.ts';
import { codeOf, open } from './workspace.ts';

const texts = (messages: readonly { text?: string }[] | undefined) => messages?.map(({ text }) => text).join('');

async function withMessages(letters: string) {
  const clock = new ManualClock(1_700_000_000_000);
  const { slack, sandbox } = await open({ clock });
  const posted: { channel: string; ts: string }[] = [];
  for (const text of letters) {
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text });
    posted.push({ channel, ts });
    await clock.advance(1000);
  }
  return { slack, sandbox, clock, channel: posted[0]?.channel ?? '', ts: posted.map((it) => it.ts) };
}

describe('conversations.history', () => {
  it('pages newest first by cursor, without gaps or repeats, though messages come in between', async () => {
    const { slack, channel } = await withMessages('abcdefg');
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await slack.conversations.history({ channel, limit: 3, ...(cursor ? { cursor } : {}) });
      pages.push(texts(page.messages) ?? '');
      cursor = page.response_metadata?.next_cursor;
      expect(page.has_more).toBe(cursor !== '');
      if (pages.length === 1) await slack.chat.postMessage({ channel, text: 'z' });
    } while (cursor);
    expect(pages).toEqual(['gfe', 'dcb', 'a']);
  });

  const windows: [{ oldest?: number; latest?: number; inclusive?: boolean; limit?: number }, string][] = [
    [{ oldest: 1 }, 'edc'],
    [{ oldest: 1, inclusive: true }, 'edcb'],
    [{ latest: 3 }, 'cba'],
    [{ latest: 3, inclusive: true }, 'dcba'],
    [{ oldest: 1, latest: 3 }, 'c'],
    [{ oldest: 1, latest: 3, inclusive: true, limit: 2 }, 'dc'],
    [{ oldest: 3, latest: 1 }, ''],
  ];
  it.each(windows)('takes %j of five', async ({ oldest, latest, ...rest }, expected) => {
    const { slack, channel, ts } = await withMessages('abcde');
    const from = oldest === undefined ? {} : { oldest: ts[oldest] ?? '' };
    const to = latest === undefined ? {} : { latest: ts[latest] ?? '' };
    const page = await slack.conversations.history({ channel, ...from, ...to, ...rest });
    expect(texts(page.messages)).toBe(expected);
  });

  it('shows metadata only to who asks for all of it', async () => {
    const { slack } = await open();
    const metadata = { event_type: 'alo_relay', event_payload: { delivery: 'd1' } };
    const { channel = '' } = await slack.chat.postMessage({ channel: '#ops', text: 'x', metadata });
    const asked = await slack.conversations.history({ channel, include_all_metadata: true });
    const unasked = await slack.conversations.history({ channel });
    expect(asked.messages?.[0]?.metadata).toEqual(metadata);
    expect(unasked.messages?.[0]).not.toHaveProperty('metadata');
  });

  it.each([
    ['channel_not_found', { channel: '#ops' }],
    ['invalid_cursor', { cursor: 'nonsense' }],
    ['invalid_limit', { limit: 0 }],
    ['invalid_ts_oldest', { oldest: 'yesterday' }],
    ['invalid_ts_latest', { latest: '1e9' }],
  ])('refuses with %s: %j', async (code, args) => {
    const { slack, channel } = await withMessages('a');
    expect(await codeOf(slack.apiCall('conversations.history', { channel, ...args }))).toBe(code);
  });
});

describe('conversations.replies', () => {
  it('gives the root and its replies oldest first, by the ts of either, in pages', async () => {
    const { slack, channel, ts } = await withMessages('a');
    const [root = ''] = ts;
    const replies: string[] = [];
    for (const text of 'bcd') replies.push((await slack.chat.postMessage({ channel, text, thread_ts: root })).ts ?? '');

    const whole = await slack.conversations.replies({ channel, ts: replies[1] ?? '' });
    expect(texts(whole.messages)).toBe('abcd');
    expect(whole.messages?.[0]).toMatchObject({ thread_ts: root, reply_count: 3, latest_reply: replies[2] });
    const first = await slack.conversations.replies({ channel, ts: root, limit: 3 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await slack.conversations.replies({ channel, ts: root, limit: 3, cursor });
    expect([texts(first.messages), texts(second.messages)]).toEqual(['abc', 'd']);
    expect(texts((await slack.conversations.history({ channel })).messages)).toBe('a');
  });

  it('refuses an unknown thread', async () => {
    const { slack, channel } = await withMessages('a');
    expect(await codeOf(slack.conversations.replies({ channel, ts: '1700000099.000000' }))).toBe('thread_not_found');
  });
});

describe('conversations.list', () => {
  const names = (page: { channels?: { name?: string }[] }) => page.channels?.map(({ name }) => name).join(' ');

  it('pages through channels with their names, archived or not, joined or not', async () => {
    const { slack, sandbox } = await open();
    for (const name of 'abcde') sandbox.workspace.conversation(`#${name}`);
    sandbox.workspace.archive('#b');
    sandbox.workspace.setMember('#c', false);
    sandbox.workspace.openDm('U024BE7LH');
    const first = await slack.conversations.list({ limit: 3 });
    expect(first.channels).toMatchObject([
      { name: 'a', is_archived: false, is_member: true, is_private: false },
      { name: 'b', is_archived: true },
      { name: 'c', is_member: false },
    ]);
    sandbox.workspace.conversation('#f');
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await slack.conversations.list({ limit: 3, cursor });
    expect([names(second), second.response_metadata?.next_cursor]).toEqual(['d e f', '']);
    expect(names(await slack.conversations.list({ exclude_archived: true }))).toBe('a c d e f');
  });

  it('tells private channels from public ones by their id, and gives what is asked for', async () => {
    const { slack, sandbox } = await open();
    for (const reference of ['#open', 'G024BE7LH']) sandbox.workspace.conversation(reference);
    sandbox.workspace.openDm('U024BE7LH');
    expect(names(await slack.conversations.list())).toBe('open');
    expect(names(await slack.conversations.list({ types: 'private_channel' }))).toBe('g024be7lh');
    expect(names(await slack.conversations.list({ types: 'public_channel,private_channel' }))).toBe('open g024be7lh');
    expect((await slack.conversations.list({ types: 'im' })).channels).toMatchObject([{ user: 'U024BE7LH' }]);
    expect(await codeOf(slack.conversations.list({ types: 'all' }))).toBe('invalid_types');
    expect(await codeOf(slack.conversations.list({ cursor: 'nonsense' }))).toBe('invalid_cursor');
  });
});

it('who is no member of a channel may post there and not read', async () => {
  const { slack, sandbox, channel, ts } = await withMessages('a');
  const order = async (body: unknown) =>
    (await fetch(`${sandbox.url}_sandbox/membership`, { method: 'POST', body: JSON.stringify(body) })).status;
  expect(await order({ channel: '#ops', member: false })).toBe(200);
  expect(await codeOf(slack.conversations.history({ channel }))).toBe('not_in_channel');
  expect(await codeOf(slack.conversations.replies({ channel, ts: ts[0] ?? '' }))).toBe('not_in_channel');
  await slack.chat.postMessage({ channel, text: 'b', thread_ts: ts[0] ?? '' });
  expect(await order({ channel, member: true })).toBe(200);
  expect((await slack.conversations.replies({ channel, ts: ts[0] ?? '' })).messages).toHaveLength(2);
  expect(await order({ channel: '#missing', member: true })).toBe(404);
  expect(await order({ channel })).toBe(400);
});

it('answers carry the date of its own clock', async () => {
  const { sandbox } = await open({ clock: new ManualClock(1_700_000_000_000) });
  const { headers } = await fetch(`${sandbox.apiUrl}auth.test`, { method: 'POST' });
  expect(headers.get('date')).toBe('Tue, 14 Nov 2023 22:13:20 GMT');
});

it('keeps as many messages of a conversation as it was told', async () => {
  const { slack, sandbox } = await open({ keptPerConversation: 2 });
  for (const text of 'abc') await slack.chat.postMessage({ channel: '#ops', text });
  expect(sandbox.workspace.conversation('#ops')?.all.map(({ text }) => text)).toEqual(['b', 'c']);
});

it('keeps the newest messages of a conversation, and drops the oldest everywhere', async () => {
  const { sandbox } = await open();
  const { workspace } = sandbox;
  const ops = workspace.conversation('#ops');
  if (ops === undefined) throw new Error('no channel');
  const root = workspace.post(ops, { text: 'root' });
  const reply = workspace.post(ops, { text: 'first', threadTs: root.ts });
  workspace.post(ops, { text: 'second', threadTs: root.ts });
  for (let n = 0; n < KEPT_MESSAGES - 2; n++) workspace.post(ops, { text: String(n) });
  expect(ops.find(root.ts)).toBeUndefined();
  expect(ops.find(reply.ts)?.text).toBe('first');
  expect(ops.timeline).toHaveLength(KEPT_MESSAGES - 2);
  workspace.post(ops, { text: 'one more' });
  expect(ops.find(reply.ts)).toBeUndefined();
});

describe('people and direct messages', () => {
  it('makes a person up from an address, always the same one, and opens a conversation with them', async () => {
    const { slack, sandbox } = await open();
    const { user } = await slack.users.lookupByEmail({ email: 'Maria.da-silva+alo@example.com' });
    const again = await slack.users.lookupByEmail({ email: 'maria.da-silva+alo@example.com' });
    expect(user).toMatchObject({ real_name: 'Maria Da Silva' });
    expect(user?.id).toMatch(/^U[A-Z0-9]{10}$/);
    expect(again.user?.id).toBe(user?.id);
    expect((await slack.users.info({ user: user?.id ?? '' })).user?.real_name).toBe('Maria Da Silva');

    const opened = await slack.conversations.open({ users: user?.id ?? '' });
    const reopened = await slack.conversations.open({ users: user?.id ?? '' });
    expect(opened.channel?.id).toMatch(/^D[A-Z0-9]+$/);
    expect(reopened.channel?.id).toBe(opened.channel?.id);
    await slack.chat.postMessage({ channel: opened.channel?.id ?? '', text: 'for you' });
    expect(sandbox.workspace.conversations.map(({ name, posted }) => [name, posted])).toEqual([['Maria Da Silva', 1]]);
  });

  it('knows ids from a map and from an earlier run', async () => {
    const { slack } = await open();
    const opened = await slack.conversations.open({ users: 'U024BE7LH' });
    const { slack: nextRun } = await open();
    expect(await nextRun.chat.postMessage({ channel: opened.channel?.id ?? '', text: 'x' })).toMatchObject({
      ok: true,
    });
  });

  it.each([
    ['users_not_found', 'users.lookupByEmail', { email: 'nobody.here@example.com' }],
    ['users_not_found', 'users.lookupByEmail', { email: 'no address' }],
    ['user_not_found', 'users.info', { user: 'UNOBODY12' }],
    ['user_not_found', 'conversations.open', { users: 'maria@example.com' }],
    ['too_many_users', 'conversations.open', { users: 'U024BE7LH,U024BE7LI' }],
    ['invalid_arguments', 'users.lookupByEmail', {}],
    ['unknown_method', 'chat.unheardOf', {}],
  ])('refuses with %s: %s %j', async (code, method, args) => {
    const { slack } = await open();
    expect(await codeOf(slack.apiCall(method, args))).toBe(code);
  });
});

describe('reactions.add', () => {
  it('adds each emoji once', async () => {
    const { slack, channel, ts, sandbox } = await withMessages('a');
    const react = (name: string, timestamp = ts[0] ?? '') => slack.reactions.add({ channel, name, timestamp });
    await react('white_check_mark');
    await react('+1');
    expect(await codeOf(react('+1'))).toBe('already_reacted');
    expect(await codeOf(react('no emoji'))).toBe('invalid_name');
    expect(await codeOf(react('tada', '1700000099.000000'))).toBe('message_not_found');
    expect(await codeOf(react('tada', 'then'))).toBe('bad_timestamp');
    const reactions = sandbox.workspace.conversation('#ops')?.find(ts[0] ?? '')?.reactions;
    expect(reactions?.map(({ name }) => name)).toEqual(['white_check_mark', '+1']);
  });
});

describe('pins.add', () => {
  it('pins a message once', async () => {
    const { slack, channel, ts, sandbox } = await withMessages('a');
    const pin = (timestamp = ts[0] ?? '') => slack.pins.add({ channel, timestamp });
    await pin();
    expect(await codeOf(pin())).toBe('already_pinned');
    expect(await codeOf(pin('1700000099.000000'))).toBe('message_not_found');
    expect(await codeOf(pin('then'))).toBe('bad_timestamp');
    expect(sandbox.workspace.conversation('#ops')?.find(ts[0] ?? '')?.pinned).toBe(true);
  });
});

it('auth.test tells who the token is, and its scopes', async () => {
  const { slack } = await open();
  const answer = await slack.auth.test();
  expect(answer).toMatchObject({ ok: true, team: 'Sandbox', user: 'alo-relay', user_id: 'U0RELAYBOT' });
  expect(answer.response_metadata?.scopes).toContain('chat:write');
});

it('takes JSON bodies and tokens from header or body, and no call without one', async () => {
  const { sandbox } = await open();
  const call = async (body: string, headers: Record<string, string>) => {
    const response = await fetch(`${sandbox.apiUrl}chat.postMessage`, { method: 'POST', body, headers });
    return response.json();
  };
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const message = { channel: '#ops', text: 'x', blocks: [{ type: 'divider' }] };
  expect(await call(JSON.stringify(message), { ...json, authorization: 'Bearer xoxb-1' })).toMatchObject({ ok: true });
  expect(await call(JSON.stringify({ ...message, token: 'xoxb-1' }), json)).toMatchObject({ ok: true });
  expect(await call(JSON.stringify(message), json)).toEqual({ ok: false, error: 'not_authed' });
  expect(await call('[]', json)).toEqual({ ok: false, error: 'json_not_object' });
  expect(await call('{', json)).toEqual({ ok: false, error: 'invalid_json' });
  const big = await fetch(`${sandbox.apiUrl}auth.test`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect(big.status).toBe(413);
});

it('what needs a scope that the app lacks', async () => {
  const { slack } = await open({ scopes: ['chat:write', 'channels:read'] });
  const { response_metadata } = await slack.auth.test();
  expect(response_metadata?.scopes).toEqual(['chat:write', 'channels:read']);
  const { channel = '' } = await slack.chat.postMessage({ channel: '#alo', text: 'hello' });
  expect((await slack.conversations.info({ channel })).channel).toMatchObject({ name: 'alo' });
  expect((await slack.conversations.list()).channels).toHaveLength(1);
  for (const call of [
    slack.conversations.list({ types: 'public_channel,private_channel' }),
    slack.conversations.history({ channel }),
    slack.users.info({ user: 'U0MAPPED01' }),
    slack.reactions.add({ channel, timestamp: '1.0', name: 'tada' }),
  ]) {
    expect(await codeOf(call)).toBe('missing_scope');
  }
});
