/** The events that every receiver gets: Allo's `call.completed`, 1 kB, signed by Standard Webhooks. */
import { createHmac, randomBytes } from 'node:crypto';

export interface CallEvent {
  readonly topic: string;
  readonly version: string;
  readonly timestamp: string;
  readonly data: {
    /** The call: what the event is about. */
    readonly id: string;
    /** The number of the event, from 0. */
    readonly n: number;
    readonly channel: number;
    readonly from_number: string;
    readonly to: string;
    readonly type: string;
    readonly result: string;
    readonly summary: string;
    readonly tags: readonly string[];
    readonly user_email: string | null;
  };
}

export const CHANNELS = 50;

/** Those that the troubled Slack has trouble with. */
export const TROUBLED = ['#bench-0', '#bench-1', '#bench-2'] as const;

/** A multiple of the load's connections: then each call's events come on one connection, one after the other. */
export const CALLS = 320;

const BODY_BYTES = 1024;
const SENTENCE = 'The caller asked when the technician comes, and was given Thursday at ten; please confirm by SMS. ';

/** As `messageOf` and `channelOf` write it, for alo-relay's config. */
export const TEMPLATE =
  '{{ event.payload.data.n }} {{ event.payload.data.id }} {{ event.payload.data.from_number }}: {{ event.payload.data.summary }}';
/** One line, as people write them. */
export const SHORT_TEMPLATE =
  '{{ event.payload.data.n }} {{ event.payload.data.id }} missed, from {{ event.payload.data.from_number }} to {{ event.payload.data.to }}';
export const CHANNEL = '#bench-{{ event.payload.data.channel }}';

export function messageOf({ data }: CallEvent): string {
  return `${data.n} ${data.id} ${data.from_number}: ${data.summary}`;
}

export function channelOf({ data }: CallEvent): string {
  return `#bench-${data.channel}`;
}

/** The body of event number `n`. */
export function eventBody(n: number): string {
  const call = n % CALLS;
  const event = (summary: string): CallEvent => ({
    topic: 'call.completed',
    version: '2.0',
    timestamp: new Date().toISOString(),
    data: {
      id: `cll_${call}`,
      n,
      channel: call % CHANNELS,
      from_number: '+33612345678',
      to: '+33112345678',
      type: 'INBOUND',
      result: 'ANSWERED',
      summary,
      tags: ['support', 'callback'],
      user_email: 'agent@example.com',
    },
  });
  const room = BODY_BYTES - JSON.stringify(event('')).length;
  return JSON.stringify(event(SENTENCE.repeat(Math.ceil(room / SENTENCE.length)).slice(0, room)));
}

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** A whole HTTP request, ready to be written to a socket. */
export function signedRequest(n: number, { url, secret }: { url: URL; secret: string }): Buffer {
  const body = eventBody(n);
  const id = messageId();
  const timestamp = Math.floor(Date.now() / 1000);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return Buffer.from(
    [
      `POST ${url.pathname} HTTP/1.1`,
      `host: ${url.host}`,
      'user-agent: bench',
      'accept: */*',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestamp}`,
      `webhook-signature: v1,${mac}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** In order of time to the second, random within it, as a KSUID is. */
function messageId(): string {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(Date.now() / 1000));
  return `msg_${BigInt(`0x${seconds.toString('hex')}${randomBytes(16).toString('hex')}`).toString(36)}`;
}
