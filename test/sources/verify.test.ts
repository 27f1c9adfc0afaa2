import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { REFUSALS } from '../../src/sources/refusal.ts';
import type { SourceTypeName } from '../../src/sources/registry.ts';
import { sign } from '../helpers/sign.ts';
import { ALO_SECRET, NOW, NOW_S, OTHER_WHSEC, request, type Settings, sourceOf, WHSEC } from './requests.ts';

const BODY = '{"type":"action_created"}';

const SLACK_BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

type Headers = Record<string, string | string[]>;

function standard(secret: string, at: { id?: string; ts?: string; body?: string | Buffer } = {}): Headers {
  const { id = 'msg_1', ts = String(NOW_S), body = BODY } = at;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${ts}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': ts, 'webhook-signature': `v1,${mac}` };
}

function v0(ts = String(NOW_S), encode: 'hex' | 'base64' | 'base64url' = 'hex', body: string | Buffer = BODY) {
  const mac = createHmac('sha256', ALO_SECRET).update(`v0:${ts}:`).update(body).digest(encode);
  return { ts, mac, headers: { 'X-ALO-Signature': `v0=${mac}`, 'X-ALO-Request-Timestamp': ts } };
}

function outcome(
  type: SourceTypeName,
  headers: Headers,
  { body = BODY, ...settings }: Settings & { body?: string | Buffer } = {},
) {
  const source = sourceOf(type, settings);
  const received = request(headers, body);
  const verdict = source.verify(received, NOW);
  // Only the MAC needs the body.
  const early = source.claims(received.headers, NOW);
  const late = verdict.ok || verdict.refusal.code === 'signature-mismatch';
  expect(late ? early.ok : early).toEqual(late ? true : verdict);
  return verdict.ok ? 'accepted' : verdict.refusal.code;
}

describe('published vectors', () => {
  it.each([
    [
      WHSEC,
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    ],
    [
      OTHER_WHSEC,
      'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
      1649367553,
      '{"email":"test@example.com","username":"test_user"}',
      'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    ],
  ])('Standard Webhooks, %s', (secret, id, ts, body, signature) => {
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(ts), 'webhook-signature': signature };
    vi.setSystemTime(ts * 1000);
    for (const type of ['allo', 'standard-webhooks', 'alo'] as const) {
      const verdict = sourceOf(type, { secrets: [secret] }).verify(request(headers, body), ts * 1000);
      expect(verdict).toMatchObject({ ok: true, request: { messageId: id } });
    }
    const signed = sign({ type: 'allo', secret: new Secret(secret), body, messageId: id, nowMs: ts * 1000 });
    expect(signed).toEqual({ ...headers, 'content-type': 'application/json' });
  });

  it('v0', () => {
    const headers = {
      'X-ALO-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'X-ALO-Request-Timestamp': '1531420618',
    };
    const at = 1531420618_000;
    const verdict = sourceOf('alo', { secrets: [ALO_SECRET] }).verify(request(headers, SLACK_BODY), at);
    expect(verdict).toMatchObject({ ok: true, request: { messageId: null } });
    const outgoing = {
      type: 'alo',
      secret: new Secret(ALO_SECRET),
      body: SLACK_BODY,
      messageId: 'x',
      nowMs: at,
    } as const;
    expect(sign(outgoing)).toEqual({ ...headers, 'content-type': 'application/json' });
  });
});

describe('Standard Webhooks', () => {
  const good = standard(WHSEC);
  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const signature = String(good['webhook-signature']);
  const ts = (text: string) => standard(WHSEC, { ts: text });
  const wrong = `v1,${Buffer.alloc(32, 1).toString('base64')}`;

  it.each<[string, Headers, string]>([
    ['good', good, 'accepted'],
    ['300 s old', ts(String(NOW_S - 300)), 'accepted'],
    ['300 s ahead', ts(String(NOW_S + 300)), 'accepted'],
    ['301 s old', ts(String(NOW_S - 301)), 'timestamp-stale'],
    ['301 s ahead', ts(String(NOW_S + 301)), 'timestamp-future'],
    ['a year ahead', ts(String(NOW_S + 31_536_000)), 'timestamp-future'],
    ['no timestamp', without('webhook-timestamp'), 'timestamp-missing'],
    ['digits, then letters', { ...good, 'webhook-timestamp': `${NOW_S}abc` }, 'timestamp-malformed'],
    ['a space before', { ...good, 'webhook-timestamp': ` ${NOW_S}` }, 'timestamp-malformed'],
    ['a zero before', { ...good, 'webhook-timestamp': `0${NOW_S}` }, 'timestamp-malformed'],
    ['a sign before', ts(`+${NOW_S}`), 'timestamp-malformed'],
    ['a fraction', ts(`${NOW_S}.0`), 'timestamp-malformed'],
    ['an exponent', ts('1742e6'), 'timestamp-malformed'],
    ['13 digits', ts(String(NOW)), 'timestamp-malformed'],
    ['no number', ts('NaN'), 'timestamp-malformed'],
    ['a newline after', ts(`${NOW_S}\n`), 'timestamp-malformed'],
    ['two timestamps', { ...good, 'webhook-timestamp': [String(NOW_S), String(NOW_S)] }, 'timestamp-malformed'],
    ['two timestamps, joined', { ...good, 'webhook-timestamp': `${NOW_S}, ${NOW_S}` }, 'timestamp-malformed'],
    ['no id', without('webhook-id'), 'message-id-missing'],
    ['an empty id', standard(WHSEC, { id: '' }), 'message-id-missing'],
    ['an id of 256', standard(WHSEC, { id: 'm'.repeat(256) }), 'accepted'],
    ['an id of 257', standard(WHSEC, { id: 'm'.repeat(257) }), 'message-id-malformed'],
    ['an id with a space', standard(WHSEC, { id: 'msg 1' }), 'message-id-malformed'],
    ['an id with a letter beyond ASCII', standard(WHSEC, { id: 'msg_é' }), 'message-id-malformed'],
    ['two ids', { ...good, 'webhook-id': ['msg_1', 'msg_1'] }, 'message-id-malformed'],
    ['no signature', without('webhook-signature'), 'signature-missing'],
    ['an empty signature', { ...good, 'webhook-signature': '' }, 'signature-missing'],
    ['two signature headers', { ...good, 'webhook-signature': [signature, signature] }, 'signature-malformed'],
    [
      'two signature headers, joined',
      { ...good, 'webhook-signature': `${signature}, ${signature}` },
      'signature-malformed',
    ],
    [
      'a signature of another version',
      { ...good, 'webhook-signature': signature.replace('v1', 'v1a') },
      'signature-malformed',
    ],
    ['a signature without a version', { ...good, 'webhook-signature': signature.slice(3) }, 'signature-malformed'],
    ['a signature cut short', { ...good, 'webhook-signature': signature.slice(0, -4) }, 'signature-malformed'],
    ['a wrong signature', { ...good, 'webhook-signature': wrong }, 'signature-mismatch'],
    ['wrong, then right', { ...good, 'webhook-signature': `v1a,abc ${wrong} ${signature}` }, 'accepted'],
    ['right after 15 wrong', { ...good, 'webhook-signature': `${`${wrong} `.repeat(15)}${signature}` }, 'accepted'],
    [
      'right after 16 wrong',
      { ...good, 'webhook-signature': `${`${wrong} `.repeat(16)}${signature}` },
      'signature-mismatch',
    ],
    ['another id than was signed', { ...good, 'webhook-id': 'msg_2' }, 'signature-mismatch'],
    ['another time than was signed', { ...good, 'webhook-timestamp': String(NOW_S + 1) }, 'signature-mismatch'],
    ['another secret', standard(OTHER_WHSEC), 'signature-mismatch'],
    ["ALO's headers instead", v0().headers, 'signature-missing'],
  ])('%s', (_, headers, expected) => {
    expect(outcome('allo', headers)).toBe(expected);
    expect(outcome('standard-webhooks', headers)).toBe(expected);
  });

  it('refuses another body', () => {
    expect(outcome('allo', good, { body: `${BODY}\n` })).toBe('signature-mismatch');
  });

  it('takes any of several secrets, and each of several signatures', () => {
    const both = `${standard(OTHER_WHSEC)['webhook-signature']} ${signature}`;
    expect(outcome('allo', good, { secrets: [OTHER_WHSEC, WHSEC] })).toBe('accepted');
    expect(outcome('allo', { ...good, 'webhook-signature': both }, { secrets: [WHSEC] })).toBe('accepted');
    expect(outcome('allo', { ...good, 'webhook-signature': both }, { secrets: [OTHER_WHSEC] })).toBe('accepted');
  });

  it.each<[string, string | Buffer]>([
    ['empty', ''],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])],
    ['with a BOM', '\ufeff{}'],
    ['with U+0000', '{"a":"\0"}'],
    ['of 1 MB', `"${'é'.repeat(500_000)}"`],
  ])('checks a body %s by its bytes', (_, body) => {
    expect(outcome('allo', standard(WHSEC, { body }), { body })).toBe('accepted');
    expect(
      outcome('allo', standard(WHSEC, { body }), { body: Buffer.concat([Buffer.from(body), Buffer.from(' ')]) }),
    ).toBe('signature-mismatch');
  });
});

describe('ALO', () => {
  const { headers: good, mac, ts } = v0();
  const signed = (signature: string | string[]): Headers => ({ ...good, 'X-ALO-Signature': signature });

  it.each<[string, Headers, string]>([
    ['v0=<hex>', good, 'accepted'],
    ['hex', signed(mac), 'accepted'],
    ['upper-case hex', signed(mac.toUpperCase()), 'accepted'],
    ['base64', signed(v0(ts, 'base64').mac), 'accepted'],
    ['base64url', signed(v0(ts, 'base64url').mac), 'accepted'],
    ['300 s old', v0(String(NOW_S - 300)).headers, 'accepted'],
    ['301 s old', v0(String(NOW_S - 301)).headers, 'timestamp-stale'],
    ['301 s ahead', v0(String(NOW_S + 301)).headers, 'timestamp-future'],
    ['a zero before the time', v0(`0${NOW_S}`).headers, 'timestamp-malformed'],
    ['letters after the time', { ...good, 'X-ALO-Request-Timestamp': `${ts}abc` }, 'timestamp-malformed'],
    ['a space before the time', v0(` ${NOW_S}`).headers, 'timestamp-malformed'],
    ['two times', { ...good, 'X-ALO-Request-Timestamp': [ts, ts] }, 'timestamp-malformed'],
    ['no time', { 'X-ALO-Signature': `v0=${mac}` }, 'timestamp-missing'],
    ['no signature', { 'X-ALO-Request-Timestamp': ts }, 'signature-missing'],
    ['nothing', {}, 'signature-missing'],
    ['two signatures', signed([mac, mac]), 'signature-malformed'],
    ['two signatures, joined', signed(`${mac}, ${mac}`), 'signature-malformed'],
    ['another version', signed(`v1=${mac}`), 'signature-malformed'],
    ['hex cut short', signed(mac.slice(2)), 'signature-malformed'],
    ['a wrong signature', signed('0'.repeat(64)), 'signature-mismatch'],
    ['another time than was signed', { ...good, 'X-ALO-Request-Timestamp': String(NOW_S - 1) }, 'signature-mismatch'],
    ['Standard Webhooks, by a gateway', standard(WHSEC), 'accepted'],
    ['both, the own one stale', { ...v0(String(NOW_S - 9999)).headers, ...standard(WHSEC) }, 'accepted'],
    ["both, the gateway's by a stranger", { ...good, ...standard(OTHER_WHSEC) }, 'accepted'],
    ['both, both wrong', { ...signed('0'.repeat(64)), ...standard(OTHER_WHSEC) }, 'signature-mismatch'],
  ])('%s', (_, headers, expected) => {
    expect(outcome('alo', headers, { secrets: [ALO_SECRET, WHSEC] })).toBe(expected);
  });

  it('says so when a gateway signs and no whsec_ secret is there', () => {
    expect(outcome('alo', standard(WHSEC), { secrets: [ALO_SECRET] })).toBe('scheme-unconfigured');
  });

  it('signs with the text of a whsec_ secret, where ALO gave one', () => {
    const headers = sign({ type: 'alo', secret: new Secret(WHSEC), body: BODY, messageId: 'x', nowMs: NOW });
    expect(outcome('alo', headers, { secrets: [ALO_SECRET, WHSEC] })).toBe('accepted');
  });

  it('trusts no webhook-id that is not signed', () => {
    const source = sourceOf('alo', { secrets: [ALO_SECRET] });
    const verdict = source.verify(request({ ...good, 'webhook-id': 'msg_forged' }, BODY), NOW);
    expect(verdict).toMatchObject({ ok: true, request: { messageId: null } });
  });

  it('checks a body that is not UTF-8 by its bytes', () => {
    const body = Buffer.from([0xff, 0xfe]);
    expect(outcome('alo', v0(ts, 'hex', body).headers, { secrets: [ALO_SECRET], body })).toBe('accepted');
  });
});

it('a refusal tells what to check, and nothing of the secret or the request', () => {
  const source = sourceOf('allo');
  const stale = source.verify(request(standard(WHSEC, { ts: String(NOW_S - 412) }), BODY), NOW);
  expect(stale).toMatchObject({ ok: false, refusal: { message: expect.stringMatching(/clock.*412 seconds old/s) } });
  const forged = source.verify(request({ ...standard(OTHER_WHSEC), 'webhook-id': 'msg_hello' }, BODY), NOW);
  expect(JSON.stringify(forged)).not.toMatch(/msg_hello|v1,|whsec_/);
  for (const message of Object.values(REFUSALS)) expect(message).toMatch(/\.$/);
});

describe('which secret it was', () => {
  it.each<[string, SourceTypeName, string[], Headers, string, number]>([
    ['the only one', 'allo', [WHSEC], standard(WHSEC), 'standard-webhooks', 1],
    ['the old one, while rotating', 'allo', [OTHER_WHSEC, WHSEC], standard(WHSEC), 'standard-webhooks', 2],
    ["ALO's own", 'alo', [WHSEC, ALO_SECRET], v0().headers, 'alo-v0', 2],
    ["a gateway's, behind ALO's own", 'alo', [ALO_SECRET, WHSEC], standard(WHSEC), 'standard-webhooks', 2],
  ])('%s', (_, type, secrets, headers, scheme, secret) => {
    const verdict = sourceOf(type, { secrets }).verify(request(headers, BODY), NOW);
    const signature = { scheme, secret, of: secrets.length, signedAt: NOW };
    expect(verdict).toMatchObject({ ok: true, request: { signature } });
  });
});
