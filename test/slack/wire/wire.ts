/** Every method that is called, through nock: what is asked of it, how the request must look, what a good answer gives. */
import nock from 'nock';
import { onTestFinished } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { SlackMethod } from '../../../src/slack/classify.ts';
import { type ClosableGateway, createGateway } from '../../../src/slack/client.ts';
import { createInspector, type SlackInspector } from '../../../src/slack/inspector.ts';
import { PLACEMENT, POSTING, TADA, TOKEN, WORDS } from '../near-end.ts';

const ORIGIN = 'https://slack.example';

type Asking = ClosableGateway & { readonly inspector: SlackInspector };

export interface Exchange {
  readonly what: string;
  readonly method: SlackMethod;
  ask(slack: Asking): Promise<Outcome<unknown>>;
  readonly form: Readonly<Record<string, string>>;
  readonly answer: object;
  readonly value: unknown;
}

const MARK = '{"event_type":"alo_relay_delivery","event_payload":{"delivery_id":"d-17"}}';
const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'a & b = “ü” + 100 %\n*bold*' } }];
const thread = { ts: '1.2', broadcast: true };
const coloured = { text: WORDS, summary: 'R&amp;D: done', blocks, color: 'good' };
const bar = JSON.stringify([{ color: 'good', fallback: 'R&D: done', blocks }]);
const reply = { ...POSTING, message: { text: WORDS, summary: 'In short', blocks }, thread };
const posted = { channel: '#alo-actions', metadata: MARK, parse: 'none', unfurl_links: 'false', unfurl_media: 'false' };
const replied = { text: 'In short', blocks: JSON.stringify(blocks), thread_ts: '1.2', reply_broadcast: 'true' };
const search = { channel: 'C0AAA', deliveryId: 'd-17', since: 1_700_000_000_000, until: 1_700_000_001_000 };
const searched = {
  channel: 'C0AAA',
  oldest: '1699999700.000000',
  latest: '1700000311.000000',
  limit: '200',
  include_all_metadata: 'true',
};
const message = { ts: PLACEMENT.ts, metadata: JSON.parse(MARK) };
const identity = { team: 'Example', user: 'alo-relay', url: 'https://example.slack.com/' };

export const EXCHANGES: readonly Exchange[] = [
  {
    what: 'a message',
    method: 'chat.postMessage',
    ask: (slack) => slack.post(POSTING),
    form: { ...posted, text: WORDS },
    answer: { ...PLACEMENT, message: { text: WORDS } },
    value: PLACEMENT,
  },
  {
    what: 'a reply with blocks, shown in the channel too',
    method: 'chat.postMessage',
    ask: (slack) => slack.post(reply),
    form: { ...posted, ...replied },
    answer: { ...PLACEMENT, message: { thread_ts: '1.2' } },
    value: PLACEMENT,
  },
  {
    what: 'a reply that Slack posts outside of its thread',
    method: 'chat.postMessage',
    ask: (slack) => slack.post(reply),
    form: { ...posted, ...replied },
    answer: { ...PLACEMENT, message: { text: 'In short' } },
    value: { ...PLACEMENT, astray: true },
  },
  {
    what: 'an update, without the blocks there were',
    method: 'chat.update',
    ask: (slack) => slack.update(PLACEMENT, POSTING.message),
    form: { ...PLACEMENT, text: WORDS, parse: 'none', blocks: '[]', attachments: '[]' },
    answer: { ...PLACEMENT, text: WORDS },
    value: PLACEMENT,
  },
  {
    what: 'a message with a coloured bar: its notification is the fallback, and there is no text beside it',
    method: 'chat.postMessage',
    ask: (slack) => slack.post({ ...POSTING, message: coloured }),
    form: { ...posted, attachments: bar },
    answer: { ...PLACEMENT, message: { text: '' } },
    value: PLACEMENT,
  },
  {
    what: 'an update with a coloured bar, without the text and blocks there were',
    method: 'chat.update',
    ask: (slack) => slack.update(PLACEMENT, coloured),
    form: { ...PLACEMENT, text: '', parse: 'none', blocks: '[]', attachments: bar },
    answer: { ...PLACEMENT, text: '' },
    value: PLACEMENT,
  },
  {
    what: 'a reaction',
    method: 'reactions.add',
    ask: (slack) => slack.mark(PLACEMENT, TADA),
    form: { channel: 'C0AAA', timestamp: PLACEMENT.ts, name: 'tada' },
    answer: {},
    value: PLACEMENT,
  },
  {
    what: 'a pin',
    method: 'pins.add',
    ask: (slack) => slack.mark(PLACEMENT, { method: 'pins.add', already: 'already_pinned' }),
    form: { channel: 'C0AAA', timestamp: PLACEMENT.ts },
    answer: {},
    value: PLACEMENT,
  },
  {
    what: 'a direct conversation',
    method: 'conversations.open',
    ask: (slack) => slack.openDm('U0AAA'),
    form: { users: 'U0AAA' },
    answer: { channel: { id: 'D0AAA' } },
    value: 'D0AAA',
  },
  {
    what: 'who has an address',
    method: 'users.lookupByEmail',
    ask: (slack) => slack.lookupByEmail('maria+x@example.com'),
    form: { email: 'maria+x@example.com' },
    answer: { user: { id: 'U0AAA' } },
    value: 'U0AAA',
  },
  {
    what: 'a user group by its handle',
    method: 'usergroups.list',
    ask: (slack) => slack.groupId('Support'),
    form: {},
    answer: { usergroups: [{ id: 'S0AAA', handle: 'support' }, { id: 'S0BBB' }, 17] },
    value: 'S0AAA',
  },
  {
    what: 'a user group that is not there',
    method: 'usergroups.list',
    ask: (slack) => slack.groupId('night-shift'),
    form: {},
    answer: { usergroups: [] },
    value: null,
  },
  {
    what: 'a time zone',
    method: 'users.info',
    ask: (slack) => slack.timeZone('U0AAA'),
    form: { user: 'U0AAA' },
    answer: { user: { id: 'U0AAA', tz: 'Europe/Paris' } },
    value: 'Europe/Paris',
  },
  {
    what: 'a user, for doctor',
    method: 'users.info',
    ask: (slack) => slack.inspector.user('U0AAA'),
    form: { user: 'U0AAA' },
    answer: { user: { id: 'U0AAA', is_bot: true } },
    value: { bot: true, deleted: false },
  },
  {
    what: 'a channel’s id',
    method: 'conversations.list',
    ask: (slack) => slack.channelId('#ops'),
    form: { types: 'public_channel,private_channel', exclude_archived: 'false', limit: '1000' },
    answer: { channels: [{ id: 'C0OPS', name: 'ops' }] },
    value: 'C0OPS',
  },
  {
    what: 'a channel, for doctor',
    method: 'conversations.info',
    ask: (slack) => slack.inspector.channel('C0AAA'),
    form: { channel: 'C0AAA' },
    answer: { channel: { id: 'C0AAA', is_member: true } },
    value: { id: 'C0AAA', private: false, member: true, archived: false },
  },
  {
    what: 'a message of unknown outcome',
    method: 'conversations.history',
    ask: (slack) => slack.find(search),
    form: searched,
    answer: { messages: [{ ts: '1.0' }, message] },
    value: PLACEMENT,
  },
  {
    what: 'a reply of unknown outcome',
    method: 'conversations.replies',
    ask: (slack) => slack.find({ ...search, threadTs: '1.2' }),
    form: { ...searched, ts: '1.2' },
    answer: { messages: [message] },
    value: PLACEMENT,
  },
  {
    what: 'whose token it is',
    method: 'auth.test',
    ask: (slack) => slack.identify(),
    form: {},
    answer: identity,
    value: identity,
  },
];

/** What a request was: its head, and its form's fields. */
interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly form: Readonly<Record<string, string>>;
}

/** An HTTP answer; what is an object is sent as JSON. */
export interface Wire {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object | null;
}

/** Asks with this answer, over a client of its own. Looking for a message learns Slack's time first. */
export async function ask({ method, ask }: Exchange, { status = 200, headers = {}, body = '' }: Wire) {
  const requests: Received[] = [];
  const scope = nock(ORIGIN);
  scope.post(`/api/${method}`).reply(async (request: Request) => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    requests.push({ path: new URL(request.url).pathname, headers: Object.fromEntries(request.headers), form });
    return [status, typeof body === 'string' ? body : JSON.stringify(body), headers];
  });
  if (method !== 'auth.test') {
    scope
      .post('/api/auth.test')
      .optionally()
      .reply(200, { ok: true, ...identity });
    scope.post('/api/conversations.history').optionally().reply(200, { ok: true, messages: [] });
  }
  const options = { token: new Secret(TOKEN), apiUrl: `${ORIGIN}/api/`, timeoutMs: 10_000, userAgent: 'alo-relay/1' };
  const through = { ...options, fetch: (...call: Parameters<typeof fetch>) => fetch(...call) };
  const slack = { ...createGateway(through), inspector: createInspector(through) };
  onTestFinished(() => slack.close());
  const outcome = await ask(slack);
  nock.cleanAll();
  return { outcome, requests };
}
