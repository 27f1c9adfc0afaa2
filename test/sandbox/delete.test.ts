import { describe, expect, it } from 'vitest';
import { readState } from '../helpers/state.ts';
import { codeOf, open } from './workspace.ts';

async function withThread() {
  const { slack, sandbox } = await open();
  const post = async (text: string, thread_ts?: string, reply_broadcast = false) => {
    const metadata = { event_type: 'a_b', event_payload: { delivery_id: text } };
    const reply = thread_ts === undefined ? {} : { thread_ts, reply_broadcast };
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text, metadata, ...reply });
    return { channel, ts };
  };
  const { channel, ts: root } = await post('root');
  const reply = await post('reply', root);
  const shown = await post('shown', root, true);
  const history = async () => (await slack.conversations.history({ channel })).messages?.map(({ text }) => text);
  const replies = async (ts: string) => (await slack.conversations.replies({ channel, ts })).messages;
  return { slack, sandbox, post, channel, root, reply: reply.ts, shown: shown.ts, history, replies };
}

describe('a deleted message', () => {
  it('without replies is gone everywhere', async () => {
    const { slack, sandbox, channel, reply, shown, root, history, replies } = await withThread();
    sandbox.workspace.delete('#ops', reply);
    sandbox.workspace.delete('#ops', shown);
    expect(await history()).toEqual(['root']);
    expect((await replies(root))?.map(({ text }) => text)).toEqual(['root']);
    sandbox.workspace.delete('#ops', root);
    expect(await history()).toEqual([]);
    expect(await codeOf(replies(root))).toBe('thread_not_found');
    expect(await codeOf(slack.chat.update({ channel, ts: root, text: 'x' }))).toBe('message_not_found');
    expect(sandbox.workspace.conversation('#ops')?.all).toEqual([]);
    expect(() => sandbox.workspace.delete('#ops', root)).toThrow('message_not_found');
  });

  it('with replies leaves a tombstone in their thread, which takes nothing more', async () => {
    const { slack, sandbox, post, channel, root, reply, shown, history, replies } = await withThread();
    sandbox.workspace.delete('#ops', root);
    expect(await history()).toEqual(['shown']);
    const [tombstone, ...rest] = (await replies(root)) ?? [];
    expect(tombstone).toMatchObject({ subtype: 'tombstone', ts: root, reply_count: 2 });
    expect(JSON.stringify(tombstone)).not.toMatch(/root|a_b/);
    expect(rest.map(({ text }) => text)).toEqual(['reply', 'shown']);
    expect((await replies(reply))?.[0]?.ts).toBe(root);

    expect(await codeOf(slack.chat.update({ channel, ts: root, text: 'x' }))).toBe('message_not_found');
    expect(await codeOf(slack.reactions.add({ channel, timestamp: root, name: 'tada' }))).toBe('message_not_found');
    expect(await codeOf(post('late', root))).toBe('thread_not_found');
    expect(await codeOf(post('late', reply))).toBe('thread_not_found');
    await slack.chat.update({ channel, ts: reply, text: 'changed' });

    sandbox.workspace.delete('#ops', reply);
    expect(await replies(root)).toHaveLength(2);
    sandbox.workspace.delete('#ops', shown);
    expect(await codeOf(replies(root))).toBe('thread_not_found');
    expect(sandbox.workspace.conversation('#ops')?.all).toEqual([]);
  });

  it('shows what is replied to it in the channel, where the sandbox is told to', async () => {
    const { sandbox, slack, post, root, history } = await withThread();
    sandbox.workspace.delete('#ops', root);
    const order = { method: 'POST', body: JSON.stringify({ posted: true }) };
    expect((await fetch(`${sandbox.url}_sandbox/strays`, order)).status).toBe(200);
    const thread_ts = root;
    const { message } = await slack.chat.postMessage({
      channel: '#ops',
      text: 'late',
      thread_ts,
      reply_broadcast: true,
    });
    expect(message).toMatchObject({ text: 'late' });
    expect(message).not.toHaveProperty('thread_ts');
    expect(await history()).toEqual(['late', 'shown']);
    sandbox.workspace.reset();
    expect(await codeOf(post('later', root))).toBe('thread_not_found');
  });

  it('is deleted from another process, and its thread still shows in the state', async () => {
    const { sandbox, channel, root } = await withThread();
    const order = async (body: unknown) =>
      (await fetch(`${sandbox.url}_sandbox/delete`, { method: 'POST', body: JSON.stringify(body) })).status;
    expect(await order({ channel: '#ops', ts: root })).toBe(200);
    expect(await order({ channel, ts: root })).toBe(404);
    expect(await order({ channel: '#missing', ts: root })).toBe(404);
    expect(await order({ channel })).toBe(400);
    const { conversations } = await readState(sandbox.url);
    expect(conversations[0]?.messages).toMatchObject([
      {
        ...{ ts: root, deleted: true, revisions: ['root'], metadata: null },
        replies: [{ text: 'reply', deleted: false }, { text: 'shown' }],
      },
      { text: 'shown', broadcast: true, metadata: { event_payload: { delivery_id: 'shown' } } },
    ]);
    const view = await (await fetch(`${sandbox.url}_sandbox/conversation?id=${channel}&thread=${root}`)).json();
    expect(view).toMatchObject({ messages: [{ text: 'shown' }], thread: { ts: root, replyCount: 2 } });
  });
});

describe('what a message was before', () => {
  it('is kept in order, the last 100 texts, and sent to the page when it asks, the last 10 with blocks', async () => {
    const { slack, sandbox } = await open();
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text: '0' });
    for (let n = 1; n <= 3; n++) await slack.chat.update({ channel, ts, text: String(n) });
    const message = async () => (await readState(sandbox.url)).conversations[0]?.messages[0];
    expect(await message()).toMatchObject({ text: '3', revisions: ['0', '1', '2'] });
    const ops = sandbox.workspace.conversation('#ops');
    for (let n = 4; n <= 150; n++) if (ops !== undefined) sandbox.workspace.update(ops, ts, { text: String(n) });
    const { text, revisions } = (await message()) ?? {};
    expect([text, revisions?.length, revisions?.[0], revisions?.at(-1)]).toEqual(['150', 100, '50', '149']);
    const view = await (await fetch(`${sandbox.url}_sandbox/conversation?id=${channel}&thread=${ts}`)).json();
    expect(view).toMatchObject({ messages: [{ formerCount: 10 }], thread: { formerCount: 10 } });
    expect(JSON.stringify(view)).not.toContain('"149"');
    const former = await (await fetch(`${sandbox.url}_sandbox/former?id=${channel}&ts=${ts}`)).json();
    const texts = ['140', '141', '142', '143', '144', '145', '146', '147', '148', '149'];
    expect(former).toEqual({ former: texts.map((text) => expect.objectContaining({ text, blocks: null })) });
    expect((await fetch(`${sandbox.url}_sandbox/former?id=${channel}&ts=1.000001`)).status).toBe(404);
  });
});
