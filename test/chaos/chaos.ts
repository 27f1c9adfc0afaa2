/** The run: one life of the service after the other, with trouble all around it, and the reckoning at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../../src/core/secret.ts';
import type { DeliveryAccount } from '../../src/relay/account.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { readAccount, readTally, replayDead } from './account.ts';
import { check } from './checker.ts';
import { QUOTA_CHANNELS, quotaChannel } from './events.ts';
import { Ledger } from './ledger.ts';
import { Lives } from './lives.ts';
import { Mischiefs } from './mischief.ts';
import type { Life, Plan } from './plan.ts';
import { heldUntil } from './quiet.ts';
import type { ChaosReport } from './report.ts';
import { Senders } from './senders.ts';
import type { Program } from './service.ts';
import { makeSetting, SECRETS, type Setting } from './setting.ts';
import { Weather } from './weather.ts';
import { Witness } from './witness.ts';

export interface ChaosOptions {
  readonly plan: Plan;
  readonly program: Program;
  /** Says how far it is. */
  readonly tell: (progress: string) => void;
}

/** Each attempt of a migration ends or succeeds within this. */
const START_WITHIN_MS = 15_000;
/** Nothing comes to an end any more: longer than Slack's longest wait, which is that after a reached quota. */
const STILL_FOR_MS = 40_000;
const STILL_FOR_WITH_QUOTA_MS = 330_000;
/** Of what was accepted, one in so many is sent again at the very end. */
const LATE_REPETITION = 50;

/** Rejects only for what is wrong with the driver itself. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const started = performance.now();
  const sandbox = await startSandbox({ port: 0, limits: null, keptPerConversation: 100_000 });
  const setting = await makeSetting(sandbox.apiUrl, options.plan);
  const run = new Run(options, sandbox, setting);
  try {
    await run.perform();
    return await run.reckon(started);
  } finally {
    run.end();
    await sandbox.close();
    await setting.remove();
  }
}

class Run {
  readonly #options: ChaosOptions;
  readonly #sandbox: Sandbox;
  readonly #setting: Setting;
  readonly #ledger = new Ledger();
  readonly #senders: Senders;
  readonly #weather: Weather;
  readonly #witness: Witness;
  readonly #mischiefs: Mischiefs;
  readonly #lives: Lives;
  /** Deliveries that may be pruned since. */
  readonly #former: DeliveryAccount[] = [];
  /** ms since the epoch. */
  readonly #prunedAt: number[] = [];

  constructor(options: ChaosOptions, sandbox: Sandbox, setting: Setting) {
    const { seed } = options.plan;
    this.#options = options;
    this.#sandbox = sandbox;
    this.#setting = setting;
    this.#senders = new Senders({
      url: `http://127.0.0.1:${setting.port}/webhooks/`,
      secrets: { allo: new Secret(SECRETS.allo), alo: new Secret(SECRETS.alo) },
      ledger: this.#ledger,
    });
    this.#lives = new Lives(options.program, setting);
    this.#weather = new Weather(sandbox.faults, seed);
    this.#witness = new Witness(sandbox.workspace);
    this.#mischiefs = new Mischiefs({ sandbox, weather: this.#weather, witness: this.#witness, seed });
  }

  async perform(): Promise<void> {
    const { plan } = this.#options;
    await this.#migrate();
    if (plan.quota) this.#reachQuota();
    this.#weather.begin();
    for (const { lives, pruning } of plan.acts) {
      for (const life of lives) await this.#live(life);
      await this.#answerAll();
      for (const life of pruning) await this.#prune(life);
    }
    this.#mischiefs.end();
    this.#weather.end();
  }

  /** The last life: everything comes to its end, and is compared. */
  async reckon(started: number): Promise<ChaosReport> {
    const service = this.#lives.start(null);
    if (!(await service.ready)) this.#lives.failures.push(`The last start failed: ${service.output}`);
    await this.#sendersDone();
    await this.#drain();
    const { program } = this.#options;
    const { folder, configs } = this.#setting;
    const replayed = await replayDead({ program, folder, config: configs.keeping });
    if (!replayed) this.#lives.failures.push('`replay --dead` failed.');
    await this.#drain();
    const accepted = this.#ledger.entries.filter(({ acceptedAt }) => acceptedAt !== null);
    for (const [index, { event }] of accepted.entries())
      if (index % LATE_REPETITION === 0) this.#senders.repeat(event, 0);
    await this.#senders.repetitions();
    await this.#drain();
    const account = await this.#attempt('reading the account', () => readAccount(this.#adminUrl), []);
    await this.#lives.stop(service);
    const verdict = check({
      mode: this.#options.plan.mode,
      quiet: this.#setting.quiet,
      prunedAt: this.#prunedAt,
      ledger: this.#ledger.entries,
      account,
      former: this.#former,
      sightings: [...this.#witness.all(), ...this.#mischiefs.deleted],
    });
    return {
      plan: this.#options.plan,
      program: program.name,
      seconds: (performance.now() - started) / 1000,
      requests: this.#ledger.requests,
      answers: Object.fromEntries(this.#ledger.answers),
      calls: Object.values(this.#sandbox.calls).reduce((sum, count) => sum + count, 0),
      restarts: this.#lives.started - 1,
      stops: this.#lives.stops,
      kills: Object.fromEntries(this.#lives.kills),
      faults: Object.fromEntries(this.#weather.struck),
      failures: [...this.#lives.failures, ...this.#wrongAnswers()],
      verdict,
    };
  }

  /** No process and no sender stays behind. */
  end(): void {
    this.#senders.stop();
    this.#lives.end();
  }

  get #adminUrl(): string {
    return `http://127.0.0.1:${this.#setting.adminPort}/`;
  }

  /** An empty journal is killed before the first step's commit, again and again; then once before each later one. */
  async #migrate(): Promise<void> {
    const { migrating } = this.#options.plan;
    for (let life = 1; ; life++) {
      const nth = life < migrating ? 1 : 2;
      const service = this.#lives.start(`migrate.before-commit#${nth}`);
      const killed = await Promise.race([service.ended.then(() => true), service.ready.then((ready) => !ready)]);
      if (!killed) {
        // All steps but one were there: the journal is complete.
        return this.#lives.kill(service);
      }
      if (!(await this.#lives.died(service, 'migrate.before-commit')) || life > migrating + 50) return;
    }
  }

  #reachQuota(): void {
    for (let index = 0; index < QUOTA_CHANNELS; index++) {
      const scope = { method: 'chat.postMessage', channel: quotaChannel(index), times: 1 } as const;
      this.#weather.add('workspace quota', { kind: 'error', error: 'message_limit_exceeded', ...scope });
    }
  }

  async #live({ end, events, mischief, number }: Life): Promise<void> {
    this.#say(`life ${number}`);
    this.#senders.send(events);
    // What is adopted must have been taken without an answer.
    if (end.kind === 'at point' && end.point === 'deliver.adopted') {
      for (let count = 0; count < 4; count++) this.#weather.arm('took it, then dropped');
    }
    const service = this.#lives.start(end.kind === 'at point' ? `${end.point}#${end.nth}` : null);
    const replays: Promise<unknown>[] = [];
    const timers = mischief.map(({ kind, forMs, afterMs }) =>
      setTimeout(() => {
        if (kind === 'replay') replays.push(this.#replay());
        else this.#mischiefs.make({ kind, forMs });
      }, afterMs),
    );
    await this.#lives.untilEnd(service, end);
    for (const timer of timers) clearTimeout(timer);
    // A command that found no service would open the journal itself, beside the next life.
    await Promise.all(replays);
  }

  /** Lives until every sender has its answer, and remembers what there is. */
  async #answerAll(): Promise<void> {
    this.#say('all answered');
    const service = this.#lives.start(null);
    await service.ready;
    await this.#sendersDone();
    this.#former.push(...(await this.#attempt('reading the account', () => readAccount(this.#adminUrl), [])));
    await this.#lives.kill(service);
  }

  async #prune({ end, number }: Life): Promise<void> {
    this.#say(`life ${number}, pruning`);
    this.#prunedAt.push(Date.now());
    const dieAt = end.kind === 'at point' ? `${end.point}#${end.nth}` : null;
    await this.#lives.untilEnd(this.#lives.start(dieAt, this.#setting.configs.pruning), end);
  }

  #replay(): Promise<boolean> {
    const { program } = this.#options;
    const { folder, configs } = this.#setting;
    this.#weather.count('operator replays the dead');
    return replayDead({ program, folder, config: configs.keeping });
  }

  async #sendersDone(): Promise<void> {
    const deadline = performance.now() + START_WITHIN_MS * 4;
    while (!this.#senders.idle) {
      if (performance.now() > deadline) {
        this.#lives.failures.push('Events are not answered 200, although the service runs.');
        this.#senders.stop();
      }
      await sleep(20);
    }
    await this.#senders.repetitions();
  }

  /** Until nothing is unfinished, or nothing moves any more: what is left over is in the account. */
  async #drain(): Promise<void> {
    const stillFor = this.#options.plan.quota ? STILL_FOR_WITH_QUOTA_MS : STILL_FOR_MS;
    let last = { unfinished: Number.NaN, at: performance.now() };
    while (performance.now() - last.at < stillFor + this.#quietForMs()) {
      const tally = await this.#attempt('asking for the tally', () => readTally(this.#adminUrl), null);
      if (tally === null) return;
      const unfinished = (tally.held ?? 0) + (tally.pending ?? 0) + (tally.sending ?? 0);
      if (unfinished === 0) return;
      if (unfinished !== last.unfinished) last = { unfinished, at: performance.now() };
      this.#say(`${unfinished} to come`);
      await sleep(100);
    }
  }

  /** While it is quiet, what is held stays. */
  #quietForMs(): number {
    const now = Date.now();
    const until = heldUntil(this.#setting.quiet, now);
    return until === null ? 0 : until - now;
  }

  async #attempt<T>(what: string, act: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await act();
    } catch (error) {
      this.#lives.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  }

  /** Senders are answered 200, or 503 and nothing: anything else would make them give up. */
  #wrongAnswers(): string[] {
    return [...this.#ledger.answers]
      .filter(([answer]) => !['200', '503', 'none'].includes(answer))
      .map(([answer, count]) => `${count} requests were answered ${answer}.`);
  }

  #say(what: string): void {
    const { events, kills } = this.#options.plan;
    const killed = [...this.#lives.kills.values()].reduce((sum, count) => sum + count, 0);
    this.#options.tell(`${what} · ${this.#ledger.entries.length}/${events} events · ${killed}/${kills} kills`);
  }
}
