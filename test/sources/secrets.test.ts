import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { SOURCE_TYPES, type SourceTypeName } from '../../src/sources/registry.ts';
import { createSource } from '../../src/sources/source.ts';
import { sharedKeyBytes } from '../../src/sources/standard-secret.ts';
import { ALO_SECRET, WHPK, WHSEC } from './requests.ts';

const key = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('secretFault', () => {
  it.each<[SourceTypeName, string, RegExp | null]>([
    ['allo', WHSEC, null],
    ['allo', `v1,${WHSEC}`, null],
    ['allo', ` ${WHSEC}\n`, null],
    ['allo', WHSEC.slice('whsec_'.length), null],
    ['allo', key(24), null],
    ['allo', key(64).replace(/=+$/, ''), null],
    ['allo', key(23), /too short: 23 bytes where at least 24/],
    ['allo', '', /empty/],
    ['allo', ' \n', /empty/],
    ['allo', 'whsec_', /ends after whsec_/],
    ['allo', 'whsec_not base64 at all, not at all', /white space.*one line/],
    ['allo', 'whsec_%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%', /not whsec_ followed by base64/],
    ['allo', `whsec_${'A'.repeat(33)}`, /not whsec_ followed by base64/],
    ['standard-webhooks', `${WHSEC}\n${WHSEC}`, /white space/],
    ['alo', ALO_SECRET, null],
    ['alo', `${ALO_SECRET}\n`, null],
    ['alo', WHSEC, null],
    ['alo', 'short', null],
    ['alo', key(8), /too short: 8 bytes/],
    ['alo', '', /empty/],
    ['standard-webhooks', WHPK, null],
    ['allo', `v1a,${WHPK}\n`, null],
    ['alo', WHPK, null],
    ['alo', WHPK.slice(0, -4), /public key is not whpk_ followed by base64 of 32 bytes/],
    ['allo', 'whpk_', /public key is not whpk_/],
    ['standard-webhooks', `whpk_${'%'.repeat(43)}`, /public key is not whpk_/],
    ['standard-webhooks', `whpk_${Buffer.alloc(33, 7).toString('base64')}`, /public key is not whpk_/],
    ['standard-webhooks', `whsk_${Buffer.alloc(64, 7).toString('base64')}`, /private key.*public key instead/],
    ['alo', `whsk_${Buffer.alloc(64, 7).toString('base64')}`, /private key.*public key instead/],
  ])('%s: %j', (type, value, expected) => {
    const fault = SOURCE_TYPES[type].secretFault(value);
    if (expected === null) expect(fault).toBeNull();
    else expect(fault).toMatch(expected);
  });

  it('reads the key that the library reads', () => {
    for (const secret of [WHSEC, key(24), key(25), key(64)]) {
      const at = new Date(0);
      const ours = new Webhook(sharedKeyBytes(`v1,${secret}\n`), { format: 'raw' }).sign('id', at, '{}');
      expect(ours).toBe(new Webhook(secret).sign('id', at, '{}'));
    }
  });
});

describe('createSource', () => {
  const create = (secrets: string[]) =>
    createSource({
      name: 'phones',
      type: SOURCE_TYPES.allo,
      secrets: secrets.map((secret) => new Secret(secret)),
      fields: new Map(),
      dedupe: { key: null, windowMs: 1 },
      retentionMs: 1,
      bodyLimitBytes: 1,
    });

  it('names the secret that cannot work by its number, never its value', () => {
    expect(() => create([WHSEC, 'whsec_c2hvcnQ='])).toThrow(
      /^Secret 2 of source "phones" cannot be used\. .*too short: 5 bytes/,
    );
    expect(() => create([WHSEC, 'whsec_c2hvcnQ='])).not.toThrow(/c2hvcnQ/);
    expect(() => create([])).toThrow('Source "phones" has no secret.');
  });

  it('shows no secret when printed', () => {
    expect(inspect(create([WHSEC]), { depth: 9, showHidden: true })).not.toContain(WHSEC.slice(8));
  });
});
