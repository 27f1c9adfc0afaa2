import { describe, expect, test } from 'vitest';
import { POSTING, WORDS } from './near-end.ts';
import { lose, say, type Workspace, workspace } from './workspace.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Gives its ts. */
async function postRoot({ gateway }: Workspace): Promise<string> {
  const root = await gateway.post({ ...POSTING, channel: '#ops', deliveryId: `${POSTING.deliveryId}.root` });
  return root.kind === 'sent' ? root.value.ts : '';
}

describe('a message that is there', () => {
  test('is found in a channel, pages before the newest', async () => {
    const w = await workspace();
    say(w.sandbox, 150);
    const { search, ts } = await lose(w);
    say(w.sandbox, 450);
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: { channel: search.channel, ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(3);
  });

  test.each([
    ['a reply is found in its thread', false, true, true],
    ['a reply is not found in the channel', false, false, false],
    ['a reply shown in the channel is found in its thread', true, true, true],
    ['a reply shown in the channel is found there', true, false, true],
  ])('%s', async (_, broadcast, inThread, visible) => {
    const w = await workspace();
    const threadTs = await postRoot(w);
    const { workspace: there } = w.sandbox;
    const reply = () => {
      const ops = there.conversation('#ops');
      if (ops !== undefined) there.post(ops, { text: 'x', threadTs });
    };
    for (let n = 0; n < 250; n++) reply();
    const { search, ts } = await lose(w, { thread: { ts: threadTs, broadcast } });
    const found = await w.gateway.find({ ...search, ...(inThread ? { threadTs } : {}) });
    expect(found).toEqual({ kind: 'sent', value: visible ? { channel: search.channel, ts } : null });
  });

  test('is found in a direct conversation', async () => {
    const w = await workspace();
    const dm = await w.gateway.openDm('U024BE7LH');
    const { search, ts } = await lose(w, { channel: dm.kind === 'sent' ? dm.value : '' });
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: { channel: 'DU024BE7LH', ts } });
  });

  test('is found in a thread whose first message was deleted since', async () => {
    const w = await workspace();
    const threadTs = await postRoot(w);
    const { search, ts } = await lose(w, { thread: { ts: threadTs, broadcast: false } });
    w.sandbox.workspace.delete('#ops', threadTs);
    expect(await w.gateway.find({ ...search, threadTs })).toMatchObject({ value: { ts } });
  });

  test.each([true, false])('a reply that went astray is found in the channel, and known for it', async (replied) => {
    const w = await workspace();
    const threadTs = await postRoot(w);
    const ops = w.sandbox.workspace.conversation('#ops');
    if (replied && ops !== undefined) w.sandbox.workspace.post(ops, { text: 'x', threadTs });
    w.sandbox.workspace.delete('#ops', threadTs);
    w.sandbox.workspace.straysPosted = true;
    const { search, ts } = await lose(w, { thread: { ts: threadTs, broadcast: true } });
    expect(await w.gateway.find({ ...search, threadTs })).toEqual({
      kind: 'sent',
      value: { channel: search.channel, ts, astray: true },
    });
  });

  test('is found in an archived channel', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    w.sandbox.workspace.archive('#ops');
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });

  test('is found though history lags at first', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    w.sandbox.faults.add({ kind: 'lag', ms: 5000, times: 'always' });
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: null });
    await w.clock.advance(5000);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });
});

describe('a message for several deliveries', () => {
  test('is found by each of them, and says that it is one', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w, { deliveryId: 'd-1.group', deliveries: ['d-1', 'd-17'] });
    const shared = { kind: 'sent', value: { channel: search.channel, ts, shared: true } };
    expect(await w.gateway.find({ ...search, deliveryId: 'd-17' })).toEqual(shared);
    expect(await w.gateway.find({ ...search, deliveryId: 'd-17.root', neededBy: 'd-17' })).toEqual(shared);
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: { channel: search.channel, ts } });
    for (const deliveryId of ['d-7', 'd-1 d-17', 'd-17.root'])
      expect(await w.gateway.find({ ...search, deliveryId })).toEqual({ kind: 'sent', value: null });
  });
});

describe('many that may have been posted in the same time', () => {
  test('are found in one look through it, once Slack shows what was posted', async () => {
    const w = await workspace();
    say(w.sandbox, 300);
    const since = w.now();
    for (const deliveryId of ['d-1', 'd-2', 'd-3']) await w.gateway.post({ ...POSTING, channel: '#ops', deliveryId });
    await w.clock.advance(5_000);
    const channel = w.sandbox.workspace.conversation('#ops')?.id ?? '';
    const find = (deliveryId: string) => w.gateway.find({ channel, deliveryId, since, until: since });
    for (const id of ['d-1', 'd-2', 'd-3']) expect(await find(id)).toMatchObject({ value: { channel } });
    expect(await find('d-4')).toEqual({ kind: 'sent', value: null });
    expect(w.sandbox.calls['conversations.history']).toBe(2);
    // What is looked for once more may have come late.
    expect(await find('d-4')).toEqual({ kind: 'sent', value: null });
    expect(w.sandbox.calls['conversations.history']).toBe(4);
    expect(await find('d-5')).toEqual({ kind: 'sent', value: null });
    expect(w.sandbox.calls['conversations.history']).toBe(4);
  });
});

describe('a message that is not there', () => {
  const other = (event_type: string, delivery_id: string) => ({ event_type, event_payload: { delivery_id } });
  test.each([
    ['the same text of another app', undefined],
    ['another app’s delivery of that id', other('their_delivery', 'd-17')],
    ['another delivery of ours', other('alo_relay_delivery', 'd-177')],
    ['the root that belongs to it', other('alo_relay_delivery', 'd-17.root')],
  ])('%s is not taken for it', async (_, metadata) => {
    const w = await workspace();
    const ops = w.sandbox.workspace.conversation('#ops');
    if (ops === undefined) throw new Error('no channel');
    w.sandbox.workspace.post(ops, { text: WORDS, ...(metadata === undefined ? {} : { metadata }) });
    const search = { channel: ops.id, deliveryId: 'd-17', since: w.now(), until: w.now() };
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: null });
  });

  test('is not found in a thread that is gone, or not to be seen yet', async () => {
    const w = await workspace();
    const { search } = await lose(w);
    const find = (threadTs: string) => w.gateway.find({ ...search, deliveryId: 'd-18', threadTs });
    expect(await find('1700000000.000001')).toEqual({ kind: 'sent', value: null });
    w.sandbox.faults.add({ kind: 'error', error: 'message_not_found', method: 'conversations.replies' });
    expect(await find('1700000000.000001')).toEqual({ kind: 'sent', value: null });
  });

  test('is looked for in the time of the attempt alone, even days later', async () => {
    const w = await workspace();
    say(w.sandbox, 500);
    await w.clock.advance(HOUR_MS);
    const search = { channel: w.sandbox.workspace.conversation('#ops')?.id ?? '', deliveryId: 'd-17' };
    const until = w.now();
    await w.clock.advance(HOUR_MS);
    say(w.sandbox, 500);
    await w.clock.advance(48 * HOUR_MS);
    expect(await w.gateway.find({ ...search, since: until, until })).toEqual({ kind: 'sent', value: null });
    expect(w.sandbox.calls['conversations.history']).toBe(1);
  });
});
