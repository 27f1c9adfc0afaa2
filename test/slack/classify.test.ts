import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { classify, type SlackMethod } from '../../src/slack/classify.ts';
import { BLOCKS_REFUSED, knownCodes, meaningOf, UNEDITABLE } from '../../src/slack/codes.ts';
import { TransportError } from '../../src/slack/transport.ts';
import { listed } from './listed-codes.ts';

const POST = 'chat.postMessage';
const REPEATABLE: SlackMethod[] = [
  'auth.test',
  'chat.update',
  'conversations.history',
  'conversations.list',
  'conversations.open',
  'conversations.replies',
  'reactions.add',
  'users.info',
  'users.lookupByEmail',
];

const platform = (error: unknown, more: object = {}) =>
  new WebAPIPlatformError({ ok: false, error: error as string, ...more });
const http = (status: number) => new WebAPIHTTPError(status, '', {}, '<html>xoxb-secret</html>');
const transport = (code: string, reached: boolean) => new WebAPIRequestError(new TransportError(code, reached));

describe('what Slack answers', () => {
  test.each(listed)('$code is $group', ({ group, code, outcome }) => {
    expect(meaningOf(code)?.group).toBe(group);
    expect(classify(POST, platform(code))).toMatchObject({ ...outcome, reason: { code } });
  });

  test('every code has a sentence of its own that says what happened', () => {
    for (const code of knownCodes()) expect(meaningOf(code)?.detail, code).toMatch(/^\S.{25,}[^.]$/);
  });

  test('the sets that ask for another way out name known codes', () => {
    for (const code of [...UNEDITABLE, ...BLOCKS_REFUSED]) expect(meaningOf(code), code).toBeDefined();
  });

  test.each(['fatal_error', 'internal_error', 'request_timeout'])(
    '%s is tried again where that does no harm',
    (code) => {
      for (const method of REPEATABLE)
        expect(classify(method, platform(code))).toMatchObject({ kind: 'retry', limited: false });
    },
  );

  test('a code nobody knows is permanent, and named', () => {
    const failure = classify(POST, platform('brand_new_refusal'));
    expect(failure).toMatchObject({ kind: 'refused', scope: 'payload', reason: { code: 'brand_new_refusal' } });
    expect(failure.reason.detail).toContain('brand_new_refusal');
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no code of the table', (code) => {
    expect(meaningOf(code)).toBeUndefined();
  });

  test('a scope that only a side method lacks stops that delivery, not all of them', () => {
    const error = platform('missing_scope', { needed: 'reactions:write', provided: 'chat:write' });
    expect(classify('reactions.add', error)).toMatchObject({ kind: 'refused', scope: 'destination' });
    expect(classify(POST, error)).toMatchObject({ kind: 'refused', scope: 'credential' });
    expect(classify('reactions.add', error).reason.detail).toContain('(needed: reactions:write)');
    expect(
      classify('reactions.add', platform('missing_scope', { needed: '<b>xoxb-1</b>' })).reason.detail,
    ).not.toContain('xoxb');
  });

  const ofOneMethod = 'missing_scope no_permission not_allowed_token_type access_denied accesslimited is_bot'.split(
    ' ',
  );
  test.each([...ofOneMethod, 'enterprise_is_restricted'])(
    '%s stops everything only where everything needs it',
    (code) => {
      for (const method of ['auth.test', 'chat.postMessage', 'chat.update'] as const)
        expect(classify(method, platform(code)), method).toMatchObject({ kind: 'refused', scope: 'credential' });
      for (const method of ['conversations.history', 'conversations.replies', 'conversations.list'] as const)
        expect(classify(method, platform(code)), method).toMatchObject({ kind: 'refused', scope: 'destination' });
    },
  );

  test.each(['invalid_auth', 'token_revoked', 'token_expired', 'account_inactive'])(
    '%s says that of the token, whatever was asked',
    (code) => {
      for (const method of [POST, ...REPEATABLE] as const)
        expect(classify(method, platform(code)), method).toMatchObject({ kind: 'refused', scope: 'credential' });
    },
  );

  test('a refused block is named by its place, not by its text', () => {
    const messages = ['[ERROR] the customer’s words [json-pointer:/blocks/2/text/text]'];
    const { detail } = classify(POST, platform('invalid_blocks', { response_metadata: { messages } })).reason;
    expect(detail).toContain('(at /blocks/2/text/text)');
    expect(detail).not.toContain('customer');
  });

  test.each([
    [30, 30_000],
    [0, 1_000],
    [-5, 1_000],
    [1e12, 3_600_000],
    [Number.POSITIVE_INFINITY, 3_600_000],
    [Number.NaN, 10_000],
  ])('Retry-After %d waits %d ms', (seconds, afterMs) => {
    const limited = { kind: 'retry', limited: true, afterMs };
    expect(classify(POST, new WebAPIRateLimitedError(seconds))).toMatchObject(limited);
    expect(classify(POST, platform('ratelimited', { response_metadata: { retryAfter: seconds } }))).toMatchObject(
      limited,
    );
  });
});

test('a Retry-After in the body that is no number', () => {
  const error = platform('ratelimited', { response_metadata: { retryAfter: 'soon' } });
  expect(classify(POST, error)).toMatchObject({ limited: true, afterMs: 10_000 });
});

describe('what is no answer of Slack’s', () => {
  test.each([
    ['a page', platform('<!doctype html><h1>Sign in, xoxb-secret</h1>')],
    ['no code', platform(undefined)],
    ['a code that is no text', platform({ a: 1 })],
    ['a code without end', platform('a'.repeat(5_000))],
    ['null', new TypeError("Cannot read properties of null (reading 'response_metadata')")],
    ['nothing at all', undefined],
    ['text where JSON should be', transport('NOT_JSON', true)],
  ])('%s: unknown for a post, again for the rest, and not echoed', (_, error) => {
    const reason = { code: 'unreadable_answer', detail: expect.not.stringMatching(/xoxb|html|aaaa|Cannot/) };
    expect(classify(POST, error)).toEqual({ kind: 'unknown', reason });
    for (const method of REPEATABLE) expect(classify(method, error)).toEqual({ kind: 'retry', limited: false, reason });
  });

  const unknown = { kind: 'unknown' };
  const retry = { kind: 'retry', limited: false };
  const payload = { kind: 'refused', scope: 'payload' };
  test.each([
    [202, unknown],
    [204, unknown],
    [301, retry],
    [302, retry],
    [307, retry],
    [400, payload],
    [401, retry],
    [403, retry],
    [404, retry],
    [405, retry],
    [407, retry],
    [408, unknown],
    [413, payload],
    [418, retry],
    [431, payload],
    [500, unknown],
    [502, unknown],
    [503, unknown],
    [504, unknown],
    [520, unknown],
  ])('HTTP %d on a post', (status, expected) => {
    const failure = classify(POST, http(status));
    expect(failure).toMatchObject({ ...expected, reason: { code: `http_${status}` } });
    expect(failure.reason.detail).not.toMatch(/xoxb|html>/);
  });

  test.each([
    ['TIMED_OUT', 'timed_out', 'connect_timeout'],
    ['ECONNRESET', 'connection_lost', 'connection_failed'],
    ['EPIPE', 'connection_lost', 'connection_failed'],
    ['UND_ERR_SOCKET', 'connection_lost', 'connection_failed'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'answer_too_large', 'connection_failed'],
    ['ENOTFOUND', 'connection_lost', 'name_not_found'],
    ['EAI_AGAIN', 'connection_lost', 'name_not_found'],
    ['ECONNREFUSED', 'connection_lost', 'connection_refused'],
    ['EHOSTUNREACH', 'connection_lost', 'host_unreachable'],
    ['ENETUNREACH', 'connection_lost', 'host_unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connection_lost', 'connect_timeout'],
    ['CERT_HAS_EXPIRED', 'connection_lost', 'tls_failure'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connection_lost', 'tls_failure'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'connection_lost', 'tls_failure'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connection_lost', 'tls_failure'],
    ['UND_ERR_CLOSED', 'connection_lost', 'client_closed'],
  ])('%s: unknown once the request may have left, certain before', (code, reached, unreached) => {
    expect(classify(POST, transport(code, true))).toMatchObject({ kind: 'unknown', reason: { code: reached } });
    expect(classify('chat.update', transport(code, true))).toMatchObject({ kind: 'retry', reason: { code: reached } });
    expect(classify(POST, transport(code, false))).toMatchObject({
      kind: 'retry',
      limited: false,
      reason: { code: unreached },
    });
  });

  test('an error of unknown origin leaves a post in doubt', () => {
    expect(classify(POST, new WebAPIRequestError(new Error('xoxb-secret')))).toEqual({
      kind: 'unknown',
      reason: { code: 'request_failed', detail: expect.not.stringContaining('xoxb') },
    });
  });
});
