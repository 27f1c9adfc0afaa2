/** What the sources of a config are known to send, as far as is known at all. */

import { samples } from '../sources/samples.ts';
import type { SourceType } from '../sources/secrets.ts';
import type { Sender, Senders } from './known-topics.ts';

const topicsOf = (type: 'alo' | 'allo') => samples(type).map(({ topic }) => topic);

const ALO: Sender = { product: 'ALO', type: 'alo', topics: topicsOf('alo') };
const ALLO: Sender = { product: 'Allo', type: 'allo', topics: topicsOf('allo') };
const ANY: Sender = { product: 'Standard Webhooks', type: 'standard-webhooks', topics: null };

const BY_TYPE = { alo: ALO, allo: ALLO, 'standard-webhooks': ANY } as const;

/** ALO's documentation has both names; either is read as the second. */
const ALIASES = { action_status_changed: 'action_status_updated' } as const;

/** A source as the config has it. */
export interface WrittenSource {
  readonly type: SourceType;
  readonly fields: Readonly<Record<string, string | undefined>>;
}

export function sendersOf(sources: Readonly<Record<string, WrittenSource>>): Senders {
  const bySource = Object.entries(sources).map(([name, { type, fields }]): [string, Sender] => {
    // Where the config says what the topic is, it may be anything.
    const own = fields.topic !== undefined;
    return [name, own ? { ...BY_TYPE[type], topics: null } : BY_TYPE[type]];
  });
  return { bySource: new Map(bySource), products: [ALO, ALLO], aliases: ALIASES };
}
