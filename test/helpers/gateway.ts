import type { Placement } from '../../src/core/delivery.ts';
import type { Failure, Outcome } from '../../src/core/outcome.ts';
import { sent } from '../../src/core/outcome.ts';
import type { Posting, SlackGateway } from '../../src/slack/gateway.ts';

/** A Slack that records what it is asked, and answers as told: `fail` queues failures for the next calls. */
export class ScriptedSlack implements SlackGateway {
  readonly calls: string[] = [];
  readonly postings: Posting[] = [];
  readonly #failures: Failure[] = [];
  #ts = 0;

  fail(...failures: Failure[]): void {
    this.#failures.push(...failures);
  }

  post = async (posting: Posting): Promise<Outcome<Placement>> => {
    this.postings.push(posting);
    const where = posting.thread === undefined ? posting.channel : `${posting.channel}/${posting.thread.ts}`;
    return this.#answer(`post ${where} ${posting.message.text}`, () => ({
      channel: posting.channel.replace('#', 'C'),
      ts: `${++this.#ts}.0`,
    }));
  };

  update = async (placement: Placement, message: Posting['message']): Promise<Outcome<Placement>> =>
    this.#answer(`update ${placement.channel}/${placement.ts} ${message.text}`, () => placement);

  react = async (placement: Placement, emoji: string): Promise<Outcome<Placement>> =>
    this.#answer(`react ${placement.channel}/${placement.ts} ${emoji}`, () => placement);

  openDm = async (userId: string): Promise<Outcome<string>> => this.#answer(`open ${userId}`, () => `D${userId}`);

  lookupByEmail = async (email: string): Promise<Outcome<string | null>> =>
    this.#answer(`lookup ${email}`, () =>
      email.startsWith('nobody') ? null : `U${email.split('@')[0]?.toUpperCase()}`,
    );

  identify = async () => this.#answer('identify', () => ({ team: 'T', user: 'U' }));

  #answer<T>(call: string, value: () => T): Outcome<T> {
    this.calls.push(call);
    return this.#failures.shift() ?? sent(value());
  }
}
