import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { classify, type SlackMethod } from '../../src/slack/classify.ts';
import { BLOCKS_REFUSED, knownCodes, meaningOf, UNEDITABLE } from '../../src/slack/codes.ts';
import { TransportError } from '../../src/slack/transport.ts';

const POST = 'chat.postMessage';
const REPEATABLE: SlackMethod[] = [
  'auth.test',
  'chat.update',
  'conversations.open',
  'reactions.add',
  'users.lookupByEmail',
];

const platform = (error: unknown, more: object = {}) =>
  new WebAPIPlatformError({ ok: false, error: error as string, ...more });
const http = (status: number) => new WebAPIHTTPError(status, '', {}, '<html>xoxb-secret</html>');
const transport = (code: string, reached: boolean) => new WebAPIRequestError(new TransportError(code, reached));

/** Slack's reference, as collected for this project: facts/slack.md, chat.postMessage errors and chat.update. */
const LISTED = {
  limited: 'ratelimited rate_limited',
  transient: 'service_unavailable team_added_to_org org_login_required',
  ambiguous: 'fatal_error internal_error request_timeout',
  quota: 'message_limit_exceeded',
  credential: `not_authed invalid_auth account_inactive token_revoked token_expired missing_scope not_allowed_token_type
    no_permission access_denied accesslimited app_access_restricted ekm_access_denied enterprise_is_restricted
    two_factor_setup_required is_bot team_not_found`,
  destination: `channel_not_found not_in_channel is_archived messages_tab_disabled restricted_action
    restricted_action_read_only_channel restricted_action_thread_only_channel cannot_reply_to_message user_not_found
    user_disabled cant_update_message message_not_found edit_window_closed is_inactive users_not_found already_reacted`,
  payload: `no_text msg_too_long invalid_blocks invalid_blocks_format msg_blocks_too_long markdown_text_conflict
    too_many_attachments invalid_metadata_format invalid_metadata_schema metadata_too_large invalid_arguments
    invalid_charset invalid_json block_mismatch`,
};

const listed = Object.entries(LISTED).flatMap(([group, codes]) => codes.split(/\s+/).map((code) => ({ group, code })));

describe('what Slack answers', () => {
  test.each(listed)('$code is $group', ({ group, code }) => {
    const failure = classify(POST, platform(code));
    expect(meaningOf(code)?.group).toBe(group);
    expect(failure.reason.code).toBe(code);
    expect(failure).toMatchObject(
      {
        limited: { kind: 'retry', limited: true, afterMs: 10_000 },
        transient: { kind: 'retry', limited: false },
        ambiguous: { kind: 'unknown' },
        quota: { kind: 'retry', limited: false, afterMs: 300_000 },
      }[group] ?? { kind: 'refused', scope: group },
    );
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
