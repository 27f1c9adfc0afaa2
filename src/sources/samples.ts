/** Payloads like those of the real senders, for trying out a relay. */

import { ALLO_SAMPLES } from './samples/allo.ts';
import { ALO_SAMPLES } from './samples/alo.ts';
import type { Sample } from './samples/cast.ts';
import { STANDARD_SAMPLES } from './samples/standard.ts';
import type { SourceType } from './secrets.ts';

export type { Sample } from './samples/cast.ts';

const SAMPLES: Readonly<Record<SourceType, readonly Sample[]>> = {
  alo: ALO_SAMPLES,
  allo: ALLO_SAMPLES,
  'standard-webhooks': STANDARD_SAMPLES,
};

/** Every topic of a sender, in the order in which they tell a story: built with the same index, they belong together. */
export function samples(type: SourceType): readonly Sample[] {
  return SAMPLES[type];
}
