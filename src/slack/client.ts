/** The gateway to the real Slack, on the official client with our own transport under it. */
import { LRUCache } from 'lru-cache';
import { type Clock, expiringBy, HOUR_MS, systemClock } from '../core/clock.ts';
import { faultPoint } from '../core/fault-point.ts';
import type { RenderedMessage } from '../core/message.ts';
import { sent } from '../core/outcome.ts';
import { unescapeMrkdwn } from '../slack-format/escape.ts';
import type { Call } from './call.ts';
import { createChannels } from './channels.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { gated } from './gate.ts';
import type { Landing, Posting, SlackGateway, SlackIdentity } from './gateway.ts';
import { createGroups } from './groups.ts';
import { markOf } from './mark.ts';
import { astrayIn, objectAt, textAt } from './response-fields.ts';
import { createSearch } from './search.ts';

export type GatewayOptions = ConnectionOptions;

export type ClosableGateway = SlackGateway & {
  /** Lets the calls under way end, each within its time-out. Idempotent. */
  close(): Promise<void>;
};

/** What is known of a user. */
const USER_KEPT_MS = HOUR_MS;
const USERS_KEPT = 10_000;

/** Throws a TypeError where `apiUrl` is no URL. */
export function createGateway(options: GatewayOptions): ClosableGateway {
  const { timeoutMs, clock = systemClock } = options;
  const { call, serverClock, close } = connect(options);
  const ask = gated(call, clock);
  const channels = createChannels({ call: ask, clock });
  const search = createSearch({ call: ask, clock, serverClock, timeoutMs });
  const identify = () => call('auth.test', {}, identityIn);
  return {
    ...writing(call, channels.learn),
    ...people(ask, clock),
    groupId: createGroups({ call: ask, clock }).idOf,
    async find(wanted) {
      if (!serverClock.learnt) {
        const asked = await identify();
        if (asked.kind !== 'sent') return asked;
      }
      return search(wanted);
    },
    channelId: channels.idOf,
    identify,
    close,
  };
}

/** `learn` is told which channel a message to a name went to. */
function writing(
  call: Call,
  learn: (reference: string, id: string) => void,
): Pick<SlackGateway, 'post' | 'update' | 'mark'> {
  return {
    async post(posting) {
      faultPoint('deliver.posting');
      const isReply = posting.thread !== undefined;
      const outcome = await call('chat.postMessage', postArguments(posting), (answer) => landingIn(answer, isReply));
      if (outcome.kind !== 'sent') return outcome;
      faultPoint('deliver.posted');
      learn(posting.channel, outcome.value.channel);
      return outcome;
    },
    async update({ channel, ts }, message) {
      // What an update does not name stays as it was.
      const args = { channel, ts, text: '', blocks: '[]', attachments: '[]', ...content(message) };
      const outcome = await call('chat.update', args, () => ({ channel, ts }));
      if (outcome.kind === 'sent') faultPoint('deliver.updated');
      return outcome;
    },
    async mark(placement, { method, args, already }) {
      const { channel, ts: timestamp } = placement;
      const outcome = await call(method, { channel, timestamp, ...args }, () => placement);
      return outcome.kind === 'refused' && outcome.reason.code === already ? sent(placement) : outcome;
    },
  };
}

function people(
  call: Call,
  clock: Pick<Clock, 'monotonic'>,
): Pick<SlackGateway, 'openDm' | 'lookupByEmail' | 'timeZone'> {
  const kept = { max: USERS_KEPT, ttl: USER_KEPT_MS, ...expiringBy(clock) };
  const dms = new LRUCache<string, string>(kept);
  const zones = new LRUCache<string, { readonly zone: string | null }>(kept);
  return {
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
    async timeZone(userId) {
      const known = zones.get(userId);
      if (known !== undefined) return sent(known.zone);
      const outcome = await call<string | null>('users.info', { user: userId }, (answer) => {
        const user = objectAt(answer, 'user');
        return user === undefined ? undefined : (textAt(user, 'tz') ?? null);
      });
      if (outcome.kind === 'sent') zones.set(userId, { zone: outcome.value });
      return outcome.kind === 'refused' && outcome.reason.code === 'user_not_found' ? sent(null) : outcome;
    },
  };
}

/** Serialised here, so that web-api does not walk through it once more for a log that nobody keeps. */
function postArguments({ channel, message, deliveryId, deliveries, thread }: Posting): Record<string, unknown> {
  return {
    channel,
    ...content(message),
    metadata: markOf(deliveryId, deliveries),
    unfurl_links: false,
    unfurl_media: false,
    ...(thread === undefined ? {} : { thread_ts: thread.ts }),
    ...(thread?.broadcast === true ? { reply_broadcast: true } : {}),
  };
}

interface Content {
  readonly text?: string;
  readonly parse: 'none';
  readonly blocks?: string;
  readonly attachments?: string;
}

/**
 * `parse: none` also where it is Slack's default: an update's is another one. Names in a text never become links. Beside
 * a coloured bar there is no `text`, which Slack would show as a second body: the notification is the `fallback`.
 */
function content({ text, blocks, summary, color }: RenderedMessage): Content {
  const line = summary === '' ? text : summary;
  if (blocks === undefined || blocks.length === 0) return { text, parse: 'none' };
  if (color === undefined) return { text: line, parse: 'none', blocks: JSON.stringify(blocks) };
  const fallback = unescapeMrkdwn(line);
  return { parse: 'none', attachments: JSON.stringify([{ color, fallback, blocks }]) };
}

/** That its message is in no thread is the only sign that a reply went astray. */
function landingIn(answer: object, isReply: boolean): Landing | undefined {
  const channel = textAt(answer, 'channel');
  const ts = textAt(answer, 'ts');
  if (channel === undefined || ts === undefined) return undefined;
  const message = objectAt(answer, 'message');
  return { channel, ts, ...(isReply && message !== undefined && astrayIn(message)) };
}

function identityIn(answer: object): SlackIdentity | undefined {
  const team = textAt(answer, 'team');
  const user = textAt(answer, 'user');
  const url = textAt(answer, 'url');
  return team === undefined || user === undefined ? undefined : { team, user, ...(url !== undefined && { url }) };
}
