import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { ByteWebhook } from '../../src/sources/standard-signature.ts';
import { NOW, NOW_S, request, sourceOf } from './requests.ts';

const key = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const keys = fc.array(key, { minLength: 1, maxLength: 3 });
const id = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
// What survives a round trip through UTF-8: the library as it is signs text.
const text = fc.string({ unit: 'grapheme', maxLength: 300 }).map((written) => written.toWellFormed());

const sometimes = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: values });

const bare = (bytes: Buffer, prefix: string, body: string | Buffer) =>
  `v1,${createHmac('sha256', bytes).update(prefix).update(body).digest('base64')}`;

/** By the library as it is, with each key on its own. */
function libraryTakes(secrets: readonly Buffer[], headers: Record<string, string>, body: Buffer): boolean {
  return secrets.some((secret) => {
    try {
      new Webhook(secret, { format: 'raw' }).verify(body, headers, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
}

describe('three ways to verify', () => {
  it('agree on what is valid, tampered with, rotated or signed more than once', () => {
    const cases = fc.record({
      configured: keys,
      signing: keys,
      rotated: fc.boolean(),
      messageId: id,
      body: text,
      sent: sometimes(text),
      sentId: sometimes(id),
      shift: fc.constantFrom(0, 0, 0, 1, -300),
    });
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(cases, ({ configured, signing, rotated, messageId, body, sent, sentId, shift }) => {
        const signers = rotated ? [...signing, ...configured.slice(-1)] : signing;
        const signatures = signers.map((secret) => bare(secret, `${messageId}.${NOW_S}.`, body));
        const headers = {
          'webhook-id': sentId ?? messageId,
          'webhook-timestamp': String(NOW_S + shift),
          'webhook-signature': signatures.join(' '),
        };
        const received = Buffer.from(sent ?? body);
        const expected = configured.some((secret) =>
          signatures.includes(bare(secret, `${headers['webhook-id']}.${headers['webhook-timestamp']}.`, received)),
        );
        taken[expected ? 'yes' : 'no'] += 1;
        const secrets = configured.map((secret) => `whsec_${secret.toString('base64')}`);
        const ours = sourceOf('standard-webhooks', { secrets }).verify(request(headers, received), NOW);
        expect(ours.ok).toBe(expected);
        expect(libraryTakes(configured, headers, received)).toBe(expected);
      }),
      { numRuns: 300 },
    );
    // Or it would compare nothing.
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(20);
  });

  it('differ where the body is not UTF-8: only the bytes that were signed are taken', () => {
    const secret = Buffer.alloc(24, 7);
    const body = Buffer.from([0x22, 0xff, 0x22]);
    const webhook = new ByteWebhook(secret);
    expect(webhook.sign('msg_1', new Date(NOW), body)).toBe(bare(secret, `msg_1.${NOW_S}.`, body));
    const lookalike = Buffer.from(body.toString());
    expect(webhook.sign('msg_1', new Date(NOW), lookalike)).not.toBe(webhook.sign('msg_1', new Date(NOW), body));
  });
});

it('refuses with the reason where the time runs out between our check and that of the library', () => {
  const source = sourceOf('allo');
  const headers = source.sign({ body: '{}', messageId: 'msg_1', nowMs: NOW - 300_000 });
  expect(source.verify(request(headers, '{}'), NOW).ok).toBe(true);
  vi.setSystemTime(NOW + 1000);
  expect(source.verify(request(headers, '{}'), NOW)).toMatchObject({ ok: false, refusal: { code: 'timestamp-stale' } });
  vi.setSystemTime(NOW - 601_000);
  expect(source.verify(request(headers, '{}'), NOW)).toMatchObject({ refusal: { code: 'timestamp-future' } });
});

it('keeps no secret where a print would show it', () => {
  const secret = Buffer.alloc(24, 7);
  expect(JSON.stringify(new ByteWebhook(secret))).not.toContain('7,7,7');
  expect(Object.values(new ByteWebhook(secret))).not.toContainEqual(new Uint8Array(secret));
});
