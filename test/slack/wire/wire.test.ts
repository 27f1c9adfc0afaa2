import nock from 'nock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackMethod } from '../../../src/slack/classify.ts';
import { listed } from '../listed-codes.ts';
import { TOKEN } from '../near-end.ts';
import { ask, EXCHANGES, type Wire } from './wire.ts';

beforeAll(() => nock.disableNetConnect());
afterAll(() => nock.restore());

test.each(EXCHANGES)('$method: $what', async (exchange) => {
  const { outcome, requests } = await ask(exchange, { body: { ok: true, ...exchange.answer } });
  expect(outcome).toEqual({ kind: 'sent', value: exchange.value });
  expect(requests).toEqual([
    {
      path: `/api/${exchange.method}`,
      headers: expect.objectContaining({
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'alo-relay/1',
      }),
      form: exchange.form,
    },
  ]);
});

const LIMITED = { kind: 'retry', limited: true };
const AGAIN = { kind: 'retry', limited: false };
const page = { body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } };

/** What each answer is for chat.postMessage, which may have posted; the rest is simply asked again. */
const ANSWERS: readonly (readonly [what: string, answer: Wire, post: object, rest: object])[] = [
  ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '30' } }, ...both({ ...LIMITED, afterMs: 30_000 })],
  ['429 without', { status: 429 }, ...both({ ...LIMITED, afterMs: 10_000 })],
  ...[500, 502, 503, 504].map((status) => {
    const reason = { code: `http_${status}` };
    return [`HTTP ${status}`, { status, ...page }, { kind: 'unknown', reason }, { ...AGAIN, reason }] as const;
  }),
  [
    'HTTP 302',
    { status: 302, headers: { location: '/elsewhere' } },
    ...both({ ...AGAIN, reason: { code: 'http_302' } }),
  ],
  ['HTTP 413', { status: 413, ...page }, ...both({ kind: 'refused', reason: { code: 'http_413' } })],
  ...(['<html>', 'null', '', '{"ok":tr'] as const).map((body) => {
    const reason = { code: 'unreadable_answer' };
    return [`200 with "${body}"`, { body }, { kind: 'unknown', reason }, { ...AGAIN, reason }] as const;
  }),
];

function both(outcome: object): [object, object] {
  return [outcome, outcome];
}

/** One exchange of each method, chat.postMessage's being a plain message. */
const METHODS = [...new Map(EXCHANGES.toReversed().map((exchange) => [exchange.method, exchange])).values()];

describe.each(METHODS)('$method is answered', (exchange) => {
  const { method } = exchange;

  test.each(ANSWERS)('%s', async (_, answer, post, rest) => {
    const { outcome, requests } = await ask(exchange, answer);
    expect(outcome).toMatchObject(method === 'chat.postMessage' ? post : rest);
    expect(requests).toHaveLength(1);
  });

  test('Slack’s codes', async () => {
    for (const listing of method === 'chat.postMessage' ? listed : listed.filter((it) => isTold(method, it.code))) {
      const { outcome } = await ask(exchange, { body: { ok: false, error: listing.code } });
      expect(outcome, listing.code).toMatchObject(expectedOf(method, listing));
    }
  });
});

/** Methods that look for a message or a channel: whatever is refused there says that nobody may look. */
const LOOKING: ReadonlySet<SlackMethod> = new Set([
  'conversations.history',
  'conversations.replies',
  'conversations.list',
]);
/** They stop everything only where everything needs the method. */
const OF_ONE_METHOD =
  'missing_scope no_permission not_allowed_token_type access_denied accesslimited enterprise_is_restricted is_bot';
const ESSENTIAL: ReadonlySet<SlackMethod> = new Set(['auth.test', 'chat.postMessage', 'chat.update']);
const DONE = { kind: 'sent' };
const NONE = { kind: 'sent', value: null };

/** What is no failure for a method, or one of another kind. */
const OWN: Readonly<Partial<Record<SlackMethod, Readonly<Record<string, object>>>>> = {
  'pins.add': { already_pinned: DONE },
  'reactions.add': { already_reacted: DONE },
  'users.lookupByEmail': { users_not_found: NONE },
  'users.info': { user_not_found: NONE },
  'conversations.info': { channel_not_found: NONE },
  'conversations.list': { invalid_cursor: AGAIN },
  'conversations.history': { invalid_cursor: AGAIN, thread_not_found: NONE, message_not_found: NONE },
  'conversations.replies': { invalid_cursor: AGAIN, thread_not_found: NONE, message_not_found: NONE },
};

/** One of each kind, and what differs from chat.postMessage; all codes are in classify.test.ts. */
const OF_EACH_KIND =
  'ratelimited service_unavailable fatal_error message_limit_exceeded token_revoked is_archived invalid_arguments';

function isTold(method: SlackMethod, code: string): boolean {
  return `${OF_EACH_KIND} ${OF_ONE_METHOD}`.split(' ').includes(code) || OWN[method]?.[code] !== undefined;
}

function expectedOf(method: SlackMethod, { code, group, outcome }: (typeof listed)[number]): object {
  const own = OWN[method]?.[code];
  if (own !== undefined) return own;
  if (group === 'ambiguous' && method !== 'chat.postMessage') return { ...AGAIN, reason: { code } };
  const narrow = OF_ONE_METHOD.split(' ').includes(code) && !ESSENTIAL.has(method);
  const elsewhere = narrow || (group === 'payload' && LOOKING.has(method));
  return { ...outcome, ...(elsewhere && { scope: 'destination' }), reason: { code } };
}
