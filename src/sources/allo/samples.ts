/** Allo: its documented payloads, version 2 and the older names. The events of one index are about one call, SMS or contact. */
import { CUSTOMERS, hoursFrom, pick, STAFF } from '../sample-cast.ts';
import type { Sample, Variation } from '../source-type.ts';

const OUR_NUMBER = '+33199001000';

const CALLS = [
  { result: 'ANSWERED', minutes: 4.2, tag: 'Sales', summary: 'Asks for a quote for 40 seats. Wants a demo next week.' },
  {
    result: 'VOICEMAIL',
    minutes: 0.6,
    tag: 'Call back',
    summary: 'Delivery has not arrived; asks to be called back before 5 pm.',
  },
  {
    result: 'TRANSFERRED',
    minutes: 7.8,
    tag: 'Billing',
    summary: 'Invoice 2291 was charged twice. Handed over to accounting.',
  },
  {
    result: 'ANSWERED',
    minutes: 2.1,
    tag: 'Support',
    summary: 'Could not log in after the update; a password reset solved it.',
  },
] as const;

const TEXTS = [
  { received: 'Hi, is my order ready to be picked up?', sent: 'Yes, it is at the counter until 7 pm. See you later!' },
  { received: 'Running 15 minutes late for the 10:30 appointment, sorry', sent: 'No problem, we moved you to 10:45.' },
  {
    received: 'Thanks for the quick help on the phone 👍',
    sent: 'Glad it works again. Just text us if anything comes up.',
  },
] as const;

function padded(index: number): string {
  return String(index).padStart(6, '0');
}

function caller({ index }: Variation) {
  const { first, last, email, number, company } = pick(CUSTOMERS, index);
  return {
    person: {
      id: `con_${padded(index % CUSTOMERS.length)}`,
      name: first,
      last_name: last,
      email,
      emails: [email],
      numbers: [number],
      job_title: 'Head of Operations',
    },
    company: { id: `com-${padded(index % CUSTOMERS.length)}`, name: company },
    deals:
      index % 2 === 0
        ? [{ id: `dea-${padded(index)}`, name: 'Annual plan', status: 'qualified', value: 25000, currency: 'EUR' }]
        : null,
  };
}

function ringing(variation: Variation) {
  return {
    id: `cll_${padded(variation.index)}`,
    from_number: pick(CUSTOMERS, variation.index).number,
    to_number: OUR_NUMBER,
    started_at: new Date(variation.nowMs).toISOString(),
    user_email: pick(STAFF, variation.index).email,
    ...caller(variation),
  };
}

function completed(variation: Variation) {
  const { index, nowMs } = variation;
  const { first, last, number } = pick(CUSTOMERS, index);
  const { result, minutes, tag, summary } = pick(CALLS, index);
  return {
    id: `cll_${padded(index)}`,
    from_number: number,
    from_name: `${first} ${last}`,
    to: OUR_NUMBER,
    to_name: null,
    type: 'INBOUND',
    result,
    summary,
    start_date: hoursFrom(nowMs, -minutes / 60),
    length_in_minutes: minutes,
    length: Math.round(minutes * 60),
    recording_url: result === 'VOICEMAIL' ? `https://recordings.example.com/cll_${padded(index)}.mp3` : null,
    tags: [tag],
    user_email: result === 'VOICEMAIL' ? null : pick(STAFF, index).email,
    ...caller(variation),
  };
}

function tagged({ index }: Variation) {
  const { tag } = pick(CALLS, index);
  return {
    call_id: `cll_${padded(index)}`,
    tag: { id: `tag_${tag.toLowerCase().replace(' ', '_')}`, name: tag },
    user_email: pick(STAFF, index).email,
  };
}

function sms(variation: Variation, direction: 'INBOUND' | 'OUTBOUND') {
  const { index, nowMs } = variation;
  const { number } = pick(CUSTOMERS, index);
  const inbound = direction === 'INBOUND';
  return {
    id: `msg_${padded(index)}_${inbound ? 'in' : 'out'}`,
    direction,
    content: inbound ? pick(TEXTS, index).received : pick(TEXTS, index).sent,
    sent_at: new Date(nowMs).toISOString(),
    from_number: inbound ? number : OUR_NUMBER,
    to_number: inbound ? OUR_NUMBER : number,
    user_email: pick(STAFF, index).email,
    ...caller(variation),
  };
}

function contact(variation: Variation) {
  const { person, company } = caller(variation);
  return { ...person, company, updated_at: new Date(variation.nowMs).toISOString() };
}

function summary({ index }: Variation) {
  return { call_id: `cll_${padded(index)}`, summary: pick(CALLS, index).summary, user_email: pick(STAFF, index).email };
}

type Data = (variation: Variation) => object;

const received: Data = (variation) => sms(variation, 'INBOUND');
const sent: Data = (variation) => sms(variation, 'OUTBOUND');

const V2: readonly (readonly [topic: string, data: Data])[] = [
  ['call.received', ringing],
  ['call.triggered', ringing],
  ['call.answered', ringing],
  ['call.completed', completed],
  ['tag.added', tagged],
  ['tag.removed', tagged],
  ['sms.received', received],
  ['sms.sent', sent],
  ['contact.created', contact],
  ['contact.updated', contact],
  ['summary.updated', summary],
];

const V1: readonly (readonly [topic: string, data: Data])[] = [
  ['PING', () => ({ message: 'Test from Allo' })],
  ['CALL_RECEIVED', completed],
  ['SMS_RECEIVED', received],
  ['SMS_SENT', sent],
  ['CONTACT_CREATED', contact],
  ['CONTACT_UPDATED', contact],
];

export const ALLO_SAMPLES: readonly Sample[] = [
  ...V2.map(([topic, data]) => ({
    topic,
    build: (variation: Variation) => ({
      topic,
      version: '2.0',
      timestamp: new Date(variation.nowMs).toISOString(),
      data: data(variation),
    }),
  })),
  ...V1.map(([topic, data]) => ({ topic, build: (variation: Variation) => ({ topic, data: data(variation) }) })),
];
