/** Lists the source types, by the name that `type:` in the config has. */
import { ALLO } from './allo/allo.ts';
import { ALO } from './alo/alo.ts';
import { GITHUB } from './github/github.ts';
import type { SourceType } from './source-type.ts';
import { STANDARD_WEBHOOKS } from './standard-webhooks/standard-webhooks.ts';

const TYPES = { alo: ALO, allo: ALLO, 'standard-webhooks': STANDARD_WEBHOOKS, github: GITHUB } as const;

export type SourceTypeName = keyof typeof TYPES;

export const SOURCE_TYPES: Readonly<Record<SourceTypeName, SourceType>> = TYPES;

function isSourceTypeName(name: string): name is SourceTypeName {
  return Object.hasOwn(TYPES, name);
}

export const SOURCE_TYPE_NAMES: readonly SourceTypeName[] = Object.keys(TYPES).filter(isSourceTypeName);

/** Of every type: a gateway may pass on what another product sent. */
export const TOPIC_ALIASES: ReadonlyMap<string, string> = new Map(
  SOURCE_TYPE_NAMES.flatMap((name) => Object.entries(SOURCE_TYPES[name].topicAliases ?? {})),
);

export const PLACES_BY_TOPIC = SOURCE_TYPE_NAMES.flatMap((name) => SOURCE_TYPES[name].placesByTopic ?? []);
