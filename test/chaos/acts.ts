/** A run of one instance: one life after the other, with trouble all around it. */
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import { readAccount } from './account.ts';
import type { Life, Plan } from './plan.ts';
import type { Recollection } from './reckoning.ts';
import type { Player, Stage } from './stage.ts';

export async function playActs(stage: Stage, plan: Plan): Promise<Recollection> {
  const [player] = stage.players;
  if (player === undefined) throw new RangeError('There is no instance.');
  const acts = new Acts(stage, player);
  await acts.perform(plan);
  return acts;
}

class Acts implements Recollection {
  readonly former: DeliveryOutcome[] = [];
  readonly prunedAt: number[] = [];
  readonly #stage: Stage;
  readonly #player: Player;

  constructor(stage: Stage, player: Player) {
    this.#stage = stage;
    this.#player = player;
  }

  async perform({ migrating, acts }: Plan): Promise<void> {
    await this.#migrate(migrating);
    const { weather, mischiefs, options } = this.#stage;
    if (options.plan.quota) this.#stage.reachQuota();
    weather.begin();
    for (const { lives, pruning } of acts) {
      for (const life of lives) await this.#live(life);
      await this.#answerAll();
      for (const life of pruning) await this.#prune(life);
    }
    mischiefs.end();
    weather.end();
  }

  /** An empty journal is killed before the first step's commit, again and again; then once before each later one. */
  async #migrate(migrating: number): Promise<void> {
    const { lives } = this.#player;
    for (let life = 1; ; life++) {
      const nth = life < migrating ? 1 : 2;
      const service = lives.start(`migrate.before-commit#${nth}`);
      const killed = await Promise.race([service.ended.then(() => true), service.ready.then((ready) => !ready)]);
      if (!killed) {
        // All steps but one were there: the journal is complete.
        return lives.kill(service);
      }
      if (!(await lives.died(service, 'migrate.before-commit')) || life > migrating + 50) return;
    }
  }

  async #live({ end, events, mischief, number }: Life): Promise<void> {
    const { lives } = this.#player;
    this.#stage.say(`life ${number}`);
    this.#stage.senders.send(events);
    // What is adopted must have been taken without an answer.
    if (end.kind === 'at point' && end.point === 'deliver.adopted') {
      for (let count = 0; count < 4; count++) this.#stage.weather.arm('took it, then dropped');
    }
    const service = lives.start(end.kind === 'at point' ? `${end.point}#${end.nth}` : null);
    const endMischief = this.#stage.begin(mischief, this.#player);
    await lives.untilEnd(service, end);
    await endMischief();
    await this.#stage.disk?.powerUp();
  }

  /** Lives until every sender has its answer, and remembers what there is. */
  async #answerAll(): Promise<void> {
    const { lives, adminUrl } = this.#player;
    this.#stage.say('all answered');
    const service = lives.start(null);
    await service.ready;
    await this.#stage.sendersDone();
    this.former.push(...(await this.#stage.attempt('reading the account', () => readAccount(adminUrl), [])));
    await lives.kill(service);
  }

  async #prune({ end, number }: Life): Promise<void> {
    const { lives, pruning } = this.#player;
    this.#stage.say(`life ${number}, pruning`);
    this.prunedAt.push(Date.now());
    const dieAt = end.kind === 'at point' ? `${end.point}#${end.nth}` : null;
    await lives.untilEnd(lives.start(dieAt, { config: pruning }), end);
  }
}
