/** The other names and keys of Standard Webhooks: Svix's headers, and public keys. */
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { SourceTypeName } from '../../src/sources/registry.ts';
import { sign } from '../helpers/sign.ts';
import { ALO_SECRET, NOW, NOW_S, OTHER_WHSEC, request, sourceOf, WHPK, WHSEC } from './requests.ts';

const BODY = '{"type":"invoice.paid"}';

type Headers = Record<string, string>;

function signed(secret = WHSEC, { messageId = 'msg_1', nowMs = NOW } = {}): Headers {
  const { 'content-type': _, ...headers } = sign({
    type: 'standard-webhooks',
    secret: new Secret(secret),
    body: BODY,
    messageId,
    nowMs,
  });
  return headers;
}

const asSvix = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace('webhook-', 'svix-'), value]));

function outcome(type: SourceTypeName, headers: Headers, secrets: readonly string[] = [WHSEC]) {
  const source = sourceOf(type, { secrets });
  const received = request(headers, BODY);
  const verdict = source.verify(received, NOW);
  const early = source.claims(received.headers, NOW);
  if (!verdict.ok && verdict.refusal.code !== 'signature-mismatch') expect(early).toEqual(verdict);
  else expect(early.ok).toBe(true);
  return verdict.ok ? `${verdict.request.messageId} by ${verdict.request.signature.secret}` : verdict.refusal.code;
}

describe("Svix's headers", () => {
  const svix = asSvix(signed());
  it.each<[string, Headers, string]>([
    ['alone', svix, 'msg_1 by 1'],
    ['the same values under both names', { ...svix, ...signed() }, 'msg_1 by 1'],
    ['without an id', { ...svix, 'svix-id': '' }, 'message-id-missing'],
    ['with an id under the other name only', { 'webhook-id': 'msg_1', ...svix, 'svix-id': '' }, 'message-id-missing'],
    ['of another time than was signed', { ...svix, 'svix-timestamp': String(NOW_S - 1) }, 'signature-mismatch'],
    ['too old', asSvix(signed(WHSEC, { nowMs: NOW - 301_000 })), 'timestamp-stale'],
    ['good, beside those of a sender that is unknown here', { ...svix, ...signed(OTHER_WHSEC) }, 'msg_1 by 1'],
    ['unknown, beside good ones', { ...asSvix(signed(OTHER_WHSEC)), ...signed() }, 'msg_1 by 1'],
  ])('%s', (_, headers, expected) => {
    for (const type of ['alo', 'allo', 'standard-webhooks'] as const) expect(outcome(type, headers)).toBe(expected);
  });

  it("give the gateway's id in every attempt, where the sender's headers are passed on and both are good", () => {
    const original = signed(OTHER_WHSEC, { messageId: 'msg_sender', nowMs: NOW - 299_000 });
    const both = [WHSEC, OTHER_WHSEC];
    expect(outcome('allo', { ...original, ...asSvix(signed()) }, both)).toBe('msg_1 by 1');
    const late = signed(OTHER_WHSEC, { messageId: 'msg_sender', nowMs: NOW - 400_000 });
    expect(outcome('allo', { ...late, ...asSvix(signed()) }, both)).toBe('msg_1 by 1');
  });
});

describe('public keys', () => {
  const pair = generateKeyPairSync('ed25519');
  const whpk = `whpk_${Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')}`;
  const v1a = (messageId = 'msg_1', body = BODY) =>
    `v1a,${signBytes(null, Buffer.from(`${messageId}.${NOW_S}.${body}`), pair.privateKey).toString('base64')}`;
  const headers = (signature: string): Headers => ({ ...signed(), 'webhook-signature': signature });
  const wrong = `v1a,${Buffer.alloc(64, 1).toString('base64')}`;
  const hmac = signed()['webhook-signature'] ?? '';

  it('the published vector', () => {
    const vector = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature':
        'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    };
    vi.setSystemTime(1614265330_000);
    for (const type of ['alo', 'allo', 'standard-webhooks'] as const) {
      for (const named of [vector, asSvix(vector)]) {
        const received = request(named, '{"test": 2432232314}');
        const source = sourceOf(type, { secrets: [WHPK] });
        expect(source.verify(received, 1614265330_000)).toMatchObject({ ok: true });
        const other = request(named, '{"test": 2432232315}');
        const refused = source.verify(other, 1614265330_000);
        expect(refused).toMatchObject({ ok: false, refusal: { code: 'signature-mismatch' } });
      }
    }
  });

  it.each<[string, string, string[], string]>([
    ['v1a alone', v1a(), [whpk], 'msg_1 by 1'],
    ['v1 and v1a, the secret known', `${hmac} ${v1a()}`, [WHSEC], 'msg_1 by 1'],
    ['v1 and v1a, the public key known', `${hmac} ${v1a()}`, [OTHER_WHSEC, whpk], 'msg_1 by 2'],
    ['v1a without padding', v1a().replace(/=+$/, ''), [whpk], 'msg_1 by 1'],
    ['v1a of another id', v1a('msg_2'), [whpk], 'signature-mismatch'],
    ['v1a by another key', v1a(), [WHPK], 'signature-mismatch'],
    ['v1a cut short', v1a().slice(0, -8), [whpk], 'signature-malformed'],
    ['v1a where only a secret is known', v1a(), [WHSEC], 'scheme-unconfigured'],
    ['v1 where only a public key is known', hmac, [whpk], 'scheme-unconfigured'],
    ['right after 3 wrong', `${`${wrong} `.repeat(3)}${v1a()}`, [whpk], 'msg_1 by 1'],
    ['right after 4 wrong: no more are tried', `${`${wrong} `.repeat(4)}${v1a()}`, [whpk], 'signature-mismatch'],
  ])('%s', (_, signature, secrets, expected) => {
    expect(outcome('standard-webhooks', headers(signature), secrets)).toBe(expected);
  });

  it('are no shared secret: nobody signs with what everybody may know', () => {
    const forged = sign({ type: 'alo', secret: new Secret(whpk), body: BODY, messageId: 'x', nowMs: NOW });
    expect(outcome('alo', forged, [whpk])).toBe('scheme-unconfigured');
    expect(outcome('alo', forged, [ALO_SECRET, whpk])).toBe('signature-mismatch');
    const bytes = `whsec_${whpk.slice(5)}`;
    expect(outcome('standard-webhooks', signed(bytes), [whpk])).toBe('scheme-unconfigured');
  });

  it('sign nothing; another secret of the source does', () => {
    expect(sourceOf('allo', { secrets: [whpk] }).canSign).toBe(false);
    expect(() => sourceOf('allo', { secrets: [whpk] }).sign({ body: '', messageId: 'm', nowMs: NOW })).toThrow(
      /secret/,
    );
    const source = sourceOf('allo', { secrets: [whpk, WHSEC] });
    expect(outcome('allo', source.sign({ body: BODY, messageId: 'm', nowMs: NOW }), [whpk, WHSEC])).toBe('m by 2');
  });

  it('let rules be tried all the same', () => {
    const { event } = sourceOf('standard-webhooks', { secrets: [whpk] }).rehearse(BODY, 'msg_9', 0);
    expect(event).toMatchObject({ id: 'msg_9', topic: 'invoice.paid', received_at: '1970-01-01T00:00:00.000Z' });
  });
});
