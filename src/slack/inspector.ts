/** What `doctor` asks of Slack: whether what the config names is there, and what the app may do. It changes nothing. */
import { type Clock, systemClock } from '../core/clock.ts';
import { type Outcome, sent } from '../core/outcome.ts';
import type { Call } from './call.ts';
import { createChannels } from './channels.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { createGroups } from './groups.ts';
import { objectAt, textAt } from './response-fields.ts';

export interface TokenFacts {
  readonly team: string;
  readonly user: string;
  /** What the app may do; null where Slack does not say. */
  readonly scopes: readonly string[] | null;
  /** How far Slack's clock is ahead of ours, in ms (to the second); null where its answer had no date. */
  readonly clockOffsetMs: number | null;
}

export interface ChannelFacts {
  readonly id: string;
  readonly private: boolean;
  readonly member: boolean;
  readonly archived: boolean;
}

export interface UserFacts {
  readonly bot: boolean;
  /** Deactivated. */
  readonly deleted: boolean;
}

export interface SlackInspector {
  token(): Promise<Outcome<TokenFacts>>;
  /** By id or `#name`; null where there is none that the app may see. */
  channel(reference: string): Promise<Outcome<ChannelFacts | null>>;
  /** Null where there is no such user. */
  user(id: string): Promise<Outcome<UserFacts | null>>;
  /** The ids of the user groups in use, by their handles in lower case, without `@`. */
  groups(): Promise<Outcome<ReadonlyMap<string, string>>>;
  close(): Promise<void>;
}

/** Throws a TypeError where `apiUrl` is no URL. */
export function createInspector(options: ConnectionOptions): SlackInspector {
  const clock: Clock = options.clock ?? systemClock;
  const { call, serverClock, close } = connect(options);
  const channels = createChannels({ call, clock });
  return {
    token: () =>
      call('auth.test', {}, (answer) => {
        const [team, user] = [textAt(answer, 'team'), textAt(answer, 'user')];
        if (team === undefined || user === undefined) return undefined;
        const clockOffsetMs = serverClock.learnt ? serverClock.now() - clock.now() : null;
        return { team, user, scopes: scopesIn(answer), clockOffsetMs };
      }),
    async channel(reference) {
      const id = await channels.idOf(reference);
      return id.kind === 'sent' && id.value !== null ? channelOf(id.value, call) : id.kind === 'sent' ? sent(null) : id;
    },
    async user(id) {
      const outcome = await call<UserFacts | null>('users.info', { user: id }, (answer) => {
        const user = objectAt(answer, 'user');
        return user && { bot: isTrue(user, 'is_bot'), deleted: isTrue(user, 'deleted') };
      });
      return absent(outcome, 'user_not_found');
    },
    groups: createGroups({ call, clock }).list,
    close,
  };
}

async function channelOf(id: string, call: Call): Promise<Outcome<ChannelFacts | null>> {
  const outcome = await call<ChannelFacts | null>('conversations.info', { channel: id }, (answer) => {
    const channel = objectAt(answer, 'channel');
    const direct = channel !== undefined && (isTrue(channel, 'is_im') || isTrue(channel, 'is_mpim'));
    return (
      channel && {
        id,
        private: isTrue(channel, 'is_private'),
        member: direct || isTrue(channel, 'is_member'),
        archived: isTrue(channel, 'is_archived'),
      }
    );
  });
  return absent(outcome, 'channel_not_found');
}

/** web-api puts the header x-oauth-scopes there. */
function scopesIn(answer: object): readonly string[] | null {
  const scopes: unknown = Reflect.get(objectAt(answer, 'response_metadata') ?? {}, 'scopes');
  if (!Array.isArray(scopes)) return null;
  return scopes.filter((scope): scope is string => typeof scope === 'string' && scope !== '');
}

function isTrue(holder: object, key: string): boolean {
  return Reflect.get(holder, key) === true;
}

function absent<T>(outcome: Outcome<T | null>, code: string): Outcome<T | null> {
  return outcome.kind === 'refused' && outcome.reason.code === code ? sent(null) : outcome;
}
