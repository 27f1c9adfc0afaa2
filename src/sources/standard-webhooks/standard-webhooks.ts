/** The source type of any sender that follows Standard Webhooks, which advises payloads of `type`, `timestamp`, `data`. */
import type { SourceType } from '../source-type.ts';
import { isPublicKey, standardSecretFault } from '../standard-secret.ts';
import { STANDARD_HEADERS_NEEDED, signStandard, standardSchemes } from '../standard-signature.ts';
import { ACTION_PLACES, TOPIC_PLACES } from '../usual-places.ts';
import { STANDARD_SAMPLES } from './samples.ts';

export const STANDARD_WEBHOOKS: SourceType = {
  product: 'Standard Webhooks',
  sends: 'others',
  secretFault: standardSecretFault,
  canSign: (secret) => !isPublicKey(secret),
  schemes: standardSchemes,
  headersNeeded: STANDARD_HEADERS_NEEDED,
  sign: signStandard,
  topicPlaces: TOPIC_PLACES,
  openTopics: true,
  placesByTopic: [],
  places: {
    ...ACTION_PLACES,
    subject: [...(ACTION_PLACES.subject ?? []), 'subject', 'subject.id', 'data.object.id', 'data.subject'],
  },
  samples: STANDARD_SAMPLES,
};
