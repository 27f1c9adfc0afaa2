import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, groupOf, planMerge, type Step } from '../../src/relay/merge.ts';

const RULE = { whenWaiting: 2, maxLines: 4, template: null };

function candidate(seq: number, fields: Partial<Candidate> = {}): Candidate {
  return {
    seq,
    verb: 'post',
    subject: null,
    hasCard: false,
    occurredAt: seq,
    rule: RULE,
    released: false,
    inDoubt: false,
    group: null,
    ...fields,
  };
}

const card = (seq: number, fields: Partial<Candidate> = {}) =>
  candidate(seq, { verb: 'card', subject: 's', hasCard: true, ...fields });
const reply = (seq: number, fields: Partial<Candidate> = {}) => card(seq, { verb: 'reply', ...fields });

/** As `kind: numbers`, superseded ones in parentheses. */
function written(steps: readonly Step[]): string[] {
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
    ['cards apart', [card(1), card(2, { subject: 't' }), card(3)], ['update: 3 (1)', '2']],
    ['replies to a thread join', [reply(1), reply(2), reply(3)], ['replies: 1 2 3']],
    ['also between posts', [candidate(1), reply(2), candidate(3), reply(4)], ['digest: 1 3', 'replies: 2 4']],
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
      'a card that goes singly is there for its replies',
      [card(1, { hasCard: false, rule: null }), reply(2, { hasCard: false }), reply(3, { hasCard: false })],
      ['1', 'replies: 2 3'],
    ],
    [
      'a reaction to a card goes singly and ends nothing',
      [candidate(1), card(2, { verb: 'react' }), candidate(3)],
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

  it('a group is what it was, whatever has become of the card since', () => {
    const group = groupOf('digest', 1);
    const members = [1, 2].map((seq) => reply(seq, { inDoubt: true, group }));
    expect(plan(...members)).toEqual(['digest: 1 2']);
    expect(plan(...members.map((member) => ({ ...member, group: groupOf('replies', 1) })))).toEqual(['replies: 1 2']);
  });

  it('a reaction finds its way into the digest of what it is a reaction to', () => {
    const told = [1, 2, 3].map((seq) => candidate(seq));
    const fresh = card(4, { hasCard: false });
    expect(plan(...told, fresh, card(5, { verb: 'react', hasCard: false }))).toEqual(['digest: 1 2 3 4 5']);
  });

  const anything = fc.record({
    verb: fc.constantFrom('post', 'card', 'reply', 'react', 'dm'),
    subject: fc.constantFrom('a', 'b', null),
    hasCard: fc.boolean(),
    occurredAt: fc.nat(5),
    rule: fc.constantFrom(null, RULE, { ...RULE, whenWaiting: 1 }, { ...RULE, template: 't' }),
    released: fc.boolean(),
    inDoubt: fc.boolean(),
  });

  it('every delivery is in one step, within the sizes, and nothing in one place is overtaken', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), (fields) => {
        // A subject has a card, or has none.
        const carded = new Map(fields.map(({ subject, hasCard }) => [subject, hasCard]));
        const candidates = fields.map((given, seq) =>
          candidate(seq, { ...given, hasCard: given.subject !== null && carded.get(given.subject) === true }),
        );
        const steps = planMerge(candidates);
        const members = steps.flatMap((step) =>
          step.kind === 'one' ? [step.seq] : step.kind === 'update' ? [...step.superseded, step.seq] : step.seqs,
        );
        expect(members.toSorted((a, b) => a - b)).toEqual(candidates.map(({ seq }) => seq));
        for (const step of steps) {
          const own = 'seqs' in step ? step.seqs.filter((seq) => candidates[seq]?.verb !== 'react') : [];
          expect(own.length).toBeLessThanOrEqual(RULE.maxLines);
        }
        const shown = steps.flatMap((step) => (step.kind === 'one' ? [step.seq] : 'seqs' in step ? step.seqs : []));
        const inPlace = (place: (it: Candidate) => boolean) =>
          shown.filter((seq) => place(candidates[seq] ?? candidate(seq)));
        const own = inPlace(
          ({ verb, subject }) => verb === 'post' || verb === 'dm' || (subject === null && verb !== 'react'),
        );
        expect(own).toEqual(own.toSorted((a, b) => a - b));
        for (const subject of ['a', 'b']) {
          const replies = inPlace((it) => it.verb === 'reply' && it.subject === subject);
          expect(replies).toEqual(replies.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
