import { createHmac } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  brotliCompressSync,
  constants,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eventOf } from '../../src/journal/stored-event.ts';
import { ALO_SECRET, BODY_LIMIT, NOW, NOW_S, request, type Settings, sourceOf, WHSEC } from './requests.ts';

const TEXT = '{"type":"invoice.paid","data":{"id":"in_1","card":"4242"}}';

/** Signed over what is sent, unless `over` is given. */
function send(
  encoding: string,
  body: string | Buffer,
  { over = body, ...settings }: Settings & { over?: string | Buffer } = {},
) {
  const key = Buffer.from(WHSEC.slice(6), 'base64');
  const mac = createHmac('sha256', key).update(`msg_1.${NOW_S}.`).update(over).digest('base64');
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW_S),
    'webhook-signature': `v1,${mac}`,
    'content-encoding': encoding,
  };
  const source = sourceOf('standard-webhooks', settings);
  const verdict = source.verify(request(headers, body), NOW);
  if (!verdict.ok) return { refusal: verdict.refusal };
  const { body: kept, decoded } = verdict.request;
  return { kept: kept.toString(), decoded, event: source.read(verdict.request, NOW).event };
}

describe('a body that was signed as it is sent', () => {
  it.each<[string, Buffer | string]>([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    [' GZip ', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
    ['gzip', Buffer.concat([gzipSync(TEXT.slice(0, 20)), gzipSync(TEXT.slice(20))])],
    ['gzip', Buffer.concat([gzipSync(TEXT), Buffer.from('\r\njunk')])],
    ['gzip', Buffer.concat([gzipSync(TEXT), Buffer.from([0x1f, 0x8b, 1])])],
    ['gzip', gzipSync(TEXT).subarray(0, -4)],
    ['identity, gzip', gzipSync(TEXT)],
    ['gzip, Identity,', gzipSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['gzip,gzip, gzip', gzipSync(gzipSync(gzipSync(TEXT)))],
    ['gzip, gzip', gzipSync(TEXT)],
    ['identity, identity', TEXT],
    ['identity', TEXT],
    ['', TEXT],
  ])('%s', (encoding, body) => {
    expect(send(encoding, body)).toMatchObject({ kept: TEXT, decoded: true, event: { topic: 'invoice.paid' } });
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'utf-8'])(
    '%s, decompressed by a proxy that left the header',
    (encoding) => {
      expect(send(encoding, TEXT)).toMatchObject({ kept: TEXT, decoded: true, event: { topic: 'invoice.paid' } });
    },
  );

  it('is redacted as any other', () => {
    const { kept } = send('gzip', gzipSync(TEXT), { redact: ['data.card'] });
    expect(kept).toBe(TEXT.replace('4242', '[redacted]'));
  });
});

describe('what cannot be decompressed is kept as it came', () => {
  it.each<[string, string, Buffer]>([
    ['cut off', 'gzip', gzipSync(TEXT).subarray(0, 30)],
    ['text that is not JSON, with junk behind it', 'gzip', Buffer.concat([gzipSync('a=b'), Buffer.from('junk')])],
    ['in another coding than the header says', 'br', gzipSync(TEXT)],
    ['in a coding that is not known', 'compress', gzipSync(TEXT)],
    ['in a coding that is not known, among others', 'compress, gzip', gzipSync(gzipSync(TEXT))],
    ['in codings whose second does not hold', 'br, gzip', gzipSync(gzipSync(TEXT))],
    ['in four codings', 'gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gzipSync(TEXT))))],
  ])('%s: a sentence is shown', (_, encoding, body) => {
    const payload = `(${body.length} bytes that are not text: binary data, or a compressed body that could not be decompressed)`;
    const sent = send(encoding, body);
    expect(sent).toMatchObject({ kept: body.toString(), decoded: false, event: { topic: 'unknown', payload } });
    // So it stays after a restart.
    expect(eventOf({ envelope: '{}', body })).toMatchObject({ payload });
  });

  it.each<[string, Buffer | string]>([
    ['empty', ''],
    ['text that is not JSON', 'hello=world'],
    ['text that is not UTF-8', Buffer.from('name=Jörg', 'latin1')],
    ['text with a control character', 'a\u0000b'],
  ])('%s', (_, body) => {
    const kept = Buffer.from(body).toString();
    expect(send('gzip', body)).toMatchObject({ kept, decoded: false, event: { topic: 'unknown', payload: kept } });
  });
});

describe('what grows', () => {
  const json = (length: number) => `"${'a'.repeat(length - 2)}"`;
  const codings: [string, (text: string | Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ];

  it.each(codings)('%s: up to the limit and no further', (encoding, compress) => {
    expect(send(encoding, compress(json(BODY_LIMIT)))).toMatchObject({ decoded: true });
    const { refusal } = send(encoding, compress(json(BODY_LIMIT + 1)));
    expect(refusal).toMatchObject({ code: 'body-too-large', message: expect.stringContaining('server.body_limit') });
  });

  it('in several codings: each up to the limit', () => {
    const inner = gzipSync(json(BODY_LIMIT * 50));
    expect(send('gzip, gzip', gzipSync(inner)).refusal?.code).toBe('body-too-large');
    expect(send('br, gzip', gzipSync(Buffer.alloc(BODY_LIMIT + 1))).refusal?.code).toBe('body-too-large');
  });

  it('costs no more memory than the limit', () => {
    // 250 MB of zeros, as many members of one stream.
    const member = gzipSync(Buffer.alloc(1024 ** 2));
    const bomb = Buffer.concat(Array.from({ length: 240 }, () => member));
    expect(bomb.length).toBeLessThan(BODY_LIMIT);
    const before = process.resourceUsage().maxRSS;
    expect(send('gzip', bomb).refusal?.code).toBe('body-too-large');
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(64 * 1024);
  });

  it('zstd: a frame that asks for a window beyond 8 MB gets none', async () => {
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
    stream.write(TEXT);
    // Without its length in front, a frame says the window.
    stream.flush(() => stream.end());
    expect(send('zstd', await buffer(stream))).toMatchObject({ decoded: false });
  });
});

describe('a signature that does not hold', () => {
  it('over the text before it was compressed: the refusal says what to do', () => {
    const { refusal } = send('gzip', gzipSync(TEXT), { over: TEXT });
    expect(refusal).toMatchObject({
      code: 'signature-mismatch',
      message: expect.stringMatching(/Content-Encoding.*Turn compression off, or sign after compressing\.$/),
    });
  });

  it('decompresses nothing: a stranger has no work done', () => {
    const bomb = gzipSync(Buffer.alloc(BODY_LIMIT * 4));
    expect(send('gzip', bomb, { over: 'other' }).refusal?.code).toBe('signature-mismatch');
  });

  it('says nothing of compression where there is none', () => {
    expect(send('identity', TEXT, { over: 'other' }).refusal?.message).not.toContain('Content-Encoding');
  });
});

it('without an id, the same text is the same event however it is compressed', () => {
  const keyOf = (encoding: string, body: string | Buffer, settings: Settings = {}) => {
    const mac = createHmac('sha256', ALO_SECRET).update(`v0:${NOW_S}:`).update(body).digest('hex');
    const headers = { 'x-alo-signature': mac, 'x-alo-request-timestamp': String(NOW_S), 'content-encoding': encoding };
    const source = sourceOf('alo', { secrets: [ALO_SECRET], ...settings });
    const verdict = source.verify(request(headers, body), NOW);
    if (!verdict.ok) throw new Error(verdict.refusal.message);
    return source.read(verdict.request, NOW).dedupe.key;
  };
  const key = keyOf('gzip', gzipSync(TEXT, { level: 1 }));
  expect(key).toBe(keyOf('gzip', gzipSync(TEXT, { level: 9 })));
  expect(key).toBe(keyOf('zstd', zstdCompressSync(TEXT)));
  expect(key).toBe(keyOf('identity', TEXT));
  expect(key).not.toBe(keyOf('gzip', gzipSync(`${TEXT} `)));

  // Two bodies of one length read the same where they cannot be decompressed, and are two events.
  const cut = (text: string) => gzipSync(text).subarray(0, -5);
  for (const settings of [{}, { dedupeKey: 'string(payload)' }]) {
    expect(keyOf('gzip', cut('a'), settings)).not.toBe(keyOf('gzip', cut('b'), settings));
  }
});
