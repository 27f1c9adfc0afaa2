import { afterAll, describe, expect, it } from 'vitest';
import { whyNoLoopDisk } from '../helpers/loop-disk.ts';
import { runChaos } from './chaos.ts';
import { makePlan } from './plan.ts';
import { countOf, deliveryCount, explanation, isGood } from './report.ts';
import { killAll, sourceProgram } from './service.ts';

const SIZE = { events: 240, kills: 16 };
const WITHIN_MS = 180_000;
const whyNot = whyNoLoopDisk();
if (whyNot !== null) process.stderr.write(`${whyNot}: the power never goes in this run\n`);
const POWER_LOSSES = whyNot === null ? 6 : 0;

afterAll(killAll);

describe('killed, restarted, and with Slack on a bad day', () => {
  it.concurrent.each([
    { mode: 'singly', seed: 1, powerLosses: POWER_LOSSES },
    { mode: 'merged', seed: 2, powerLosses: 0 },
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
      expect(kills['power loss'] ?? 0).toBe(options.powerLosses);
      expect(Object.keys(report.faults).length).toBeGreaterThan(10);
      const share = verdict.togetherness.merged / deliveryCount(verdict);
      if (options.mode === 'merged') expect(share).toBeGreaterThan(1 / 3);
      else expect(share).toBe(0);
    },
    WITHIN_MS,
  );
});
