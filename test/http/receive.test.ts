import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, streamLogger } from '../../src/core/log.ts';
import { createPublicServer, type ServerParts } from '../../src/http/server.ts';
import { journalError } from '../../src/journal/errors.ts';
import { ALLO_SECRET, ALO_SECRET, type Service, startService, TOKEN } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

let service: Service;

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  await service.stop();
});

const BODY = '{"topic":"call.received","data":{"id":"cll_1","from_number":"+33199000000"}}';

/** Headers signed for BODY at `offsetS` from now, with changes. */
function signed(offsetS = 0, changes: Record<string, string> = {}, body = BODY): Record<string, string> {
  const message = { body, messageId: `msg_h${Math.random()}`, nowMs: Date.now() + offsetS * 1000 };
  return { ...service.source('allo').sign(message), ...changes };
}

async function post(headers: Record<string, string>, body = BODY, path = '/webhooks/allo') {
  const response = await fetch(`${service.url}${path}`, { method: 'POST', headers, body, redirect: 'manual' });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\r\n');
}

/** What a raw request is answered; the connection is closed after it. */
async function raw(request: string, port = service.app.address().port): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: string[] = [];
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(request);
  await once(socket, 'close');
  return chunks.join('');
}

describe('what is refused', () => {
  it.each([
    ['unsigned', () => ({ 'content-type': 'application/json' }), 'signature-missing'],
    ['wrongly signed', () => signed(0, { 'webhook-signature': `v1,${'A'.repeat(43)}=` }), 'signature-mismatch'],
    ['signed for another body', () => signed(0, {}, '{}'), 'signature-mismatch'],
    ['signed for another id', () => signed(0, { 'webhook-id': 'msg_other' }), 'signature-mismatch'],
    ['stale', () => signed(-301), 'timestamp-stale'],
    ['from the future', () => signed(302), 'timestamp-future'],
    ['a timestamp that is no number', () => signed(0, { 'webhook-timestamp': '1e9' }), 'timestamp-malformed'],
  ])('%s: 401', async (_, headers, code) => {
    const { status, answer } = await post(headers());
    expect(status).toBe(401);
    expect(answer).toMatchObject({ error: { code } });
  });

  it('a header that comes twice: 401', async () => {
    const { 'webhook-id': id, ...rest } = signed();
    const lines = [...Object.entries(rest), ['webhook-id', id], ['webhook-id', 'msg_2']].map(
      ([key, value]) => `${key}: ${value}`,
    );
    const answer = await raw(
      `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${BODY.length}\r\n${lines.join('\r\n')}\r\n\r\n${BODY}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['POST', '/', 404, 'unknown-path'],
    ['POST', '/webhooks', 404, 'unknown-path'],
    ['POST', '/webhooks/allo/more', 404, 'unknown-path'],
    ['POST', '/webhooks/other', 404, 'unknown-source'],
    ['POST', '/webhooks/__proto__', 404, 'unknown-source'],
    ['GET', '/webhooks/allo', 405, 'method-not-allowed'],
    ['PUT', '/webhooks/allo', 405, 'method-not-allowed'],
    ['DELETE', '/webhooks/other', 405, 'method-not-allowed'],
  ])('%s %s: %i', async (method, path, status, code) => {
    const response = await fetch(`${service.url}${path}`, { method, headers: method === 'GET' ? {} : signed() });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    if (status === 405) expect(response.headers.get('allow')).toBe('POST');
  });

  it('unsigned or stale: 401 before a byte of the body has come', async () => {
    const request = (lines: Record<string, string>) =>
      `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nconnection: close\r\n${headerLines(lines)}\r\n\r\n`;
    expect(await raw(request({}))).toMatch(/^HTTP\/1\.1 401 .*signature-missing/s);
    expect(await raw(request(signed(-301)))).toMatch(/^HTTP\/1\.1 401 .*timestamp-stale/s);
  });

  it('more bodies at once than may be held: 503 with Retry-After for the slowest', async () => {
    const limits = () => ({ bodyLimitBytes: 10_000, bodyBudgetBytes: 20_000 });
    await using server = await listening({ limits });
    const request = `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 10000\r\n${headerLines(signed())}\r\n\r\n${'x'.repeat(9_000)}`;
    const answers = Promise.race([1, 2, 3].map(() => raw(request, server.port)));
    expect(await answers).toMatch(/^HTTP\/1\.1 503 (?=.*retry-after: 5)(?=.*"code":"overloaded")/is);
  });

  it('silent connections make room, the oldest first, for who sends a request', async () => {
    await using server = await listening({ maxConnections: 40 });
    const silent = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1').on('error', () => undefined));
    const closed = silent.map((socket) => once(socket, 'close'));
    await Promise.all(closed.slice(0, 60));
    for (let n = 0; n < 5; n++) {
      expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
    }
    for (const socket of silent) socket.destroy();
  });

  it('too large, declared: 413 before it is read', async () => {
    const answer = await raw(
      `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 262145\r\n${headerLines(signed())}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"body-too-large"');
  });

  it('too large, chunked: 413 as soon as it is', async () => {
    const chunk = `${(32_768).toString(16)}\r\n${'x'.repeat(32_768)}\r\n`;
    const answer = await raw(
      `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n${headerLines(signed())}\r\n\r\n${chunk.repeat(9)}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('aborted in the middle of the body: nothing happens, and the next is served', async () => {
    const lines: object[] = [];
    await using server = await listening({ log: { ...silentLogger, warn: (line: object) => lines.push(line) } });
    const socket = connect(server.port, '127.0.0.1');
    const headers = headerLines(signed());
    socket.write(`POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n${headers}\r\n\r\nabc`);
    await once(socket, 'connect');
    socket.destroy();
    await until(() => lines.length === 2);
    expect(lines).toContainEqual(expect.objectContaining({ source: 'allo', code: 'body-incomplete' }));
    for (const line of lines) expect(line).toMatchObject({ client: '127.0.0.1' });
    const bytes = `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n${headers}\r\n\r\nabc`.length;
    expect(lines).toContainEqual(expect.objectContaining({ bytes }));
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
  });

  it('not HTTP at all: 400', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('slow: 408, after the time a request may take', async () => {
    await using server = await listening({ requestTimeoutMs: 50 });
    const request = `POST /webhooks/allo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n${headerLines(signed())}\r\n\r\nab`;
    const answer = await raw(request, server.port);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ['the disk is full', { accept: () => Promise.reject(journalError('journal-full', 'relay.db')) }, 'unavailable'],
    ['something is broken', { accept: () => Promise.reject(new TypeError('no such thing')) }, 'internal'],
    ['the service is stopping', { stopping: () => true }, 'stopping'],
  ])('%s: 503 with Retry-After, and the sender sends again', async (_, parts, code) => {
    await using server = await listening(parts);
    const init = { method: 'POST', headers: signed(), body: BODY };
    const response = await fetch(`http://127.0.0.1:${server.port}/webhooks/allo`, init);
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([503, true]);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(text).not.toContain('no such thing');
  });
});

/** The public listener alone, with parts of it replaced. */
async function listening(parts: Partial<ServerParts>) {
  const server = createPublicServer({
    source: service.source,
    accept: () => Promise.reject(new Error('never reached')),
    limits: () => ({ bodyLimitBytes: 1000, bodyBudgetBytes: 100_000 }),
    trustsProxy: () => false,
    maxConnections: 100,
    log: silentLogger,
    readiness: async () => ({ ready: true, checks: {} }),
    stopping: () => false,
    ...parts,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: address.port, [Symbol.asyncDispose]: close };
}

describe('what is taken', () => {
  it.each([
    ['an event', BODY],
    ['an empty body', ''],
    ['not JSON', 'hello'],
    ['a scalar', '42'],
    ['null', 'null'],
    ['an array', '[1]'],
    ['__proto__ keys', '{"topic":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'],
    ['\\u0000', '{"topic":"a\\u0000b","data":{"id":"\\u0000"}}'],
    ['a BOM', '\ufeff{"topic":"x"}'],
    ['duplicate keys', '{"topic":"a","topic":"b"}'],
    ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a topic nobody knows', '{"topic":"fax.received"}'],
  ])('%s: 200', async (_, body) => {
    const response = await service.post('allo', body);
    expect([response.status, await response.text()]).toEqual([200, '{}']);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('the same again: 200, and once in Slack', async () => {
    const body = '{"topic":"fax.sent","data":{"id":"fax_once"}}';
    const answers = await Promise.all([1, 2, 3].map(() => service.post('allo', body, { messageId: 'msg_same' })));
    answers.push(await service.post('allo', body, { messageId: 'msg_same' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const outcomes = () =>
      service.log.filter((line) => line.includes('msg_same')).map((line) => JSON.parse(line).outcome);
    await until(() => outcomes().includes('sent'));
    expect(outcomes().toSorted()).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate', 'sent']);
  });

  it('the same id under another source is another event', async () => {
    const alo = await service.post('alo', '{"type":"action_created","action":{"id":"a1","title":"T"}}');
    expect(alo.status).toBe(200);
  });

  it('compressed: kept as plain text; 413 where it would be larger than the limit', async () => {
    const send = (body: Buffer) => {
      const mac = createHmac('sha256', Buffer.from(ALLO_SECRET.slice(6), 'base64'));
      const [id, seconds] = [`msg_${Math.random()}`, `${Math.floor(Date.now() / 1000)}`];
      const headers = {
        'content-encoding': 'gzip',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${mac.update(`${id}.${seconds}.`).update(body).digest('base64')}`,
      };
      return fetch(`${service.url}/webhooks/allo`, { method: 'POST', headers, body });
    };
    expect((await send(gzipSync('{"topic":"compressed.event","data":{}}'))).status).toBe(200);
    await until(() => service.log.some((line) => line.includes('"topic":"compressed.event"')));
    const bomb = await send(gzipSync(Buffer.alloc(512 * 1024)));
    expect(bomb.status).toBe(413);
    expect(await bomb.json()).toMatchObject({ error: { code: 'body-too-large' } });
    expect((await send(gzipSync('{"topic":"cut.event"}').subarray(0, 20))).status).toBe(200);
    await until(() => service.log.some((line) => line.includes('its Content-Encoding could not be undone')));
  });

  it('the same id with another body: 200, with one warning per event', async () => {
    const messageId = 'msg_conflict';
    const statuses: number[] = [];
    for (const n of [1, 2, 3, 1]) {
      const body = `{"topic":"call.received","data":{"n":${n}}}`;
      const headers = service.source('allo').sign({ body, messageId, nowMs: Date.now() });
      statuses.push((await post(headers, body)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200]);
    const warnings = service.log.filter((line) => line.includes('with another body')).map((line) => JSON.parse(line));
    expect(warnings).toMatchObject([{ code: 'other-body', event: messageId, source: 'allo', client: '127.0.0.1' }]);
  });

  it.each(['webhook_url_verification', 'webhook_url_validation'])('the handshake %s is answered', async (type) => {
    const body = JSON.stringify({ challenge: '3eZbrw1a-0d4c', type });
    const response = await service.post('alo', body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ challenge: '3eZbrw1a-0d4c' });
    const unsigned = await fetch(`${service.url}/webhooks/alo`, { method: 'POST', body });
    expect(unsigned.status).toBe(401);
  });
});

describe('health', () => {
  it('says that it lives and that it is ready', async () => {
    const live = await fetch(`${service.url}/healthz`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${service.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: 'ready', checks: { journal: { ok: true } } },
    ]);
  });

  it('says of each check whether it is passed', async () => {
    const passed = await fetch(`${service.url}/readyz/journal`);
    expect([passed.status, await passed.json()]).toMatchObject([200, { ok: true }]);
    for (const unknown of ['disk', 'constructor']) {
      expect((await fetch(`${service.url}/readyz/${unknown}`)).status).toBe(404);
    }
  });
});

describe('the event that an answer names', () => {
  it('is the one that is stored; a duplicate makes none, and neither does what is refused', async () => {
    const headers = signed();
    const first = await post(headers);
    expect(first.headers.get('event-id')).toBe(headers['webhook-id']);
    const line = service.log.findLast((one) => one.includes('"accepted"')) ?? '';
    expect(JSON.parse(line).event).toBe(headers['webhook-id']);
    expect((await post(headers)).headers.get('event-id')).toBe(null);
    expect((await post({ ...headers, 'webhook-signature': 'v1,x' })).headers.get('event-id')).toBe(null);
  });

  it('has an id of its own where the sender gives none', async () => {
    const body = JSON.stringify({ type: 'x', at: Math.random() });
    const asked = service.source('alo').sign({ body, messageId: 'msg_1', nowMs: Date.now() });
    const { headers } = await post(asked, body, '/webhooks/alo');
    expect(headers.get('event-id')).toMatch(/^evt_\w+$/);
  });

  it('has the id that is stored, where the sender gives a very long one', async () => {
    const message = { body: BODY, messageId: 'x'.repeat(201), nowMs: Date.now() };
    const { status, headers } = await post(service.source('allo').sign(message));
    const line = service.log.findLast((one) => one.includes('"accepted"')) ?? '';
    expect([status, headers.get('event-id')]).toEqual([200, JSON.parse(line).event]);
  });
});

describe('the log', () => {
  it('has one line a webhook, with the id the answer carries', async () => {
    const response = await service.post('allo', BODY, { headers: { 'request-id': 'mine-1' } });
    expect(response.headers.get('request-id')).toBe('mine-1');
    const lines = service.log.filter((line) => line.includes('mine-1')).map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ msg: 'webhook', outcome: 'accepted', source: 'allo', topic: 'call.received' }]);
    const odd = await service.post('allo', BODY, { headers: { 'request-id': 'a b' } });
    expect(odd.headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a broken chunk', (lines: string) => `transfer-encoding: chunked\r\n${lines}\r\n\r\nzz-MARKER\r\nMARKER`],
    ['a broken header', (lines: string) => `${lines}\r\nMARKER(\x01: MARKER\r\n\r\nMARKER`],
    ['junk behind a good body', (lines: string) => `content-length: 8\r\n${lines}\r\n\r\n"MARKER"MARKER\r\n\r\n`],
    ['a length that is none', (lines: string) => `content-length: 8MARKER\r\n${lines}\r\n\r\n"MARKER"`],
  ])('holds no byte of a request: %s', async (_, request) => {
    const lines = headerLines(signed(0, { authorization: 'Bearer MARKER', 'x-marker': 'MARKER' }, '"MARKER"'));
    const before = service.log.length;
    await raw(`POST /webhooks/allo?MARKER HTTP/1.1\r\nhost: MARKER\r\n${request(lines)}`);
    const written = service.log.slice(before).join('');
    // 77,65,82,75 is MARK as a buffer's numbers.
    expect(written).not.toMatch(/MARKER|77,65,82,75|rawPacket|TUFSS0VS/);
  });

  it.each([
    [
      'while the journal is away, without a stack',
      () => journalError('journal-full', 'relay.db'),
      'journal-full',
      false,
    ],
    ['of a defect, with its stack', () => new TypeError('no such thing'), 'internal', true],
  ])('is bounded in what it says %s', async (_, failure, code, stack) => {
    const lines: string[] = [];
    const log = streamLogger({ write: (line) => lines.push(line) });
    await using server = await listening({ log, accept: () => Promise.reject(failure()) });
    const answers = Array.from({ length: 30 }, () =>
      fetch(`http://127.0.0.1:${server.port}/webhooks/allo`, { method: 'POST', headers: signed(), body: BODY }),
    );
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(503);
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      Array.from({ length: 10 }, () => expect.objectContaining({ level: 'error', code, client: '127.0.0.1' })),
    );
    expect(lines.some((line) => line.includes(' at '))).toBe(stack);
  });

  it('says who was refused: behind a trusted proxy, whom that names, where it names an address', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = { ...silentLogger, warn: (line: object) => lines.push({ ...line }) };
    await using server = await listening({ log, trustsProxy: (address) => address === '127.0.0.1' });
    const from = (forwarded: string) =>
      fetch(`http://127.0.0.1:${server.port}/webhooks/allo`, {
        method: 'POST',
        headers: { 'x-forwarded-for': forwarded },
        body: '{}',
      });
    await from('203.0.113.9, 198.51.100.7');
    await from('<script>');
    expect(lines).toMatchObject([
      { source: 'allo', code: 'signature-missing', client: '198.51.100.7' },
      { client: '127.0.0.1' },
    ]);
  });

  it('holds no secret, no signature and nothing a person wrote', async () => {
    await service.post('allo', '{"topic":"sms.received","data":{"id":"s1","content":"my private words"}}');
    await until(() => service.log.some((line) => line.includes('"sms.received"')));
    const log = service.log.join('');
    for (const hidden of [
      ALO_SECRET,
      ALLO_SECRET,
      ALLO_SECRET.slice(6),
      TOKEN,
      'v1,',
      'my private words',
      '+33199000000',
    ]) {
      expect(log).not.toContain(hidden);
    }
  });
});
