/** A connection to Slack: the official client with our own transport under it, which every call goes through. */
import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import type { CallFacts } from '../core/telemetry.ts';
import { type Call, createCall } from './call.ts';
import { ServerClock } from './server-clock.ts';
import { createTransport, transportThrough } from './transport.ts';

export interface ConnectionOptions {
  readonly token: Secret;
  /** Where the methods are, like `https://slack.com/api/`. */
  readonly apiUrl: string;
  /** For one call, from its turn on to the whole answer. */
  readonly timeoutMs: number;
  readonly userAgent?: string;
  /** How many calls are under way at once; more wait their turn. */
  readonly connections?: number;
  readonly clock?: Clock;
  /** What requests are made through, in place of connections of our own. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Asked right before the first byte of a call that changes something in Slack is written. False: it is not made,
   * which costs it no attempt. By default it always may.
   */
  readonly ownsLanes?: () => boolean;
  /** Told of every call that has ended. */
  readonly onCall?: (facts: CallFacts) => void;
}

/**
 * What must not be done by who has lost a conversation to another instance. The rest asks, or opens a conversation that
 * is the same one for everybody.
 */
const CHANGING = /\/(?:chat\.(?:postMessage|update)|\w+\.add)$/;

export interface Connection {
  readonly call: Call;
  /** Learns from every answer. */
  readonly serverClock: ServerClock;
  /** Lets the calls under way end, each within its time-out. Idempotent. */
  close(): Promise<void>;
}

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
export function connect(options: ConnectionOptions): Connection {
  const { token, apiUrl, timeoutMs, userAgent = 'alo-relay', connections = 64, clock = systemClock } = options;
  const serverClock = new ServerClock(clock);
  const onDate = (date: string) => serverClock.learn(date);
  const { ownsLanes = () => true } = options;
  const maySend = (url: string) => !CHANGING.test(url) || ownsLanes();
  const transport =
    options.fetch === undefined
      ? createTransport({ apiUrl, timeoutMs, connections, onDate, maySend })
      : transportThrough(options.fetch, { onDate, maySend });
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
  return { call: createCall(client, options.onCall ?? ignore), serverClock, close: transport.close };
}
