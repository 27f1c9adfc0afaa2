import { afterAll, describe, expect, it } from 'vitest';
import { runChaos } from './chaos.ts';
import { makeClusterPlan } from './cluster-plan.ts';
import { countOf, explanation, isGood } from './report.ts';
import { killAll, sourceProgram } from './service.ts';

const SIZE = { instances: 3, events: 200, kills: 9, pauses: 4 };
const WITHIN_MS = 240_000;

afterAll(killAll);

describe('three instances on one Postgres, killed, stopped and deployed anew', () => {
  it(
    'nothing lost, nothing twice, everything in order',
    async () => {
      const plan = makeClusterPlan({ ...SIZE, mode: 'merged', seed: 1 });
      const report = await runChaos({ plan, program: sourceProgram(), logs: null, tell: () => undefined });
      expect(isGood(report), explanation(report)).toBe(true);
      const { verdict, kills, takeovers, outages } = report;
      expect(countOf(verdict, 'lost')).toBe(0);
      expect(countOf(verdict, 'duplicated')).toBe(0);
      expect(countOf(verdict, 'out of order')).toBe(0);
      expect(countOf(verdict, 'too early')).toBe(0);
      // Trouble there was.
      expect(verdict.accepted).toBeGreaterThan(SIZE.events * 0.9);
      expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(SIZE.kills);
      expect(takeovers).toBeGreaterThanOrEqual(SIZE.pauses / 2);
      // A server that is not ours cannot be restarted.
      if (process.env.TEST_POSTGRES_URL === undefined) expect(Object.keys(outages).length).toBeGreaterThan(0);
    },
    WITHIN_MS,
  );
});
