import { afterAll, describe, expect, it } from 'vitest';
import { runChaos } from './chaos.ts';
import { makePlan } from './plan.ts';
import { countOf, deliveryCount, explanation, isGood } from './report.ts';
import { killAll, sourceProgram } from './service.ts';

const SIZE = { events: 240, kills: 16 };
const WITHIN_MS = 150_000;

afterAll(killAll);

describe('killed, restarted, and with Slack on a bad day', () => {
  it.concurrent.each([
    { mode: 'singly', seed: 1 },
    { mode: 'merged', seed: 2 },
  ] as const)(
    '$mode, seed $seed: nothing lost, nothing twice, everything in order',
    async (options) => {
      const report = await runChaos({
        plan: makePlan({ ...SIZE, ...options }),
        program: sourceProgram(),
        logs: null,
        tell: () => undefined,
      });
      expect(isGood(report), explanation(report)).toBe(true);
      const { verdict, kills } = report;
      expect(countOf(verdict, 'lost')).toBe(0);
      expect(countOf(verdict, 'duplicated')).toBe(0);
      expect(countOf(verdict, 'out of order')).toBe(0);
      expect(countOf(verdict, 'too early')).toBe(0);
      // Trouble there was.
      expect(verdict.accepted).toBeGreaterThan(SIZE.events * 0.9);
      expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(SIZE.kills);
      expect(Object.keys(report.faults).length).toBeGreaterThan(10);
      const share = verdict.togetherness.merged / deliveryCount(verdict);
      if (options.mode === 'merged') expect(share).toBeGreaterThan(1 / 3);
      else expect(share).toBe(0);
    },
    WITHIN_MS,
  );
});
