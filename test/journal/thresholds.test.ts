import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Threshold, ThresholdHit } from '../../src/core/delivery.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { AHEAD_MS } from '../../src/journal/operations/count-occurrence.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { NOW, receipt } from './samples.ts';

let folder: string;
let journal: Journal;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  journal = await openSqliteJournal(join(folder, 'relay.db'));
});

afterAll(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

type Rule = Pick<Threshold, 'count' | 'withinMs'>;

/** What came of occurrences at these instants, one after the other: of each the storm it made, or null. */
async function observe(rule: Rule, instants: readonly number[]): Promise<(ThresholdHit | null)[]> {
  runs += 1;
  const threshold = { ...rule, key: `run ${runs}` };
  const given = instants.map((receivedAt, index) => receipt({ key: `${runs}.${index}`, receivedAt, threshold }));
  const acceptances = await Promise.all(given.map((each) => journal.accept(each)));
  const seqs = acceptances.map((acceptance) => (acceptance.kind === 'accepted' ? acceptance.seqs[0] : null));
  const made = await journal.load(seqs.filter((seq) => seq !== null && seq !== undefined));
  const storms = new Map(made.map(({ seq, thresholdHit: hit }) => [seq, hit]));
  return seqs.map((seq) => (seq === null || seq === undefined ? null : (storms.get(seq) ?? null)));
}

/** The same by looking at everything each time. */
function model({ count, withinMs }: Rule, instants: readonly number[]): (ThresholdHit | null)[] {
  let overAt = Number.NEGATIVE_INFINITY;
  return instants.map((now, index) => {
    const counts = (at: number) => at > now - withinMs && at <= now + AHEAD_MS;
    const within = instants.slice(0, index + 1).filter(counts);
    if (within.length < count) return null;
    const told = counts(overAt);
    overAt = now;
    return told ? null : { count: within.length, since: Math.min(...within) };
  });
}

const rules = fc.record({ count: fc.integer({ min: 1, max: 5 }), withinMs: fc.integer({ min: 1, max: 3000 }) });
/** ms from one occurrence to the next. */
const onward = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 4000 }));
const anywhere = fc.oneof({ weight: 5, arbitrary: onward }, fc.integer({ min: -10_000, max: 10_000 }));

function instantsOf(steps: readonly number[]): number[] {
  let now = NOW;
  return steps.map((step) => {
    now += step;
    return now;
  });
}

test('whatever comes and whatever the clock does, it is made when the model says so', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(anywhere, { maxLength: 40 }), async (rule, steps) => {
      const instants = instantsOf(steps);
      expect(await observe(rule, instants)).toEqual(model(rule, instants));
    }),
    { numRuns: 300 },
  );
});

test('while the clock goes on: the first of each storm, which holds exactly the count', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(onward, { maxLength: 40 }), async (rule, steps) => {
      const { count, withinMs } = rule;
      const instants = instantsOf(steps);
      // It is reached where the one that came `count - 1` before is within the window.
      const reached = instants.filter((now, index) => now - (instants[index - count + 1] ?? -Infinity) < withinMs);
      const first = reached.filter((now, index) => now - (reached[index - 1] ?? -Infinity) >= withinMs);
      const storms = await observe(rule, instants);
      expect(instants.filter((_, index) => storms[index] !== null)).toEqual(first);
      expect(storms.filter((storm) => storm !== null && storm.count !== count)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
