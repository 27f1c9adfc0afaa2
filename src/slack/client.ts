/** The gateway to the real Slack, on the official client with our own transport under it. */
import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Placement } from '../core/delivery.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Outcome, sent } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import { classify, malformed, type SlackMethod } from './classify.ts';
import type { Posting, SlackGateway, SlackIdentity } from './gateway.ts';
import { createTransport } from './transport.ts';

export interface GatewayOptions {
  readonly token: Secret;
  /** Where the methods are, like `https://slack.com/api/`. */
  readonly apiUrl: string;
  /** For one call, from its turn on to the whole answer. */
  readonly timeoutMs: number;
  readonly userAgent?: string;
  /** How many calls are under way at once; more wait their turn. */
  readonly connections?: number;
  readonly clock?: Clock;
}

export type ClosableGateway = SlackGateway & {
  /** Lets the calls under way end, each within its time-out. Idempotent. */
  close(): Promise<void>;
};

/** What our messages carry in their metadata; whoever looks for a delivery id reads it from there. */
const DELIVERY_EVENT_TYPE = 'alo_relay_delivery';

const DM_KEPT_MS = 60 * 60 * 1000;
const DMS_KEPT = 10_000;

const ignore = (): void => undefined;

/** web-api writes whole messages to its logger: this one keeps nothing. */
const SILENT: NonNullable<WebClientOptions['logger']> = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  setName: ignore,
  getLevel: () => LogLevel.ERROR,
};

/** Throws a TypeError where `apiUrl` is no URL. */
export function createGateway(options: GatewayOptions): ClosableGateway {
  const { token, apiUrl, timeoutMs, userAgent = 'alo-relay', connections = 64, clock = systemClock } = options;
  const transport = createTransport({ apiUrl, timeoutMs, connections });
  const client = new WebClient(token.reveal(), {
    // As the transport compares it: with the host in lower case and no default port.
    slackApiUrl: new URL(apiUrl).href,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // The transport has the time-out: web-api's leaves a timer behind for every call that ends before it.
    fetch: transport.fetch,
    maxRequestConcurrency: connections,
    headers: { 'User-Agent': userAgent },
    logger: SILENT,
  });
  // lru-cache takes an entry made at instant 0 for one that never ends.
  const perf = { now: () => 1 + clock.monotonic() };
  const dms = new LRUCache<string, string>({ max: DMS_KEPT, ttl: DM_KEPT_MS, ttlResolution: 0, perf });

  /** `read` takes what is needed from the answer; undefined where it is not there. */
  async function call<T>(
    method: SlackMethod,
    args: Record<string, unknown>,
    read: (answer: object) => T | undefined,
  ): Promise<Outcome<T>> {
    try {
      const value = read(await client.apiCall(method, args));
      return value === undefined ? malformed(method) : sent(value);
    } catch (error) {
      return classify(method, error);
    }
  }

  return {
    post: (posting) => call('chat.postMessage', postArguments(posting), placementIn),
    update: ({ channel, ts }, message) =>
      // Without blocks of its own, an update would leave the message's old ones standing.
      call('chat.update', { channel, ts, blocks: '[]', ...content(message) }, () => ({ channel, ts })),
    async react(placement, emoji) {
      const { channel, ts: timestamp } = placement;
      const outcome = await call('reactions.add', { channel, timestamp, name: emoji }, () => placement);
      return outcome.kind === 'refused' && outcome.reason.code === 'already_reacted' ? sent(placement) : outcome;
    },
    async openDm(userId) {
      const cached = dms.get(userId);
      if (cached !== undefined) return sent(cached);
      const outcome = await call('conversations.open', { users: userId }, (answer) => {
        return textAt(objectAt(answer, 'channel'), 'id');
      });
      if (outcome.kind === 'sent') dms.set(userId, outcome.value);
      return outcome;
    },
    async lookupByEmail(email) {
      const outcome = await call<string | null>('users.lookupByEmail', { email }, (answer) => {
        const user = objectAt(answer, 'user');
        return user !== undefined && Reflect.get(user, 'deleted') === true ? null : textAt(user, 'id');
      });
      return outcome.kind === 'refused' && outcome.reason.code === 'users_not_found' ? sent(null) : outcome;
    },
    identify: () => call('auth.test', {}, identityIn),
    close: transport.close,
  };
}

/** Serialised here, so that web-api does not walk through it once more for a log that nobody keeps. */
function postArguments({ channel, message, deliveryId, thread }: Posting): Record<string, unknown> {
  const metadata = { event_type: DELIVERY_EVENT_TYPE, event_payload: { delivery_id: deliveryId } };
  return {
    channel,
    ...content(message),
    metadata: JSON.stringify(metadata),
    unfurl_links: false,
    unfurl_media: false,
    ...(thread === undefined ? {} : { thread_ts: thread.ts }),
    ...(thread?.broadcast === true ? { reply_broadcast: true } : {}),
  };
}

function content({ text, blocks, summary }: RenderedMessage): { text: string; blocks?: string } {
  if (blocks === undefined || blocks.length === 0) return { text };
  return { text: summary === '' ? text : summary, blocks: JSON.stringify(blocks) };
}

function placementIn(answer: object): Placement | undefined {
  const channel = textAt(answer, 'channel');
  const ts = textAt(answer, 'ts');
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

function identityIn(answer: object): SlackIdentity | undefined {
  const team = textAt(answer, 'team');
  const user = textAt(answer, 'user');
  return team === undefined || user === undefined ? undefined : { team, user };
}

function objectAt(holder: object, key: string): object | undefined {
  const value: unknown = Reflect.get(holder, key);
  return typeof value === 'object' && value !== null ? value : undefined;
}

function textAt(holder: object | undefined, key: string): string | undefined {
  const value: unknown = holder === undefined ? undefined : Reflect.get(holder, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
