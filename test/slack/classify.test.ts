import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { classify, type SlackMethod } from '../../src/slack/classify.ts';
import { BLOCKS_REFUSED, knownCodes, meaningOf, UNEDITABLE } from '../../src/slack/codes.ts';
import { NOT_OURS, TransportError } from '../../src/slack/transport.ts';
import { listed } from './listed-codes.ts';

const POST = 'chat.postMessage';
const REPEATABLE: SlackMethod[] = [
  'auth.test',
  'chat.update',
  'conversations.history',
  'conversations.list',
  'conversations.open',
  'conversations.replies',
  'pins.add',
  'reactions.add',
  'users.info',
  'users.lookupByEmail',
];

/** What happened and what to do, without a secret. */
const SENTENCE = /^(?!.*xoxb)[A-Z].{20,}[^.]$/;

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

  test('a limit of Slack’s own is one, and waits no longer than it must', () => {
    const { reason } = classify(POST, new WebAPIRateLimitedError(30));
    expect(reason).toEqual({ code: 'ratelimited', detail: meaningOf('ratelimited')?.detail });
    for (const code of listed.filter(({ group }) => group === 'transient').map(({ code }) => code))
      expect(classify(POST, platform(code)), code).not.toHaveProperty('afterMs');
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
  });

  test.each([
    ['missing_scope', '<b>xoxb-1</b>'],
    ['missing_scope', 'chat:write XOXB'],
    ['missing_scope', 'XOXB chat:write'],
    ['missing_scope', 'a'.repeat(201)],
    ['missing_scope', 7],
    ['missing_scope', undefined],
    ['channel_not_found', 'chat:write'],
  ])('%s: what it says that is needed is no list of scopes, or not asked for: %s', (code, needed) => {
    const { detail } = classify(POST, platform(code, { needed })).reason;
    expect(detail).toBe(meaningOf(code)?.detail);
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
    const reason = {
      code: 'unreadable_answer',
      detail: expect.stringMatching(/^(?!.*(xoxb|html|aaaa|Cannot)).*api_url/),
    };
    expect(classify(POST, error)).toEqual({ kind: 'unknown', reason });
    for (const method of REPEATABLE) expect(classify(method, error)).toEqual({ kind: 'retry', limited: false, reason });
  });

  test.each([
    [302, 'redirects'],
    [401, 'let the proxy or firewall pass'],
    [403, 'let the proxy or firewall pass'],
    [407, 'let the proxy or firewall pass'],
    [404, 'check slack.api_url'],
    [413, 'limit its size'],
    [502, 'slack-status.com'],
  ])('HTTP %d says what to do: %s', (status, remedy) => {
    expect(classify(POST, http(status)).reason.detail).toContain(remedy);
  });

  const unknown = { kind: 'unknown' };
  const retry = { kind: 'retry', limited: false };
  const payload = { kind: 'refused', scope: 'payload' };
  test.each([
    [202, unknown],
    [204, unknown],
    [300, retry],
    [301, retry],
    [302, retry],
    [307, retry],
    [399, retry],
    [400, payload],
    [401, retry],
    [403, retry],
    [404, retry],
    [405, retry],
    [407, retry],
    [408, unknown],
    [413, payload],
    [414, payload],
    [415, payload],
    [418, retry],
    [422, payload],
    [431, payload],
    [499, retry],
    [500, unknown],
    [502, unknown],
    [503, unknown],
    [504, unknown],
    [520, unknown],
  ])('HTTP %d on a post', (status, expected) => {
    const failure = classify(POST, http(status));
    expect(failure).toMatchObject({ ...expected, reason: { code: `http_${status}` } });
    expect(failure.reason.detail).toMatch(SENTENCE);
    expect(failure.reason.detail).toContain(`(HTTP ${status})`);
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
    ['ETIMEDOUT', 'connection_lost', 'connect_timeout'],
    ['ABORTED', 'connection_lost', 'cancelled'],
    ['EPROTO', 'connection_lost', 'tls_failure'],
    ['EPROTOTYPE', 'connection_lost', 'connection_failed'],
    ['NO_CERT_HERE', 'connection_lost', 'connection_failed'],
    ['UND_ERR_CLOSED', 'connection_lost', 'client_closed'],
    ['UND_ERR_DESTROYED', 'connection_lost', 'client_closed'],
    ['UND_ERR_INVALID_ARG', 'connection_lost', 'request_invalid'],
  ])('%s: unknown once the request may have left, certain before', (code, reached, unreached) => {
    const why = (code: string) => ({ code, detail: expect.stringMatching(SENTENCE) });
    const again = { kind: 'retry', limited: false };
    expect(classify(POST, transport(code, true))).toEqual({ kind: 'unknown', reason: why(reached) });
    expect(classify('chat.update', transport(code, true))).toEqual({ ...again, reason: why(reached) });
    expect(classify(POST, transport(code, false))).toEqual({ ...again, reason: why(unreached) });
  });

  test('what another instance may have taken over was not tried, and costs no attempt', () => {
    const failure = classify(POST, transport(NOT_OURS, false));
    expect(failure).toEqual({
      kind: 'retry',
      limited: true,
      reason: { code: 'not_ours', detail: expect.stringMatching(SENTENCE) },
    });
  });

  test('an error of unknown origin leaves a post in doubt', () => {
    expect(classify(POST, new WebAPIRequestError(new Error('xoxb-secret')))).toEqual({
      kind: 'unknown',
      reason: { code: 'request_failed', detail: expect.stringMatching(SENTENCE) },
    });
  });
});
