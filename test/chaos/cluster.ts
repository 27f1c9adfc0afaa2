/** A run of several instances on one Postgres: each lives its own lives, and all of them at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterLife, ClusterPlan } from './cluster-plan.ts';
import type { PlannedEvent } from './events.ts';
import type { Recollection } from './reckoning.ts';
import type { Player, Stage } from './stage.ts';

/** In which a life's events are sent. */
const PORTIONS = 12;

export async function playCluster(stage: Stage, plan: ClusterPlan): Promise<Recollection> {
  const { weather, mischiefs, players, database } = stage;
  for (let round = 1; round <= plan.migrations; round++) await migrateAtOnce(stage, round);
  if (plan.quota) stage.reachQuota();
  weather.begin();
  const lived = players.map(async (player, index) => {
    for (const life of plan.lives[index] ?? []) await live(stage, player, life);
  });
  await Promise.all(players.map(async (player, index) => lingers(player, lived[index], Promise.all(lived))));
  const failed = (await database?.recovered()) ?? null;
  if (failed !== null) stage.failures.push(`Postgres: ${failed}`);
  mischiefs.end();
  weather.end();
  // Nothing is pruned.
  return { former: [], prunedAt: [] };
}

/** Whose lives are over lives on, for the others. */
async function lingers({ lives }: Player, lived: Promise<void> | undefined, all: Promise<unknown>): Promise<void> {
  await lived;
  const service = lives.start(null);
  await Promise.all([service.ready, all]);
  await lives.stop(service);
}

/** All start at once; each dies when it has made the journal's first version (later: the second), and nobody knows. */
async function migrateAtOnce({ players }: Stage, round: number): Promise<void> {
  const dieAt = `migrate.before-commit#${round < 3 ? 1 : 2}`;
  await Promise.all(
    players.map(async ({ lives }) => {
      const service = lives.start(dieAt);
      // What finds it complete already does not die of itself.
      if (await service.ready) await lives.kill(service);
      else await lives.died(service, 'migrate.before-commit');
    }),
  );
}

async function live(stage: Stage, player: Player, life: ClusterLife): Promise<void> {
  const { end, mischief, number, pauses, outage } = life;
  const { lives } = player;
  stage.say(`life ${number}`);
  // What is adopted must have been taken without an answer; others may be the ones that adopt it.
  if (end.kind === 'at point' && end.point === 'deliver.adopted') {
    for (let count = 0; count < 4 * stage.players.length; count++) stage.weather.arm('took it, then dropped');
  }
  const dieAt = end.kind === 'at point' ? `${end.point}#${end.nth}` : null;
  const service = lives.start(dieAt, { stopAt: pauses[0]?.point ?? null });
  const endMischief = stage.begin(mischief, player);
  const flow = new Flow(stage, life);
  const sent = flow.trickle(service.ended);
  const struck = outage === null ? null : sleep(outage.afterMs).then(() => stage.database?.fail(outage));
  // In good time: others have what there is to do, too.
  if (end.kind === 'at point') await service.ready;
  await lives.pause(service, pauses, () => flow.burst());
  await Promise.all([lives.untilEnd(service, end), struck]);
  await Promise.all([sent, endMischief()]);
}

/** A life's events: many little by little, so that there is always something under way, and some all at once. */
class Flow {
  readonly #stage: Stage;
  readonly #life: ClusterLife;
  readonly #left: PlannedEvent[];

  constructor(stage: Stage, life: ClusterLife) {
    this.#stage = stage;
    this.#life = life;
    this.#left = [...life.events];
  }

  /** Resolves when the last one is sent: that is when the life is over. */
  async trickle(ended: Promise<unknown>): Promise<void> {
    const over = ended.then(() => true);
    const portion = Math.ceil(this.#left.length / PORTIONS);
    const everyMs = this.#life.lastsMs / PORTIONS;
    while (this.#left.length > 0) {
      this.#send(portion);
      if (await Promise.race([over, sleep(everyMs, false, { ref: false })])) this.#send(this.#left.length);
    }
  }

  /** A third, or so. */
  burst(): void {
    this.#send(Math.ceil(this.#life.events.length / 3));
  }

  #send(count: number): void {
    this.#stage.senders.send(this.#left.splice(0, count));
  }
}
