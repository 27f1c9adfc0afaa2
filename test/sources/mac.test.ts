import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { mac, macKey, sameMac } from '../../src/sources/signature.ts';

const id = fc.stringMatching(/^[\x21-\x7e]{1,64}$/);
const seconds = fc.integer({ min: 0, max: 999_999_999 });
// Whatever survives a round trip through UTF-8: the library takes text.
const body = fc.string({ unit: 'grapheme', maxLength: 2000 }).map((text) => text.toWellFormed());
const key = fc.uint8Array({ minLength: 24, maxLength: 100 });

it('computes the MAC that standardwebhooks computes', () => {
  fc.assert(
    fc.property(id, seconds, body, key, (messageId, ts, text, bytes) => {
      const theirs = new Webhook(bytes, { format: 'raw' }).sign(messageId, new Date(ts * 1000), text);
      const ours = mac(macKey(bytes), `${messageId}.${ts}.`, Buffer.from(text));
      expect(`v1,${ours.toString('base64')}`).toBe(theirs);
    }),
  );
});

it('covers every byte, where the body is not UTF-8', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), key, (bytes, secret) => {
      const whole = createHmac('sha256', secret)
        .update(Buffer.concat([Buffer.from('p.'), bytes]))
        .digest();
      expect(sameMac(mac(macKey(secret), 'p.', bytes), whole)).toBe(true);
    }),
  );
});

it('never takes one length for another', () => {
  expect(sameMac(Buffer.alloc(32), Buffer.alloc(31))).toBe(false);
  expect(sameMac(Buffer.alloc(0), Buffer.alloc(32))).toBe(false);
});
