/** What the sources of a config are known to send, as far as is known at all. */
import { SOURCE_TYPE_NAMES, SOURCE_TYPES, type SourceTypeName, TOPIC_ALIASES } from '../sources/registry.ts';
import type { Sender, Senders } from './known-topics.ts';

function senderOf(type: SourceTypeName): Sender {
  const { product, openTopics, samples } = SOURCE_TYPES[type];
  return { product, type, topics: openTopics === true ? null : samples.map(({ topic }) => topic) };
}

/** A source as the config has it. */
export interface WrittenSource {
  readonly type: SourceTypeName;
  readonly fields: Readonly<Record<string, string | undefined>>;
}

export function sendersOf(sources: Readonly<Record<string, WrittenSource>>): Senders {
  const bySource = Object.entries(sources).map(([name, { type, fields }]): [string, Sender] => {
    const sender = senderOf(type);
    // Where the config says what the topic is, it may be anything.
    return [name, fields.topic === undefined ? sender : { ...sender, topics: null }];
  });
  const products = SOURCE_TYPE_NAMES.map(senderOf).filter(({ topics }) => topics !== null);
  return { bySource: new Map(bySource), products, aliases: TOPIC_ALIASES };
}
