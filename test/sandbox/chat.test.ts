import { describe, expect, it } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { clientOf, codeOf, open } from './workspace.ts';

describe('chat.postMessage', () => {
  it('keeps text, blocks and metadata, and gives a rising ts in seconds.microseconds', async () => {
    const clock = new ManualClock(Date.parse('2026-03-02T09:00:00Z'));
    const { slack, sandbox } = await open({ clock });
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*hi*' } }];
    const metadata = { event_type: 'alo_relay', event_payload: { delivery: 'd1' } };

    const first = await slack.chat.postMessage({ channel: '#ops', text: 'hi', blocks, metadata });
    const second = await slack.chat.postMessage({ channel: first.channel ?? '', text: 'again' });

    expect(first).toMatchObject({ ok: true, ts: '1772442000.000000', message: { text: 'hi', blocks, metadata } });
    expect(first.channel).toMatch(/^C[A-Z0-9]{10}$/);
    expect(second).toMatchObject({ channel: first.channel, ts: '1772442000.000001' });
    expect(sandbox.workspace.conversations.map(({ name }) => name)).toEqual(['ops']);
  });

  it('knows a channel by name, #name and id alike, in this run and the next', async () => {
    const { slack } = await open();
    const { slack: nextRun } = await open();
    const ids = await Promise.all(
      [
        slack.chat.postMessage({ channel: '#équipe-1', text: 'a' }),
        nextRun.chat.postMessage({ channel: 'équipe-1', text: 'b' }),
      ].map(async (posted) => (await posted).channel),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it.each([
    ['channel_not_found', { channel: '#missing-team', text: 'x' }],
    ['channel_not_found', { channel: '#Not Valid', text: 'x' }],
    ['channel_not_found', { channel: 'U024BE7LH', text: 'x' }],
    ['channel_not_found', { channel: '', text: 'x' }],
    ['is_archived', { channel: '#old', text: 'x' }],
    ['no_text', { channel: '#ops', text: '' }],
    ['no_text', { channel: '#ops', text: ' \n' }],
    ['no_text', { channel: '#ops', text: '', blocks: '[]' }],
    ['invalid_blocks_format', { channel: '#ops', text: 'x', blocks: '{' }],
    ['invalid_blocks_format', { channel: '#ops', text: 'x', blocks: '{}' }],
    ['thread_not_found', { channel: '#ops', text: 'x', thread_ts: '1700000000.000001' }],
    ['invalid_metadata_format', { channel: '#ops', text: 'x', metadata: '{' }],
    [
      'invalid_metadata_format',
      { channel: '#ops', text: 'x', metadata: { event_type: 'CamelCase', event_payload: {} } },
    ],
    [
      'invalid_metadata_format',
      { channel: '#ops', text: 'x', metadata: { event_type: 'a_b', event_payload: { a: { b: 1 } } } },
    ],
    ['invalid_metadata_format', { channel: '#ops', text: 'x', metadata: { event_type: 'a_b' } }],
  ])('refuses with %s: %j', async (code, args) => {
    const { slack, sandbox } = await open();
    sandbox.workspace.archive('#old');
    expect(await codeOf(slack.apiCall('chat.postMessage', args))).toBe(code);
    expect(sandbox.workspace.conversations.flatMap(({ timeline }) => timeline)).toEqual([]);
  });

  it('cuts a text at 40,000 characters and says so', async () => {
    const { slack } = await open();
    const posted = await slack.chat.postMessage({ channel: '#ops', text: 'x'.repeat(40_001) });
    expect(posted.message?.text).toHaveLength(40_000);
    expect(posted.response_metadata).toMatchObject({ warnings: ['message_truncated'] });
  });

  it('puts a reply to a reply into the same thread; only broadcast replies show in the channel', async () => {
    const { slack, sandbox } = await open();
    const root = await slack.chat.postMessage({ channel: '#ops', text: 'root' });
    const reply = (text: string, thread_ts = root.ts ?? '', reply_broadcast = false) =>
      slack.chat.postMessage({ channel: '#ops', text, thread_ts, reply_broadcast });
    const first = await reply('one');
    await reply('two', first.ts);
    await reply('three', root.ts, true);

    const ops = sandbox.workspace.conversation('#ops');
    expect(ops?.timeline.map(({ text }) => text)).toEqual(['root', 'three']);
    expect(ops?.timeline[0]?.replies.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });
});

describe('chat.update', () => {
  it('changes what is given, keeps the rest, and marks the message as edited', async () => {
    const { slack, sandbox } = await open();
    const metadata = { event_type: 'alo_relay', event_payload: { delivery: 'd1' } };
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text: 'one', metadata });
    const blocks = [{ type: 'divider' }];

    await slack.chat.update({ channel, ts, text: 'two', blocks });
    expect(sandbox.workspace.conversation('#ops')?.find(ts)).toMatchObject({ text: 'two', blocks, metadata });
    const answer = await slack.chat.update({ channel, ts, text: 'three', blocks: [] });
    expect(answer.message).toMatchObject({ text: 'three', edited: { user: 'U0RELAYBOT' } });
    expect(answer.message).not.toHaveProperty('blocks');
  });

  it('replaces a text by blocks with a coloured bar, and those by a text', async () => {
    const { slack, sandbox } = await open();
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text: 'one' });
    const attachments = [{ color: 'good', fallback: 'done', blocks: [{ type: 'divider' }] }];
    const shown = () => sandbox.workspace.conversation('#ops')?.find(ts);

    await slack.apiCall('chat.update', { channel, ts, text: '', blocks: [], attachments });
    expect(shown()).toMatchObject({ text: '', blocks: undefined, attachments });
    await slack.apiCall('chat.update', { channel, ts, text: 'two', attachments: [] });
    expect(shown()).toMatchObject({ text: 'two', attachments: [] });
    expect(await codeOf(slack.apiCall('chat.update', { channel, ts, text: '', attachments: [] }))).toBe('no_text');
    expect(await codeOf(slack.apiCall('chat.update', { channel, ts, attachments: ['x'] }))).toBe('invalid_attachments');
  });

  it('refuses what Slack refuses', async () => {
    const { slack, sandbox } = await open();
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text: 'one' });
    const byPerson = sandbox.workspace.say('#ops', 'maria@example.com', { text: 'hello' }).ts;
    const update = (args: Record<string, unknown>) =>
      codeOf(slack.apiCall('chat.update', { channel, ts, text: 'new', ...args }));

    expect(await update({ channel: '#ops' })).toBe('channel_not_found');
    expect(await update({ ts: '1700000000.000001' })).toBe('message_not_found');
    expect(await update({ ts: byPerson })).toBe('cant_update_message');
    expect(await update({ text: '' })).toBe('no_text');
    expect(await update({ text: 'x'.repeat(4001) })).toBe('msg_too_long');
    sandbox.workspace.archive('#ops');
    expect(await update({})).toBe('is_archived');
    expect(sandbox.workspace.conversation('#ops')?.find(ts)?.text).toBe('one');
  });
});

describe('the rate limit', () => {
  it('is a bucket per channel and token: three at once, then one a second', async () => {
    const clock = new ManualClock();
    const sandbox = (await open({ clock, limits: { perSecond: 1, burst: 3 } })).sandbox;
    const [one, other] = [clientOf(sandbox, 'xoxb-one'), clientOf(sandbox, 'xoxb-other')];
    const post = (channel: string, slack = one) => slack.chat.postMessage({ channel, text: 'x' });

    for (let n = 0; n < 3; n++) await post('#ops');
    await expect(post('ops')).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 1 });
    await post('#elsewhere');
    await post('#ops', other);
    await clock.advance(999);
    await expect(post('#ops')).rejects.toMatchObject({ retryAfter: 1 });
    await clock.advance(1);
    await post('#ops');
    await expect(post('#ops')).rejects.toMatchObject({ retryAfter: 1 });
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(5);
  });

  it('may be one for all channels of the workspace, too; what is refused costs neither', async () => {
    const clock = new ManualClock();
    const limits = { perSecond: 1, burst: 2, workspace: { perSecond: 2, burst: 3 } };
    const { slack, sandbox } = await open({ clock, limits });
    const post = (channel: string) => slack.chat.postMessage({ channel, text: 'x' });
    await post('#a');
    await post('#a');
    for (let n = 0; n < 3; n++) await expect(post('#a')).rejects.toMatchObject({ retryAfter: 1 });
    await post('#b');
    await expect(post('#c')).rejects.toMatchObject({ retryAfter: 1 });
    await clientOf(sandbox, 'xoxb-other').chat.postMessage({ channel: '#c', text: 'x' });
    await clock.advance(1000);
    await post('#c');
    await post('#c');
    await expect(post('#d')).rejects.toMatchObject({ retryAfter: 1 });
  });

  it('says how many whole seconds to wait', async () => {
    const { slack } = await open({ clock: new ManualClock(), limits: { perSecond: 0.1, burst: 1 } });
    await slack.chat.postMessage({ channel: '#ops', text: 'x' });
    await expect(slack.chat.postMessage({ channel: '#ops', text: 'x' })).rejects.toMatchObject({ retryAfter: 10 });
  });
});
