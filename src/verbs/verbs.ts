/** Every verb there is, in the order in which a route does them: the one list. */
import type { Target } from '../core/delivery.ts';
import { refused } from '../core/outcome.ts';
import type { QueuedDelivery } from '../journal/contract.ts';
import { card } from './card.ts';
import { dm } from './dm.ts';
import { pin } from './pin.ts';
import { post } from './post.ts';
import { react } from './react.ts';
import { reply } from './reply.ts';
import { type Delivered, type DeliverParts, failed, type Role, type Verb } from './verb.ts';

const LIST = [card, reply, post, dm, react, pin] as const;

type Listed = (typeof LIST)[number];

export type VerbName = Listed['name'];

export const VERBS: readonly (Verb & { readonly name: VerbName })[] = LIST;
export const VERB_NAMES: readonly VerbName[] = LIST.map(({ name }) => name);

/** The steps of each as a route has them, by its name. The type says what `fromEntries` forgets. */
export const VERB_STEPS = Object.fromEntries(LIST.map(({ name, steps }) => [name, steps])) as {
  readonly [Each in Listed as Each['name']]: Each['steps'];
};

const BY_NAME: ReadonlyMap<string, Verb> = new Map(LIST.map((verb) => [verb.name, verb]));

/** Undefined where a newer version planned it, whose verbs are not known here. */
export function verbOf({ verb }: Pick<Target, 'verb'>): Verb | undefined {
  return BY_NAME.get(verb);
}

export function roleOf(target: Pick<Target, 'verb'>): Role {
  return verbOf(target)?.role ?? 'message';
}

/** Its words, as a sentence's object: `card in #alo-actions`. */
export function wordsOf(target: Target): string {
  return verbOf(target)?.words(target) ?? `${target.verb}, which this version does not know`;
}

export type Deliver = (delivery: QueuedDelivery) => Promise<Delivered>;

export function createDeliver(parts: DeliverParts): Deliver {
  return async ({ target, event, eventSeq, doubt, thresholdHit, ...delivery }) => {
    if (target.channel !== undefined && /^#?$/.test(target.channel)) {
      return failed(refused('destination', 'no_channel', "The route's channel came out empty for this event."));
    }
    const verb = verbOf(target);
    if (verb === undefined) {
      return failed(refused('payload', 'unknown_verb', `This version does not know the verb "${target.verb}".`));
    }
    const { acceptedAt, attempts } = delivery;
    const work = { event, eventSeq, doubt, thresholdHit, acceptedAt, attempts, id: deliveryId(delivery) };
    return verb.deliver(target, work, parts);
  };
}

/** As the message carries it. Unique across journals, should one be replaced by an empty one. */
export function deliveryId({ seq, acceptedAt }: Pick<QueuedDelivery, 'seq' | 'acceptedAt'>): string {
  return `${seq}.${acceptedAt.toString(36)}`;
}
