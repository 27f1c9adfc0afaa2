/** Arguments with what things are found by as `keyText` gives it; everything else stays. */
import type { Argument, CardEntry, Operation, PlannedEntry } from '../store.ts';
import { keyText } from './text.ts';

type Shortened = { readonly [K in Operation]?: (argument: Argument<K>) => Argument<K> };

const SHORTENED: Shortened = {
  accept: ({ deliveries, ...entry }) => ({
    ...entry,
    id: keyText(entry.id),
    source: keyText(entry.source),
    key: keyText(entry.key),
    subject: entry.subject === null ? null : keyText(entry.subject),
    deliveries: deliveries.map((delivery) => {
      const { threshold } = delivery;
      return { ...inLane(delivery), threshold: threshold && { ...threshold, key: keyText(threshold.key) } };
    }),
  }),
  next: inLane,
  waiting: ({ channel, ...query }) => ({ ...inLane(query), channel: channel === null ? null : keyText(channel) }),
  settle: (endings) =>
    endings.map((ending) => ({
      ...ending,
      card: ending.card && ofCard(ending.card),
      learnt: ending.learnt && named(ending.learnt),
    })),
  events: ({ id, ...query }) => ({ ...query, ...(id !== undefined && { id: keyText(id) }) }),
  search: ({ source, subject, ...query }) => ({
    ...query,
    ...(source !== undefined && { source: keyText(source) }),
    ...(subject !== undefined && { subject: keyText(subject) }),
  }),
  replay: ({ deliveries, ...entry }) => ({ ...entry, deliveries: deliveries.map((one: PlannedEntry) => inLane(one)) }),
  channelId: named,
  person: addressed,
  savePerson: addressed,
  card: ofCard,
  saveCard: (card: CardEntry) => ofCard(card),
};

export function withKeyTexts<K extends Operation>(operation: K, argument: Argument<K>): Argument<K> {
  return SHORTENED[operation]?.(argument) ?? argument;
}

function inLane<T extends { readonly lane: string }>(row: T): T {
  return { ...row, lane: keyText(row.lane) };
}

function named<T extends { readonly name: string }>(channel: T): T {
  return { ...channel, name: keyText(channel.name) };
}

function addressed<T extends { readonly email: string }>(person: T): T {
  return { ...person, email: keyText(person.email) };
}

function ofCard<T extends { readonly subject: string; readonly channel: string }>(card: T): T {
  return { ...card, subject: keyText(card.subject), channel: keyText(card.channel) };
}
