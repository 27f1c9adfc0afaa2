import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminParts, createAdminServer } from '../../src/admin/server.ts';
import { streamLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import type { DeliveryHistory } from '../../src/history/delivery-history.ts';
import type { ReplayResult } from '../../src/history/outcomes.ts';
import { journalError } from '../../src/journal/errors.ts';
import { makeEvent } from '../helpers/events.ts';
import { adminParts, TALLY, TOKEN } from './listener.ts';

const RESULT: ReplayResult = {
  dry_run: false,
  deliveries: 1,
  conversations: 1,
  replaced: 1,
  skipped: [],
  unknown_ids: [],
};

const DISMISSED = { dry_run: false, dismissed: 2, skipped: [], unknown_ids: [] };

let server: Server;
let asked: unknown[];
let log: string[];

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** The listener over history that write down what they are asked. */
const ACTOR = { role: 'operator', via: 'api', address: '127.0.0.1' };

async function listen(
  token: string | null,
  history: Partial<DeliveryHistory> = {},
  parts: Partial<AdminParts> = {},
): Promise<void> {
  asked = [];
  log = [];
  const recorded: DeliveryHistory = {
    deliveries: async (filter) => {
      asked.push(filter);
      return { deliveries: [], next: null };
    },
    events: async (id) => {
      asked.push(id);
      return [];
    },
    stored: async (id) => {
      asked.push(id);
      return [];
    },
    replay: async (given) => {
      asked.push(given);
      return RESULT;
    },
    dismiss: async (given) => {
      asked.push(given);
      return DISMISSED;
    },
    audit: async (query) => {
      asked.push(query);
      return { entries: [], next: null };
    },
    ...history,
  };
  const secret = token === null ? null : new Secret(token);
  const logged = streamLogger({ write: (line: string) => log.push(line) });
  server = createAdminServer(adminParts({ token: secret, history: recorded, log: logged, ...parts }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function port(): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** With node:http, because fetch sets the Host itself. */
async function ask(path: string, { method = 'GET', headers = {}, body = '' }: Asking = {}) {
  const sent = request({
    host: '127.0.0.1',
    port: port(),
    path,
    method,
    headers: { host: `localhost:${port()}`, ...headers },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode, headers: response.headers, answer: text === '' ? null : JSON.parse(text) };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function dismiss(body: unknown, headers: Record<string, string> = {}) {
  return ask('/api/dismiss', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });
}

function replay(body: unknown, headers: Record<string, string> = {}) {
  const written = typeof body === 'string' ? body : JSON.stringify(body);
  return ask('/api/replay', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: written });
}

describe('who may ask', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:3001', 200],
    ['127.0.0.1:3001', 200],
    ['127.8.9.1', 200],
    ['[::1]:3001', 200],
    ['attacker.example', 403],
    ['attacker.example:3001', 403],
    ['localhost.attacker.example', 403],
    ['127.0.0.1.attacker.example', 403],
  ])('without a token, as the host %j: %i', async (host, status) => {
    await listen(null);
    const response = await ask('/api/status', { headers: { host } });
    expect(response.status).toBe(status);
    if (status === 403) expect(response.answer).toMatchObject({ error: { code: 'wrong-host' } });
  });

  it.each([
    ['http://localhost:PORT', 200],
    ['http://attacker.example', 403],
    ['http://localhost:1', 403],
    ['null', 403],
  ])('without a token, from a page of %s: %i', async (origin, status) => {
    await listen(null);
    const response = await replay({ states: ['dead'] }, { origin: origin.replace('PORT', String(port())) });
    expect([response.status, asked.length]).toEqual([status, status === 200 ? 1 : 0]);
    if (status === 403) expect(response.answer).toMatchObject({ error: { code: 'foreign-origin' } });
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    const page = { origin: origin.replace('PORT', String(port())) };
    expect((await dismiss({ states: ['dead'], reason: 'r' }, page)).status).toBe(status);
  });

  it.each([
    [`Bearer ${TOKEN}`, 200],
    [`bearer  ${TOKEN}`, 200],
    ['', 401],
    ['Bearer', 401],
    ['Bearer the-admin-tokem', 401],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN} ${TOKEN}`, 401],
    [`Basic ${TOKEN}`, 401],
    [TOKEN, 401],
  ])('with a token, authorised by %j, under any name: %i', async (authorization, status) => {
    await listen(TOKEN);
    const headers = { host: 'relay.example', authorization };
    const response = await ask('/api/status', { headers });
    expect(response.status).toBe(status);
    expect((await replay({ states: ['dead'] }, headers)).status).toBe(status);
    expect((await dismiss({ states: ['dead'], reason: 'r' }, headers)).status).toBe(status);
    expect(asked).toHaveLength(status === 200 ? 2 : 0);
    if (status === 200) return;
    expect(response.answer).toMatchObject({ error: { code: 'unauthorized' } });
    expect(response.headers['www-authenticate']).toContain('Bearer');
    expect(JSON.stringify([response.answer, log])).not.toContain(TOKEN);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'a form could send %j: not as a replay',
    async (type) => {
      await listen(null);
      const headers = type === '' ? {} : { 'content-type': type };
      const response = await ask('/api/replay', { method: 'POST', headers, body: '{"states":["dead"]}' });
      expect([response.status, response.answer.error.code]).toEqual([415, 'not-json']);
      expect(asked).toEqual([]);
    },
  );
});

describe('what is asked', () => {
  it('status: which service, which journal, how much of what', async () => {
    await listen(null);
    const { answer, headers } = await ask('/api/status');
    expect(answer).toEqual({
      service: 'alo-relay',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      journal: '/data/relay.db',
      deliveries: TALLY,
      ready: true,
      checks: [{ name: 'journal', ok: true, detail: null, code: null, since: null }],
      started_at: '2026-03-02T09:00:00.000Z',
      instance: null,
      token_required: false,
      role: 'operator',
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['', { limit: 50 }],
    ['?state=dead,parked&limit=7', { states: ['dead', 'parked'], limit: 7 }],
    ['?state=dead&state=sent&before=12', { states: ['dead', 'sent'], before: 12, limit: 50 }],
    ['?seq=3&seq=4,5&since=2026-03-02T09:00:00Z', { numbers: [3, 4, 5], since: 1_772_442_000_000, limit: 50 }],
  ])('deliveries%s', async (query, filter) => {
    await listen(null);
    expect((await ask(`/api/deliveries${query}`)).answer).toEqual({ deliveries: [], next: null });
    expect(asked).toEqual([filter]);
  });

  it('an event by any id that a sender may give', async () => {
    const event = { number: 1, id: 'a/b c', source: 's', topic: 't', subject: null, title: null, received_at: '' };
    const account = { event, deliveries: [], counted_by: ['r'], conflicts: null };
    await listen(null, { events: async (id) => (id === 'a/b c' ? [account] : []) });
    expect((await ask('/api/events/a%2Fb%20c')).answer).toEqual({ events: [account] });
    const unknown = await ask('/api/events/other');
    expect([unknown.status, unknown.answer.error.code]).toEqual([404, 'unknown-event']);
  });

  it("an event's content, payload and all", async () => {
    const event = makeEvent({ id: 'a/b c', payload: { some: ['thing'] } });
    await listen(null, { stored: async (id) => (id === 'a/b c' ? [event] : []) });
    expect((await ask('/api/events/a%2Fb%20c/content')).answer).toEqual({ events: [event] });
    const unknown = await ask('/api/events/other/content');
    expect([unknown.status, unknown.answer.error.code]).toEqual([404, 'unknown-event']);
  });

  it('a replay, which is logged', async () => {
    await listen(null);
    const since = '2026-03-02T09:00:00.000Z';
    const { answer } = await replay({ ids: ['1', 'evt_2'], states: ['dead'], since, again: true, dry_run: true });
    expect(answer).toEqual(RESULT);
    const selection = { ids: ['1', 'evt_2'], states: ['dead'], since: Date.parse(since), again: true };
    expect(asked).toEqual([{ ...selection, dryRun: true, by: null, actor: ACTOR }]);
    expect(log.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'replay', deliveries: 1, dryRun: true, by: null, ...ACTOR },
    ]);
  });
});

describe('the audit', () => {
  it('is read page by page', async () => {
    await listen(null);
    const { answer } = await ask('/api/audit?since=2026-03-02T09:00:00Z&before=7&limit=9');
    expect(answer).toEqual({ entries: [], next: null });
    await ask('/api/audit');
    expect(asked).toEqual([{ since: Date.parse('2026-03-02T09:00:00Z'), before: 7, limit: 9 }, { limit: 50 }]);
    for (const query of ['limit=0', 'limit=1001', 'before=x', 'since=yesterday', 'unknown=1']) {
      expect((await ask(`/api/audit?${query}`)).status).toBe(400);
    }
  });

  it.each<readonly [string, Record<string, string>, object]>([
    ['a client of the API', {}, { via: 'api' }],
    ['a command', { 'user-agent': 'alo-relay/0.2.0' }, { via: 'command' }],
    ['a page of the dashboard', { 'sec-fetch-site': 'same-origin', 'user-agent': 'alo-relay/1' }, { via: 'dashboard' }],
    ['what a trusted proxy passes on', { 'x-forwarded-for': '203.0.113.7' }, { address: '203.0.113.7' }],
    ['what a proxy says that is no address', { 'x-forwarded-for': 'Maria' }, { address: '127.0.0.1' }],
  ])('is told of %s', async (_, headers, actor) => {
    await listen(null, {}, { trustsProxy: (address) => address === '127.0.0.1' });
    const body = JSON.stringify({ ids: ['1'] });
    await ask('/api/replay', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    expect(asked).toMatchObject([{ actor: { ...ACTOR, ...actor } }]);
  });

  it('believes no other client about its address', async () => {
    await listen(null);
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' };
    await ask('/api/replay', { method: 'POST', headers, body: JSON.stringify({ ids: ['1'] }) });
    expect(asked).toMatchObject([{ actor: ACTOR }]);
  });
});

describe('a dismissal', () => {
  it('is asked for with a reason, and logged without it', async () => {
    await listen(null);
    const by = 'maria';
    const selection = { ids: ['1'], events: ['e2'], routes: ['r'], states: ['dead'] };
    const { answer } = await dismiss({ ...selection, reason_codes: ['x'], reason: ' the project is over ', by });
    expect(answer).toEqual(DISMISSED);
    const order = { ...selection, codes: ['x'], reason: 'the project is over', by, dryRun: false };
    expect(asked).toEqual([{ ...order, actor: ACTOR }]);
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ msg: 'dismiss', dismissed: 2, by, ...ACTOR }]);
  });

  it.each([
    ['no reason', { states: ['dead'] }, /reason/],
    ['an empty reason', { states: ['dead'], reason: '  ' }, /Say why/],
    ['a reason that is too long', { states: ['dead'], reason: 'x'.repeat(1001) }, /reason/],
    ['nothing selected', { reason: 'r' }, /Say what to dismiss: ids, events/],
    ['what arrived', { states: ['sent'], reason: 'r' }, /states/],
    ['an unknown key', { states: ['dead'], reason: 'r', again: true }, /again/],
  ])('with %s: 400, and why', async (_, body, message) => {
    await listen(null);
    const { status, answer } = await dismiss(body);
    expect(answer.error).toEqual({ code: 'bad-request', message: expect.stringMatching(message) });
    expect([status, asked]).toEqual([400, []]);
  });
});

describe('what is refused', () => {
  it.each([
    ['?state=lost', /pending, sending, sent/],
    ['?limit=0', /1 to 1000/],
    ['?limit=1001', /1 to 1000/],
    ['?limit=1&limit=2', /limit/],
    ['?before=-1', /before/],
    ['?seq=x', /seq/],
    ['?since=yesterday', /ISO 8601/],
    ['?stat=dead', /stat.*Did you mean "state"/],
    ['?__proto__=1', /Unknown/],
  ])('deliveries%s: 400, and why', async (query, message) => {
    await listen(null);
    const { status, answer } = await ask(`/api/deliveries${query}`);
    expect(status).toBe(400);
    expect(answer.error).toEqual({ code: 'bad-request', message: expect.stringMatching(message) });
    expect(asked).toEqual([]);
  });

  it.each([
    ['nothing at all', '', /JSON object/],
    ['no JSON', '{', /JSON object/],
    ['no object', [], /JSON object/],
    ['nothing selected', {}, /ids, events, states/],
    ['nothing selected, in lists', { ids: [], states: [] }, /ids, events, states/],
    ['only how', { again: true }, /ids, events, states/],
    ['an unknown key', { states: ['dead'], dryrun: true }, /dryrun.*Did you mean "dry_run"/],
    ['a state that is not listed', { states: ['sent'] }, /states/],
    ['ids that are numbers', { ids: [1] }, /ids/],
    ['too many ids', { ids: Array.from({ length: 1001 }, (_, index) => `${index}`) }, /ids/],
    ['an id that is too long', { ids: ['x'.repeat(513)] }, /ids/],
    ['a time that is none', { since: '2h' }, /ISO 8601/],
    ['words for true', { states: ['dead'], again: 'yes' }, /again/],
  ])('a replay of %s: 400, and why', async (_, body, message) => {
    await listen(null);
    const { status, answer } = await replay(body);
    expect(answer.error).toEqual({ code: 'bad-request', message: expect.stringMatching(message) });
    expect([status, asked]).toEqual([400, []]);
  });

  it('a body that is too large: 413', async () => {
    await listen(null);
    const { status, answer } = await replay(' '.repeat(256 * 1024 + 1));
    expect([status, answer.error.code, asked]).toEqual([413, 'body-too-large', []]);
  });

  it.each([
    ['GET', '/nothing', 404, 'unknown-path'],
    ['GET', '/api/playground/materials', 404, 'unknown-path'],
    ['GET', '/api', 404, 'unknown-path'],
    ['GET', '/api/events/1/2', 404, 'unknown-path'],
    ['POST', '/webhooks/alo', 404, 'unknown-path'],
    ['GET', '/api/replay', 405, 'method-not-allowed'],
    ['POST', '/api/deliveries', 405, 'method-not-allowed'],
    ['OPTIONS', '/api/replay', 405, 'method-not-allowed'],
  ])('%s %s: %i', async (method, path, status, code) => {
    await listen(null);
    const response = await ask(path, { method });
    expect([response.status, response.answer.error.code]).toEqual([status, code]);
    if (status === 405) expect(response.headers.allow).toBe(path === '/api/replay' ? 'POST' : 'HEAD, GET');
  });

  it.each([
    ['the journal', journalError('journal-full', 'relay.db'), 503, 'unavailable'],
    ['anything else', new TypeError('no such thing'), 500, 'internal'],
  ])('%s fails: said without detail, and logged with it', async (_, error, status, code) => {
    await listen(null, { replay: () => Promise.reject(error) });
    const response = await replay({ states: ['dead'] });
    expect([response.status, response.answer.error.code]).toEqual([status, code]);
    expect(JSON.stringify(response.answer)).not.toContain(error.message);
    expect(log.join('')).toContain(error.message);
  });
});
