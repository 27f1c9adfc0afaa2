/** The run: the service lives, with trouble all around it, and the reckoning comes at the end. */
import { playActs } from './acts.ts';
import { playCluster } from './cluster.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Plan } from './plan.ts';
import { reckon } from './reckoning.ts';
import type { ChaosReport } from './report.ts';
import { onStage, type StageOptions } from './stage.ts';

export interface ChaosOptions extends StageOptions {
  readonly plan: Plan | ClusterPlan;
}

/** Rejects only for what is wrong with the driver itself. */
export function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedAt = performance.now();
  const { plan } = options;
  return onStage(options, async (stage) => {
    const recollection = 'acts' in plan ? await playActs(stage, plan) : await playCluster(stage, plan);
    return reckon(stage, recollection, startedAt);
  });
}
