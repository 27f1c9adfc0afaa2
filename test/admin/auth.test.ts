import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { type Asking, adminParts, type Listener, listen, READ_ONLY_TOKEN, TOKEN, withToken } from './listener.ts';

const HOUR_MS = 3_600_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const REPLAY = JSON.stringify({ states: ['dead'] });

let clock: ManualClock;
let listener: Listener;

afterEach(() => {
  vi.useRealTimers();
  listener.close();
});

async function open(parts = withToken): Promise<void> {
  clock = new ManualClock();
  const result = { dry_run: false, deliveries: 0, conversations: 0, replaced: 0, skipped: [], unknown_ids: [] };
  const { history } = adminParts();
  listener = await listen(parts({ clock, history: { ...history, replay: async () => result } }));
}

const own = () => ({ origin: `http://localhost:${listener.port}` });

function signIn(token = TOKEN, { headers = own(), ...asking }: Asking = {}) {
  const body = JSON.stringify({ token });
  return listener.ask('/api/session', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body, ...asking });
}

/** What a browser sends back of a `Set-Cookie`. */
async function cookie(asking?: Asking): Promise<string> {
  const { headers } = await signIn(TOKEN, asking);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const unused = () => Promise.reject(new Error('not asked for in this test'));

/** The status of an answer that may go on for ever. */
async function looked(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const response = await listener.open(path, { headers });
  response.destroy();
  return response.statusCode;
}

const statusOf = async (headers: Record<string, string>, path = '/api/status') =>
  (await listener.ask(path, { headers })).status;

describe('a session', () => {
  it('begins with the token, and ends when it is told to', async () => {
    await open();
    const { status, headers, answer } = await signIn();
    expect([status, answer]).toEqual([200, {}]);
    const [set = ''] = headers['set-cookie'] ?? [];
    expect(set).toMatch(/^alo-relay-session=[\w-]{43}; path=\/; samesite=strict; httponly$/);
    const kept = set.split(';')[0] ?? '';
    expect(await statusOf({ cookie: `theme=dark; ${kept}` })).toBe(200);
    const ended = await listener.ask('/api/session/end', { method: 'POST', headers: { cookie: kept, ...own() } });
    expect([ended.status, ended.headers['set-cookie']?.[0]]).toEqual([
      200,
      expect.stringContaining('expires=Thu, 01 Jan 1970'),
    ]);
    expect(await statusOf({ cookie: kept })).toBe(401);
  });

  it('is of TLS where that is in front, and of this host alone', async () => {
    await open();
    const headers = { 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin' };
    const { headers: given } = await signIn(TOKEN, { headers });
    expect(given['set-cookie']?.[0]).toMatch(/^__Host-alo-relay-session=.*; secure;/);
    const kept = given['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(await statusOf({ cookie: kept, 'x-forwarded-proto': 'https' })).toBe(200);
    expect(await statusOf({ cookie: kept.replace('__Host-', ''), 'x-forwarded-proto': 'https' })).toBe(401);
  });

  it('lasts for twelve hours after it was last used', async () => {
    await open();
    const kept = await cookie();
    for (const hours of [11.9, 11.9]) {
      await clock.advance(hours * HOUR_MS);
      expect(await statusOf({ cookie: kept })).toBe(200);
    }
    await clock.advance(12 * HOUR_MS + 1);
    expect(await statusOf({ cookie: kept })).toBe(401);
  });

  it('makes room when there are very many: the one that was not used for longest ends', async () => {
    await open();
    const first = await cookie();
    const second = await cookie();
    for (let count = 0; count < 298; count++) await cookie();
    expect(await statusOf({ cookie: first })).toBe(200);
    await cookie();
    expect([await statusOf({ cookie: first }), await statusOf({ cookie: second })]).toEqual([200, 401]);
  });

  it.each([
    ['no cookie', () => ({})],
    ['another id', () => ({ cookie: `alo-relay-session=${'A'.repeat(43)}` })],
    ['the token itself', () => ({ cookie: `alo-relay-session=${TOKEN}` })],
    ['an empty one', () => ({ cookie: 'alo-relay-session=' })],
    ['a wrong token beside it', (kept: string) => ({ cookie: kept, authorization: 'Bearer wrong' })],
  ])('%s: 401, and nothing is told', async (_, headers) => {
    await open();
    const kept = await cookie();
    for (const path of ['/api/status', '/api/events', '/api/live', '/api/nothing', '/metrics']) {
      const { status, answer, text } = await listener.ask(path, { headers: headers(kept) });
      expect([status, answer.error.code]).toEqual([401, 'unauthorized']);
      expect(text).not.toContain(TOKEN);
    }
  });

  it.each([
    ['its own page', {}, 200],
    ['its own page, as the browser says', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 200],
    ['no page at all', { origin: '' }, 403],
    ['a page of another port', { origin: 'http://localhost:1' }, 403],
    ['a page of another site', { origin: 'http://attacker.example' }, 403],
    ['a page that may not say', { origin: 'null' }, 403],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
    ['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
  ])('what changes something, asked for by %s: %s → %i', async (_, more, expected) => {
    await open();
    const kept = await cookie();
    const headers = { ...JSON_TYPE, cookie: kept, ...own(), ...more };
    const { status } = await listener.ask('/api/replay', { method: 'POST', headers, body: REPLAY });
    expect(status).toBe(expected);
    expect((await signIn(TOKEN, { headers: { ...own(), ...more } })).status).toBe(expected);
  });

  it('a form cannot send a replay, whatever it knows', async () => {
    await open();
    const headers = { cookie: await cookie(), ...own(), 'content-type': 'text/plain' };
    const { status } = await listener.ask('/api/replay', { method: 'POST', headers, body: REPLAY });
    expect(status).toBe(415);
  });

  it.each([
    ['no JSON', '{', 400],
    ['no token', '{}', 400],
    ['more than a token', `{"token":"${TOKEN}","x":1}`, 400],
    ['a token of another type', '{"token":["the-admin-token"]}', 400],
    ['a body that is too long', `{"token":"${'x'.repeat(5000)}"}`, 413],
  ])('signing in with %s', async (_, body, status) => {
    await open();
    const headers = { ...JSON_TYPE, ...own() };
    expect((await listener.ask('/api/session', { method: 'POST', headers, body })).status).toBe(status);
  });

  it('is not needed on loopback without a token', async () => {
    await open(adminParts);
    expect((await signIn('anything')).headers['set-cookie']).toBeUndefined();
    expect(await statusOf({})).toBe(200);
  });
});

describe('the read-only token', () => {
  const READS = ['/api/status', '/api/deliveries', '/api/overview', '/api/series', '/api/live', '/metrics'];
  const CHANGES = [
    ['POST', '/api/replay'],
    ['POST', '/api/dismiss'],
    ['PUT', '/api/deliveries'],
    ['PATCH', '/api/events/1'],
    ['POST', '/api/whatever-comes-later'],
  ] as const;

  it('lets everything be seen, and nothing be changed', async () => {
    await open();
    const headers = { ...JSON_TYPE, authorization: `Bearer ${READ_ONLY_TOKEN}` };
    for (const path of READS)
      expect([path, await looked(path, headers)]).toEqual([path, path === '/metrics' ? 404 : 200]);
    for (const [method, path] of CHANGES) {
      const { status, answer } = await listener.ask(path, { method, headers, body: REPLAY });
      expect([path, status, answer.error]).toEqual([
        path,
        403,
        { code: 'read-only', message: expect.stringMatching(/Use admin\.token\.$/) },
      ]);
    }
  });

  it('is a session that can do no more', async () => {
    await open();
    const { status, headers: given } = await signIn(READ_ONLY_TOKEN);
    const kept = given['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect([status, (await listener.ask('/api/status', { headers: { cookie: kept } })).answer.role]).toEqual([
      200,
      'read-only',
    ]);
    const headers = { ...JSON_TYPE, cookie: kept, ...own() };
    const replayed = await listener.ask('/api/replay', { method: 'POST', headers, body: REPLAY });
    expect([replayed.status, replayed.answer.error.code]).toEqual([403, 'read-only']);
  });

  it('is none where the config has none', async () => {
    await open((parts) => withToken({ readOnlyToken: null, ...parts }));
    expect(await statusOf({ authorization: `Bearer ${READ_ONLY_TOKEN}` })).toBe(401);
    expect(await statusOf({ authorization: 'Bearer ' })).toBe(401);
  });

  it('lets rules be tried out, which change nothing', async () => {
    const answer = { problems: [], runs: [], preview: null };
    const playground = { try: async () => answer, materials: unused, close: async () => undefined };
    await open((parts) => withToken({ playground, ...parts }));
    const headers = { ...JSON_TYPE, authorization: `Bearer ${READ_ONLY_TOKEN}` };
    const body = JSON.stringify({ event: { source: 'alo', topic: 'action_created' } });
    const { status, text } = await listener.ask('/api/playground', { method: 'POST', headers, body });
    expect([status, text]).toEqual([200, JSON.stringify(answer)]);
  });

  it('counts as the right one, however many wrong ones came before', async () => {
    await open();
    for (let tries = 0; tries < 12; tries++) await signIn('wrong');
    expect((await signIn('wrong')).status).toBe(429);
    expect((await signIn(READ_ONLY_TOKEN)).status).toBe(200);
  });
});

describe('without a token', () => {
  it.each([
    ['a link from elsewhere to the page', '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 503],
    [
      'another site asking for data',
      '/api/events',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      403,
    ],
    ['a neighbour asking for data', '/api/status', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    ['the own page asking for data', '/api/status', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a name that somebody pointed here', '/', { host: 'attacker.example' }, 403],
  ])('%s', async (_, path, headers, status) => {
    await open(adminParts);
    expect(await statusOf(headers, path)).toBe(status);
  });
});

describe('wrong tokens', () => {
  const from = (last: number) => ({ from: `127.0.1.${last}` });
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it('ten in a minute, and another one is answered 429 until it is over; the right one always passes', async () => {
    // The limiter reads the system's clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    await open();
    for (let tries = 0; tries < 5; tries++) {
      expect((await signIn('wrong', from(1))).status).toBe(401);
      expect((await listener.ask('/api/status', { ...bearer('wrong'), ...from(1) })).status).toBe(401);
    }
    vi.advanceTimersByTime(30_000);
    const refused = await signIn('wrong', from(1));
    expect([refused.status, refused.answer.error.code]).toEqual([429, 'too-many-attempts']);
    expect(refused.headers['retry-after']).toBe('30');
    for (const path of ['/api/status', '/api/deliveries']) {
      expect((await listener.ask(path, { ...bearer(TOKEN), ...from(1) })).status).toBe(200);
    }
    expect((await signIn(TOKEN, from(1))).status).toBe(200);
    expect((await listener.ask('/api/status', { ...bearer('wrong'), ...from(1) })).status).toBe(429);
    expect((await listener.ask('/api/status', { ...bearer('wrong'), ...from(2) })).status).toBe(401);
    vi.advanceTimersByTime(30_000);
    expect((await signIn('wrong', from(1))).status).toBe(401);
  });

  it('a hundred in all: whoever gave one gets 429 for the next, and the right one passes', async () => {
    await open();
    for (let host = 1; host <= 20; host++) {
      for (let tries = 0; tries < 5; tries++) expect((await signIn('wrong', from(host))).status).toBe(401);
    }
    expect((await signIn('wrong', from(7))).status).toBe(429);
    for (const host of [7, 99]) expect((await signIn(TOKEN, from(host))).status).toBe(200);
    expect((await signIn('wrong', from(98))).status).toBe(401);
    expect((await signIn('wrong', from(98))).status).toBe(429);
  });

  it('sessions go on', async () => {
    await open();
    const kept = await cookie(from(1));
    for (let tries = 0; tries < 11; tries++) await signIn('wrong', from(1));
    const { status } = await listener.ask('/api/status', { headers: { cookie: kept }, ...from(1) });
    expect(status).toBe(200);
  });
});
