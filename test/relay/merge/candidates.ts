import type { Candidate } from '../../../src/relay/merge/merge.ts';

export const RULE = { whenWaiting: 2, maxLines: 4, template: null };

/** Of a lane in which each delivery is an event's of its own. */
export function candidate(seq: number, fields: Partial<Candidate> = {}): Candidate {
  return {
    seq,
    role: 'message',
    subject: null,
    hasCard: false,
    occurredAt: seq,
    eventSeq: seq,
    rule: RULE,
    released: false,
    inDoubt: false,
    group: null,
    ...fields,
  };
}
