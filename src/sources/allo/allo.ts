/** The source type of Allo (withallo.com): calls, texts and contacts, as its documentation has them. */
import type { Places, SourceType } from '../source-type.ts';
import { isPublicKey, standardSecretFault } from '../standard-secret.ts';
import { STANDARD_HEADERS_NEEDED, signStandard, standardSchemes } from '../standard-signature.ts';
import { TOPIC_KEYS, under } from '../usual-places.ts';
import { ALLO_SAMPLES } from './samples.ts';
import { ALLO_STARTER } from './starter.ts';

const ACTOR = under(['data', 'data.call', ''], 'user_email', 'user', 'agent');

/** call, tag and summary events of one call belong together. */
const call: Places = {
  subject: ['data.call.id', 'data.call_id', 'data.id', 'call_id'],
  occurred_at: ['timestamp', ...under(['data'], 'timestamp', 'started_at', 'start_date', 'created_at')],
  actor: ACTOR,
};

const sms: Places = {
  subject: ['data.sms.id', 'data.message.id', 'data.id', 'data.message_id'],
  occurred_at: ['timestamp', ...under(['data', 'data.sms', 'data.message'], 'sent_at', 'received_at', 'created_at')],
  actor: ACTOR,
  message_text: under(['data', 'data.sms', 'data.message'], 'content', 'text', 'body'),
  message_author: under(['data', 'data.sms', 'data.message'], 'person', 'contact', 'from', 'from_number'),
};

const smsSent: Places = {
  ...sms,
  message_author: under(['data', 'data.sms', 'data.message'], 'user_email', 'user', 'from', 'from_number'),
};

const contact: Places = {
  subject: ['data.contact.id', 'data.contact_id', 'data.person.id', 'data.id'],
  occurred_at: ['timestamp', ...under(['data', 'data.contact'], 'updated_at', 'created_at')],
  actor: ACTOR,
};

export const ALLO: SourceType = {
  product: 'Allo',
  sends: 'calls, texts',
  secretFault: standardSecretFault,
  canSign: (secret) => !isPublicKey(secret),
  schemes: standardSchemes,
  headersNeeded: STANDARD_HEADERS_NEEDED,
  sign: signStandard,
  topicPlaces: { topic: ['topic', ...TOPIC_KEYS] },
  placesByTopic: [
    ['call.', call],
    ['tag.', call],
    ['summary.', call],
    ['sms.sent', smsSent],
    ['sms.', sms],
    ['contact.', contact],
  ],
  places: call,
  samples: ALLO_SAMPLES,
  starter: ALLO_STARTER,
};
