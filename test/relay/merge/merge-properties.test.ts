import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, groupOf, type MergeStep, planMerge } from '../../../src/relay/merge/merge.ts';
import type { Role } from '../../../src/verbs/verb.ts';
import { candidate, RULE } from './candidates.ts';

describe('merging, whatever waits', () => {
  const anything = fc.record({
    role: fc.constantFrom<Role>('message', 'card', 'thread', 'mark'),
    subject: fc.constantFrom('a', 'b', null),
    hasCard: fc.boolean(),
    occurredAt: fc.nat(5),
    rule: fc.constantFrom(null, RULE, { ...RULE, whenWaiting: 1 }, { ...RULE, template: 't' }),
    released: fc.boolean(),
    inDoubt: fc.boolean(),
    /** Which group it is in, if in any. */
    together: fc.option(fc.record({ kind: fc.constantFrom('digest', 'replies'), index: fc.nat(1) }), { freq: 2 }),
  });

  /** A subject has a card, or has none. What is in a group is in doubt, and was of one kind. */
  const lane = fc.array(anything, { maxLength: 30 }).map((fields) => {
    const carded = new Map(fields.map(({ subject, hasCard }) => [subject, hasCard]));
    const firsts = new Map<string, number>();
    return fields.map(({ together, ...given }, index) => {
      const seq = index + 1;
      const hasCard = given.subject !== null && carded.get(given.subject) === true;
      const grouped = together !== null && (together.kind === 'digest' || given.role === 'thread') && given.subject;
      if (together === null || grouped === false) return candidate(seq, { ...given, hasCard });
      const name = together.kind === 'digest' ? `${together.index}` : `${grouped} ${together.index}`;
      const first = firsts.get(`${together.kind} ${name}`) ?? seq;
      firsts.set(`${together.kind} ${name}`, first);
      return candidate(seq, { ...given, hasCard, inDoubt: true, group: groupOf(together.kind, first) });
    });
  });

  const membersOf = (step: MergeStep) =>
    step.kind === 'one' ? [step.seq] : step.kind === 'update' ? [...step.superseded, step.seq] : [...step.seqs];

  it('every delivery is in one step, within the sizes, and nothing in one place is overtaken', () => {
    fc.assert(
      fc.property(lane, (candidates) => {
        const at = (seq: number) => candidates[seq - 1] ?? candidate(seq);
        const steps = planMerge(candidates);
        expect(steps.flatMap(membersOf).toSorted((a, b) => a - b)).toEqual(candidates.map(({ seq }) => seq));
        for (const step of steps) {
          const groups = new Set(membersOf(step).map((seq) => at(seq).group));
          // Those of a group are together, and alone.
          expect(groups.size).toBe(1);
          if (!groups.has(null) || !('seqs' in step)) continue;
          expect(step.seqs.filter((seq) => at(seq).role !== 'mark').length).toBeLessThanOrEqual(RULE.maxLines);
        }
        for (const group of new Set(candidates.flatMap((one) => (one.group === null ? [] : [one.group])))) {
          expect(steps.filter((step) => membersOf(step).some((seq) => at(seq).group === group))).toHaveLength(1);
        }
        // What is shown in a place is in order. A group comes where its first one is.
        const shown = steps.flatMap((step) =>
          step.kind === 'update' ? [] : membersOf(step).filter((seq, index) => at(seq).group === null || index === 0),
        );
        const inOrder = (place: (it: Candidate) => boolean) => {
          const own = shown.filter((seq) => place(at(seq)));
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        };
        inOrder(
          ({ role, subject, group }) => (group ?? 0) > 0 || role === 'message' || (subject === null && role !== 'mark'),
        );
        for (const own of ['a', 'b']) inOrder((it) => it.role === 'thread' && it.subject === own);
      }),
      { numRuns: 2000 },
    );
  });

  it('an update is superseded by a newer one only', () => {
    fc.assert(
      fc.property(lane, (candidates) => {
        const age = (seq: number) => {
          const { occurredAt = 0, eventSeq = 0 } = candidates[seq - 1] ?? {};
          return occurredAt * 100 + eventSeq;
        };
        for (const step of planMerge(candidates)) {
          if (step.kind !== 'update') continue;
          for (const older of step.superseded) expect(age(older)).toBeLessThan(age(step.seq));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
