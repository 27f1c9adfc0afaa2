import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findService, remoteHistory } from '../../src/client/remote-history.ts';
import { Secret } from '../../src/core/secret.ts';
import { freePort } from '../helpers/free-port.ts';

const ORIGIN = 'http://127.0.0.1:3001';
const SERVICE = { url: ORIGIN, token: new Secret('the-admin-token') };
const SINCE = Date.parse('2026-03-02T09:00:00Z');

const history = remoteHistory(SERVICE);
const page = { deliveries: [], next: 7 };
const replayed = { dry_run: true, deliveries: 1, conversations: 1, replaced: 1, skipped: [], unknown_ids: ['x'] };
const dismissed = { dry_run: false, dismissed: 2, skipped: [], unknown_ids: [] };
const event = {
  number: 1,
  id: 'a/b',
  source: 's',
  topic: 't',
  subject: null,
  title: null,
  received_at: '2026-03-02T09:00:00Z',
};

beforeEach(() => nock.disableNetConnect());

afterEach(() => {
  const unasked = nock.pendingMocks();
  nock.cleanAll();
  nock.enableNetConnect();
  expect(unasked).toEqual([]);
});

/** The service, asked with the token. */
const service = () => nock(ORIGIN, { reqheaders: { authorization: 'Bearer the-admin-token' } });
const failure = (code: string, message = 'What to do.') => ({ error: { code, message } });

describe('what is asked, and what is answered', () => {
  it('deliveries', async () => {
    const query = { limit: '9', seq: '1,2', state: 'dead,parked', since: '2026-03-02T09:00:00.000Z', before: '5' };
    service().get('/api/deliveries').query(query).reply(200, page);
    const filter = { numbers: [1, 2], states: ['dead', 'parked'] as const, since: SINCE, before: 5, limit: 9 };
    expect(await history.deliveries(filter)).toEqual(page);
    service().get('/api/deliveries').query({ limit: '1' }).reply(200, page);
    expect(await history.deliveries({ limit: 1 })).toEqual(page);
  });

  it('an event, or none', async () => {
    const account = { event, deliveries: [], counted_by: ['r'], conflicts: null };
    service()
      .get('/api/events/a%2Fb')
      .reply(200, { events: [account] });
    expect(await history.events('a/b')).toEqual([account]);
    service().get('/api/events/other').reply(404, failure('unknown-event'));
    expect(await history.events('other')).toEqual([]);
  });

  it('an event whole: an id of its payload keeps its digits', async () => {
    const body = '{"events":[{"id":"e","payload":{"n":1524831183200260097}}]}';
    service().get('/api/events/e/content').reply(200, body, { 'content-type': 'application/json' });
    expect(await history.stored('e')).toMatchObject([{ id: 'e', payload: { n: 1524831183200260097n } }]);
  });

  it('a replay', async () => {
    const selection = { ids: ['1'], events: ['e'], states: ['dead'], routes: ['r'] };
    const body = { ...selection, reason_codes: ['x'], since: '2026-03-02T09:00:00.000Z', again: true, dry_run: true };
    service().post('/api/replay', body).matchHeader('content-type', 'application/json').reply(200, replayed);
    const asked = { ids: ['1'], events: ['e'], states: ['dead'] as const, routes: ['r'], codes: ['x'] };
    expect(await history.replay({ ...asked, since: SINCE, again: true, dryRun: true })).toEqual(replayed);
  });

  it('a dismissal', async () => {
    const body = { routes: ['r'], reason_codes: ['x'], reason: 'why', by: null, dry_run: false };
    service().post('/api/dismiss', body).matchHeader('content-type', 'application/json').reply(200, dismissed);
    const order = { routes: ['r'], codes: ['x'], reason: 'why', by: null, dryRun: false };
    expect(await history.dismiss(order)).toEqual(dismissed);
  });
});

describe('what goes wrong', () => {
  const OTHER = /another version\. Use its own alo-relay command\.$/;

  it.each<readonly [string, number, string | object, RegExp]>([
    ['a wrong token', 401, failure('unauthorized', 'The token is needed.'), /The token is needed\.$/],
    ['a foreign host', 403, failure('wrong-host', 'Ask for it as localhost.'), /Ask for it as localhost\.$/],
    ['a path that it does not have', 404, failure('unknown-path', 'There is nothing here.'), OTHER],
    ['a conflict', 409, failure('conflict', 'Ask again.'), /Ask again\.$/],
    ['an error of its own', 500, failure('internal', 'See the log.'), /See the log\.$/],
    ['an error page of a proxy', 502, '<html>Bad gateway</html>', /it answered 502\. See its log\.$/],
    ['a page instead of JSON', 200, '<html>', OTHER],
    ['JSON of another shape', 200, { deliveries: 'many' }, OTHER],
    ['a redirect, which is not followed', 302, '', /it answered 302/],
  ])('%s: %i', async (_, status, body, message) => {
    const location = status === 302 ? { location: 'http://elsewhere.example/' } : {};
    service().post('/api/replay').reply(status, body, location);
    const rejected = expect(history.replay({ ids: ['1'] })).rejects;
    await rejected.toMatchObject({ code: 'service-failed', message: expect.stringMatching(message) });
  });

  it('nobody listens, by a real socket: the code, and no token', async () => {
    nock.enableNetConnect('127.0.0.1');
    const nobody = { ...SERVICE, url: `http://127.0.0.1:${await freePort()}` };
    const error = await remoteHistory(nobody)
      .replay({ ids: ['1'] })
      .catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/the connection ended \(ECONNREFUSED\)\. Ask again\.$/);
    expect(await findService(nobody)).toEqual({ kind: 'nothing' });
  });
});

describe('what is found at the address', () => {
  const other = (why: RegExp) => ({ kind: 'other', why: expect.stringMatching(why) });

  it.each<readonly [string, number, string | object, unknown]>([
    ['the service', 200, { service: 'alo-relay', journal: '/relay.db' }, { kind: 'service', journal: '/relay.db' }],
    ['one that refuses the token', 401, failure('unauthorized'), other(/Give this command the admin\.token/)],
    ['one without its journal', 503, failure('unavailable'), other(/cannot use its journal now\. See its log\.$/)],
    ['something else', 200, { hello: 'world' }, other(/something else answers \(200\)\. Give the service another/)],
    ['something that wants another token', 401, 'Who are you?', other(/something else answers \(401\)/)],
  ])('%s', async (_, status, body, found) => {
    service().get('/api/status').reply(status, body);
    expect(await findService(SERVICE)).toEqual(found);
  });
});
