import { describe, expect, it } from 'vitest';
import { type Candidate, groupOf, type MergeStep, planMerge } from '../../../src/relay/merge/merge.ts';
import { candidate, RULE } from './candidates.ts';

/** Nothing merges because of how much waits. */
const IDLE = { ...RULE, whenWaiting: 9 };

const card = (seq: number, fields: Partial<Candidate> = {}) =>
  candidate(seq, { role: 'card', subject: 's', hasCard: true, ...fields });
const reply = (seq: number, fields: Partial<Candidate> = {}) => card(seq, { role: 'thread', ...fields });

/** As `kind: numbers`, superseded ones in parentheses. */
function written(steps: readonly MergeStep[]): string[] {
  return steps.map((step) => {
    if (step.kind === 'one') return `${step.seq}`;
    if (step.kind === 'update') return `update: ${step.seq} (${step.superseded.join(' ')})`;
    return `${step.kind}: ${step.seqs.join(' ')}`;
  });
}

const plan = (...candidates: Candidate[]) => written(planMerge(candidates));

describe('merging', () => {
  it.each<[string, Candidate[], string[]]>([
    ['few go singly', [candidate(1), candidate(2)], ['1', '2']],
    ['more than when_waiting become a digest', [1, 2, 3].map((n) => candidate(n)), ['digest: 1 2 3']],
    ['of max_lines at most', [1, 2, 3, 4, 5, 6].map((n) => candidate(n)), ['digest: 1 2 3 4', 'digest: 5 6']],
    [
      'what was held goes together, however little it is',
      [1, 2].map((n) => candidate(n, { released: true })),
      ['digest: 1 2'],
    ],
    ['updates of a card collapse to the newest', [card(1), card(2), card(3)], ['update: 3 (1 2)']],
    ['by when it happened', [card(1), card(2, { occurredAt: 9 }), card(3)], ['update: 2 (1 3)']],
    [
      'of those that happened at once, to the last that came in',
      [card(1, { occurredAt: 0 }), card(2, { occurredAt: 0 }), card(3, { occurredAt: 0 })],
      ['update: 3 (1 2)'],
    ],
    [
      'a replay is as old as its event',
      [card(1), card(2, { occurredAt: 1 }), card(3, { occurredAt: 1, eventSeq: 0 })],
      ['update: 2 (1 3)'],
    ],
    [
      'of one event twice, to the last of it',
      [card(1), card(2, { eventSeq: 1, occurredAt: 1 }), card(3, { eventSeq: 1, occurredAt: 1 })],
      ['update: 3 (1 2)'],
    ],
    ['however many they are', [1, 2, 3, 4, 5, 6].map((n) => card(n)), ['update: 6 (1 2 3 4 5)']],
    ['few go singly', [card(1), card(2)], ['1', '2']],
    [
      'a card that is left out goes singly',
      [card(1, { rule: null }), card(2, { rule: null }), candidate(3, { rule: null })],
      ['1', '2', '3'],
    ],
    ['cards apart', [card(1), card(2, { subject: 't' }), card(3)], ['update: 3 (1)', '2']],
    ['replies to a thread join', [reply(1), reply(2), reply(3)], ['replies: 1 2 3']],
    ['of max_lines at most', [1, 2, 3, 4, 5].map((n) => reply(n)), ['replies: 1 2 3 4', '5']],
    ['also around a reaction', [reply(1), card(2, { role: 'mark' }), reply(3)], ['replies: 1 3', '2']],
    ['also between posts', [candidate(1), reply(2), candidate(3), reply(4)], ['digest: 1 3', 'replies: 2 4']],
    [
      'posts about a subject that has a card are lines all the same',
      [1, 2, 3].map((n) => card(n, { role: 'message' })),
      ['digest: 1 2 3'],
    ],
    [
      'without a card all of a subject are lines',
      [card(1, { hasCard: false }), reply(2, { hasCard: false }), candidate(3)],
      ['digest: 1 2 3'],
    ],
    [
      'a route may be left out, and is not overtaken',
      [candidate(1), candidate(2), candidate(3, { rule: null }), candidate(4), candidate(5)],
      ['digest: 1 2', '3', 'digest: 4 5'],
    ],
    [
      'a card that is posted singly is not overtaken',
      [candidate(1), candidate(2), card(3, { hasCard: false, rule: null }), candidate(4), candidate(5)],
      ['digest: 1 2', '3', 'digest: 4 5'],
    ],
    [
      'one that is updated is overtaken: nothing new comes into the channel',
      [candidate(1), candidate(2), card(3, { rule: null }), candidate(4)],
      ['digest: 1 2 4', '3'],
    ],
    [
      'an update that goes singly is not superseded by one before it',
      [card(1), card(2), card(3, { rule: null }), card(4), card(5)],
      ['update: 2 (1)', '3', 'update: 5 (4)'],
    ],
    [
      'nor a reply joined with those before it by one after it',
      [reply(1), reply(2), reply(3, { rule: null }), reply(4), reply(5)],
      ['replies: 1 2', '3', 'replies: 4 5'],
    ],
    [
      'a card that goes singly is there for its replies',
      [card(1, { hasCard: false, rule: null }), reply(2, { hasCard: false }), reply(3, { hasCard: false })],
      ['1', 'replies: 2 3'],
    ],
    [
      'a reaction to a card goes singly and ends nothing',
      [candidate(1), card(2, { role: 'mark' }), candidate(3)],
      ['digest: 1 3', '2'],
    ],
    [
      'one with a template of its own does not mix',
      [candidate(1), candidate(2), candidate(3, { rule: { ...RULE, template: 't' } })],
      ['digest: 1 2', '3'],
    ],
    [
      'what is in doubt goes singly',
      [candidate(1, { inDoubt: true }), candidate(2), candidate(3)],
      ['1', 'digest: 2 3'],
    ],
    [
      'what went out together stays together',
      [1, 2, 3].map((n) => candidate(n, { inDoubt: true, ...(n < 3 && { group: 1 }) })),
      ['digest: 1 2', '3'],
    ],
    [
      'and is not overtaken by what came after it',
      [candidate(1), ...[2, 3].map((n) => candidate(n, { inDoubt: true, group: 2 })), candidate(4), candidate(5)],
      ['1', 'digest: 2 3', 'digest: 4 5'],
    ],
    [
      'nor a reply of several',
      [reply(1), ...[2, 3].map((n) => reply(n, { inDoubt: true, group: -2 })), reply(4), reply(5)],
      ['1', 'replies: 2 3', 'replies: 4 5'],
    ],
    ['also what is left of it', [candidate(2, { inDoubt: true, group: 1 }), candidate(3)], ['digest: 2', '3']],
  ])('%s', (_, candidates, steps) => {
    expect(plan(...candidates)).toEqual(steps);
  });

  it.each<[string, Candidate[], string[]]>([
    ['is made with all that is older, however few wait', [card(1), card(2, { inDoubt: true })], ['update: 2 (1)']],
    [
      'before what is newer',
      [card(1), card(2, { inDoubt: true }), card(3), card(4)],
      ['update: 2 (1)', 'update: 4 (3)'],
    ],
    [
      'by when it happened',
      [card(1, { occurredAt: 9 }), card(2, { inDoubt: true, occurredAt: 5 }), card(3, { occurredAt: 4 })],
      ['update: 2 (3)', '1'],
    ],
  ])('an update in doubt %s', (_, candidates, steps) => {
    expect(plan(...candidates)).toEqual(steps);
  });

  it.each<[string, Candidate[], string[]]>([
    [
      'its card collapses only where an update of it is in doubt, not a reply',
      [reply(1, { inDoubt: true, rule: IDLE }), card(2, { rule: IDLE }), card(3, { rule: IDLE })],
      ['1', '2', '3'],
    ],
    [
      'nor what went out in a digest',
      [card(1, { inDoubt: true, group: 1 }), card(2, { rule: IDLE }), card(3, { rule: IDLE })],
      ['digest: 1', '2', '3'],
    ],
    [
      'and replies stay as they are',
      [card(1, { inDoubt: true, rule: IDLE }), reply(2, { rule: IDLE }), reply(3, { rule: IDLE })],
      ['update: 1 ()', '2', '3'],
    ],
    [
      'of those that happened at once, a later one is made after it',
      [card(1, { occurredAt: 0 }), card(2, { occurredAt: 0, inDoubt: true }), card(3, { occurredAt: 0 })],
      ['update: 2 (1)', '3'],
    ],
    [
      'also a later one of the same event',
      [1, 2].map((n) => card(n, { occurredAt: 0, eventSeq: 1, inDoubt: n === 1 })),
      ['update: 1 ()', '2'],
    ],
  ])('of a subject in doubt %s', (_, candidates, steps) => {
    expect(plan(...candidates)).toEqual(steps);
  });

  it('a digest has the template of its routes, or none where their rule is gone', () => {
    const templateOf = (rule: Candidate['rule'], group: number | null) =>
      planMerge([1, 2, 3].map((seq) => candidate(seq, { rule, group, inDoubt: group !== null }))).map((step) =>
        step.kind === 'digest' ? step.template : step.kind,
      );
    expect(templateOf({ ...RULE, template: 't' }, null)).toEqual(['t']);
    expect(templateOf({ ...RULE, template: 't' }, 1)).toEqual(['t']);
    expect(templateOf(null, 1)).toEqual([null]);
  });

  it('a group is what it was, whatever has become of the card since', () => {
    const group = groupOf('digest', 1);
    const members = [1, 2].map((seq) => reply(seq, { inDoubt: true, group }));
    expect(plan(...members)).toEqual(['digest: 1 2']);
    expect(plan(...members.map((member) => ({ ...member, group: groupOf('replies', 1) })))).toEqual(['replies: 1 2']);
  });

  it('a reaction finds its way into the digest of what it is a reaction to', () => {
    const told = [1, 2, 3].map((seq) => candidate(seq));
    const fresh = card(4, { hasCard: false });
    expect(plan(...told, fresh, card(5, { role: 'mark', hasCard: false }))).toEqual(['digest: 1 2 3 4 5']);
  });

  it('and into no other that is full', () => {
    const told = [1, 2, 3, 4].map((seq) => candidate(seq));
    expect(plan(...told, card(5, { role: 'mark', hasCard: false }))).toEqual(['digest: 1 2 3 4', '5']);
  });
});
