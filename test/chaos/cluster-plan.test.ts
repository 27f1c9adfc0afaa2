import { describe, expect, it } from 'vitest';
import { makeClusterPlan } from './cluster-plan.ts';
import { MODES } from './scenery.ts';

describe.each(MODES)('the plan of several instances, %s', (mode) => {
  const options = { mode, seed: 7, events: 900, kills: 80, instances: 3, pauses: 25 };
  const plan = makeClusterPlan(options);
  const lives = plan.lives.flat();

  it('is the same for the same seed, and another for another', () => {
    expect(makeClusterPlan(options)).toEqual(plan);
    expect(makeClusterPlan({ ...options, seed: 8 })).not.toEqual(plan);
  });

  it('has as many events, kills and pauses as asked for', () => {
    const ids = new Set(lives.flatMap(({ events }) => events.map(({ id }) => id)));
    expect(ids.size).toBe(options.events);
    const killed = lives.filter(({ end }) => end.kind !== 'asked to stop').length;
    expect(killed + plan.migrations * options.instances).toBe(options.kills);
    expect(lives.flatMap(({ pauses }) => pauses).length).toBe(options.pauses);
  });

  it('gives every instance lives, and Postgres bad days of both kinds', () => {
    expect(plan.lives.length).toBe(options.instances);
    for (const own of plan.lives) expect(own.length).toBeGreaterThan(lives.length / 10);
    expect(new Set(lives.flatMap(({ outage }) => outage?.how ?? []))).toEqual(new Set(['fast', 'immediate']));
  });

  it('asks none to stop while it is paused, and kills some then', () => {
    const paused = lives.filter(({ pauses }) => pauses.length > 0);
    const left = paused.filter(({ pauses }) => pauses.at(-1)?.goesOn === false);
    expect(new Set(left.map(({ end }) => end.kind))).toEqual(new Set(['any time']));
    expect(paused.filter(({ end }) => end.kind === 'at point')).toEqual([]);
    expect(paused.flatMap(({ pauses }) => pauses.slice(0, -1)).filter(({ goesOn }) => !goesOn)).toEqual([]);
  });
});
