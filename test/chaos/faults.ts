/** What can go wrong with one call to Slack: every row of the table in the README, and how it looks on the wire. */
import type { Fault } from '../../src/sandbox/panel/faults.ts';
import type { Random } from './random.ts';

/** The config's `delivery.timeout`. */
export const TIMEOUT_MS = 400;

/** Slack's history shows what was posted no later than this. */
const LONGEST_LAG_MS = 1_500;

const POST = ['chat.postMessage'] as const;
const WRITE = ['chat.postMessage', 'chat.postMessage', 'chat.postMessage', 'chat.update', 'reactions.add'] as const;
const ANY = [...WRITE, ...WRITE, 'conversations.open', 'conversations.history', 'conversations.replies'] as const;
const LOOK = ['conversations.history', 'conversations.replies'] as const;

const PROXY_PAGE = '<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1>proxy</body></html>';

interface Kind {
  /**
   * FailureGroup never strike the methods that look for a message: "you may not look there" is an answer of its own, after
   * which the config allows to send again.
   */
  readonly methods: readonly string[];
  readonly make: (random: Random) => Omit<Fault, 'method' | 'channel' | 'token' | 'times' | 'skip'>;
}

const code = (error: string, acts = false): Fault => ({ kind: 'error', error, ...(acts && { acts }) });

/** By the name they have in the report. */
const KINDS = {
  'rate limited': { methods: ANY, make: () => ({ kind: 'rate_limited', retryAfter: 1 }) },
  'rate limited, no Retry-After': { methods: WRITE, make: () => ({ kind: 'rate_limited', retryAfter: null }) },
  'transient code': {
    methods: ANY,
    make: (random) => code(random.pick(['service_unavailable', 'team_added_to_org', 'org_login_required'])),
  },
  'ambiguous code': {
    methods: ANY,
    make: (random) => code(random.pick(['fatal_error', 'internal_error', 'request_timeout']), random.chance(0.5)),
  },
  'destination code': {
    methods: POST,
    make: (random) => code(random.pick(['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'])),
  },
  'payload code': {
    methods: WRITE,
    make: (random) => code(random.pick(['msg_too_long', 'invalid_blocks', 'no_text', 'invalid_arguments'])),
  },
  'unknown code': { methods: WRITE, make: (random) => code(random.pick(['brand_new_error', 'not_in_the_reference'])) },
  'proxy page (502)': {
    methods: ANY,
    make: (random) => ({
      kind: 'http',
      status: 502,
      body: PROXY_PAGE,
      contentType: 'text/html',
      acts: random.chance(0.5),
    }),
  },
  'never answers': { methods: ANY, make: (random) => ({ kind: 'hang', acts: random.chance(0.5) }) },
  'HTML with 200': { methods: ANY, make: (random) => ({ kind: 'html', acts: random.chance(0.5) }) },
  'null with 200': { methods: ANY, make: () => ({ kind: 'null' }) },
  redirect: { methods: ANY, make: () => ({ kind: 'redirect' }) },
  'dropped before': { methods: ANY, make: () => ({ kind: 'drop_before' }) },
  'took it, then dropped': { methods: WRITE, make: () => ({ kind: 'drop_after' }) },
  'cut in the middle': { methods: ANY, make: () => ({ kind: 'truncate' }) },
  'too slow': {
    methods: WRITE,
    make: (random) => ({ kind: 'slow', ms: random.int(Math.floor(TIMEOUT_MS / 2), TIMEOUT_MS * 2) }),
  },
  'history lags': {
    methods: LOOK,
    make: (random) => ({ kind: 'lag', ms: random.int(200, LONGEST_LAG_MS) }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type FaultName = keyof typeof KINDS;

export const FAULT_NAMES: readonly FaultName[] = Object.keys(KINDS).filter((name): name is FaultName => name in KINDS);

/** One fault of the kind, for one call. */
export function makeFault(name: FaultName, random: Random): Fault {
  const { methods, make }: Kind = KINDS[name];
  return { ...make(random), method: random.pick(methods), times: 1 } as Fault;
}
