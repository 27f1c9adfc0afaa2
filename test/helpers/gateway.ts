import type { Placement } from '../../src/core/delivery.ts';
import { type Failure, type Outcome, sent } from '../../src/core/outcome.ts';
import type { CardMark, Landing, Posting, Search, SlackGateway } from '../../src/slack/gateway.ts';

/** Slack cannot be reached: certainly nothing was done. */
export const AWAY: Failure = { kind: 'retry', limited: false, reason: { code: 'connection_refused', detail: 'Away.' } };
export const LIMITED: Failure = {
  kind: 'retry',
  limited: true,
  afterMs: 7000,
  reason: { code: 'ratelimited', detail: '' },
};
export const LOST: Failure = { kind: 'unknown', reason: { code: 'timed_out', detail: 'Slack did not answer.' } };

/** What becomes of a call: a failure before Slack did anything, or an answer that gets lost after it did. */
type Mishap = Failure | 'answer lost';

/** A message that stands in Slack. */
interface Standing {
  readonly posting: Posting;
  readonly placement: Landing;
}

/** A Slack that records what it is asked, and answers as told. */
export class ScriptedSlack implements SlackGateway {
  readonly calls: string[] = [];
  readonly postings: Posting[] = [];
  /** In the order in which they came to stand there. */
  readonly standing: Standing[] = [];
  /** Looks that do not see what is there, for history lags. */
  lag = 0;
  /** What every call fails with, looking included, until it is null again. */
  down: Failure | null = null;
  /** By user id. Who is not in it has told none. */
  readonly zones = new Map<string, string>();
  /** Addresses that are in Slack, although they look as if nobody had them. */
  readonly joined = new Set<string>();
  /** Threads whose first message is gone, and whose replies Slack shows in the channel. */
  readonly gone = new Set<string>();
  readonly #mishaps: Mishap[] = [];
  readonly #blindness: Failure[] = [];
  #ts = 0;

  /** What stands in a channel, or else in all of them, in order. */
  texts(channel?: string): string[] {
    const inIt = this.standing.filter(({ posting }) => channel === undefined || posting.channel === channel);
    return inIt.map(({ posting }) => posting.message.text);
  }

  /** For the next calls, looking excepted. */
  fail(...mishaps: Mishap[]): void {
    this.#mishaps.push(...mishaps);
  }

  /** For the next looks. */
  blind(...failures: Failure[]): void {
    this.#blindness.push(...failures);
  }

  post = async (posting: Posting): Promise<Outcome<Landing>> => {
    this.postings.push(posting);
    const where = posting.thread === undefined ? posting.channel : `${posting.channel}/${posting.thread.ts}`;
    return this.#answer(`post ${where} ${posting.message.text}`, () => {
      const astray = posting.thread !== undefined && this.gone.has(posting.thread.ts);
      const channel = posting.channel.replace('#', 'C');
      const placement: Landing = { channel, ts: `${++this.#ts}.0`, ...(astray && { astray }) };
      this.standing.push({ posting, placement });
      return placement;
    });
  };

  find = async ({ channel, threadTs, deliveryId, neededBy = deliveryId }: Search): Promise<Outcome<Landing | null>> => {
    this.calls.push(`find ${channel}${threadTs === undefined ? '' : `/${threadTs}`}`);
    const failure = this.down ?? this.#blindness.shift();
    if (failure !== undefined) return failure;
    if (this.lag > 0) {
      this.lag -= 1;
      return sent(null);
    }
    const shared = (posting: Posting) => posting.deliveries?.includes(neededBy) === true;
    const found = this.standing.find(
      ({ posting, placement }) =>
        (posting.deliveryId === deliveryId || shared(posting)) &&
        placement.channel === channel &&
        posting.thread?.ts === threadTs,
    );
    if (found === undefined) return sent(null);
    return sent({ ...found.placement, ...(shared(found.posting) && { shared: true }) });
  };

  channelId = async (name: string): Promise<Outcome<string | null>> => sent(name.replace('#', 'C'));

  update = async (placement: Placement, message: Posting['message']): Promise<Outcome<Placement>> =>
    this.#answer(`update ${placement.channel}/${placement.ts} ${message.text}`, () => placement);

  mark = async ({ channel, ts }: Placement, { method, args = {} }: CardMark): Promise<Outcome<Placement>> => {
    const [call] = method.split('.');
    const what = { reactions: 'react' }[call ?? ''] ?? call;
    return this.#answer([what, `${channel}/${ts}`, ...Object.values(args)].join(' '), () => ({ channel, ts }));
  };

  openDm = async (userId: string): Promise<Outcome<string>> => this.#answer(`open ${userId}`, () => `D${userId}`);

  lookupByEmail = async (email: string): Promise<Outcome<string | null>> =>
    this.#answer(`lookup ${email}`, () =>
      email.startsWith('nobody') && !this.joined.has(email) ? null : `U${email.split('@')[0]?.toUpperCase()}`,
    );

  groupId = async (handle: string): Promise<Outcome<string | null>> =>
    this.#answer(`group ${handle}`, () => (handle === 'support' ? 'S0SUPPORT' : null));

  timeZone = async (userId: string): Promise<Outcome<string | null>> =>
    this.#answer(`zone ${userId}`, () => this.zones.get(userId) ?? null);

  identify = async () => this.#answer('identify', () => ({ team: 'T', user: 'U' }));

  #answer<T>(call: string, act: () => T): Outcome<T> {
    this.calls.push(call);
    const mishap = this.down ?? this.#mishaps.shift();
    if (mishap === undefined) return sent(act());
    if (mishap !== 'answer lost') return mishap;
    act();
    return LOST;
  }
}
