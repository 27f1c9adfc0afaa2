/** Where a run plays: the workspace with its weather, the senders, and the instances of the service. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { LoopDisk } from '../helpers/loop-disk.ts';
import { replayDead } from './account.ts';
import { Database } from './database.ts';
import { QUOTA_CHANNELS, quotaChannel } from './events.ts';
import { Ledger } from './ledger.ts';
import type { Mischief } from './life.ts';
import { Lives } from './lives.ts';
import { Mischiefs } from './mischief.ts';
import type { RunPlan } from './plan.ts';
import { Senders } from './senders.ts';
import type { Program } from './service.ts';
import { type Instance, makeSetting, SECRETS, type Setting } from './setting.ts';
import { Weather } from './weather.ts';
import { Witness } from './witness.ts';

export interface StageOptions {
  readonly plan: RunPlan;
  readonly program: Program;
  /** An existing folder for everything that instances log; null: nowhere. */
  readonly logs: string | null;
  /** Says how far it is. */
  readonly tell: (progress: string) => void;
}

interface Surroundings {
  readonly sandbox: Sandbox;
  readonly setting: Setting;
  /** Null where the only instance has a journal of its own. */
  readonly database: Database | null;
  /** Null where the power never goes. */
  readonly disk: LoopDisk | null;
}

/** Each attempt of a migration ends or succeeds within this. */
const START_WITHIN_MS = 15_000;
const SQLITE = './relay.db';
const DISK = 'disk';
const MEBIBYTES = 512;
const SMALL_CHECKPOINTS = resolve(import.meta.dirname, '../helpers/small-checkpoints.ts');

/** One instance, and all its lives. */
export interface Player extends Instance {
  readonly lives: Lives;
  readonly adminUrl: string;
}

export class Stage {
  readonly options: StageOptions;
  readonly sandbox: Sandbox;
  readonly setting: Setting;
  readonly database: Database | null;
  readonly disk: LoopDisk | null;
  readonly ledger = new Ledger();
  readonly senders: Senders;
  readonly weather: Weather;
  readonly witness: Witness;
  readonly mischiefs: Mischiefs;
  readonly players: readonly Player[];
  /** What went wrong beside events and lives. */
  readonly failures: string[] = [];

  constructor(options: StageOptions, { sandbox, setting, database, disk }: Surroundings) {
    const { seed } = options.plan;
    this.options = options;
    this.sandbox = sandbox;
    this.setting = setting;
    this.database = database;
    this.disk = disk;
    this.senders = new Senders({
      urls: setting.instances.map(({ port }) => `http://127.0.0.1:${port}/webhooks/`),
      secrets: { allo: new Secret(SECRETS.allo), alo: new Secret(SECRETS.alo) },
      ledger: this.ledger,
    });
    this.players = setting.instances.map((instance, index) => ({
      ...instance,
      adminUrl: `http://127.0.0.1:${instance.adminPort}/`,
      lives: new Lives({
        ...{ ...options, ...setting, ...instance },
        name: `instance ${index + 1}`,
        log: options.logs === null ? null : join(options.logs, `instance-${index + 1}.log`),
        preload: disk === null ? null : SMALL_CHECKPOINTS,
        disk,
      }),
    }));
    this.weather = new Weather(sandbox.faults, options.plan);
    this.witness = new Witness(sandbox.workspace);
    this.mischiefs = new Mischiefs({ sandbox, weather: this.weather, witness: this.witness, seed });
  }

  reachQuota(): void {
    for (let index = 0; index < QUOTA_CHANNELS; index++) {
      const scope = { method: 'chat.postMessage', channel: quotaChannel(index), times: 1 } as const;
      this.weather.add('workspace quota', { kind: 'error', error: 'message_limit_exceeded', ...scope });
    }
  }

  /** Made while a player's life goes on; the returned function ends it, and resolves when nothing of it goes on. */
  begin(mischief: readonly Mischief[], { config }: Player): () => Promise<void> {
    const replays: Promise<unknown>[] = [];
    const timers = mischief.map(({ kind, forMs, afterMs }) =>
      setTimeout(() => {
        if (kind === 'replay') replays.push(this.#replay(config));
        else this.mischiefs.make({ kind, forMs });
      }, afterMs),
    );
    return async () => {
      for (const timer of timers) clearTimeout(timer);
      // A command that found no service would open the journal itself, beside the next life.
      await Promise.all(replays);
    };
  }

  /** Until everything is answered. */
  async sendersDone(): Promise<void> {
    const deadline = performance.now() + START_WITHIN_MS * 4;
    while (!this.senders.idle) {
      if (performance.now() > deadline) {
        this.failures.push('Events are not answered 200, although the service runs.');
        this.senders.stop();
      }
      await sleep(20);
    }
    await this.senders.repetitions();
  }

  async attempt<T>(what: string, act: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await act();
    } catch (error) {
      this.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  }

  say(what: string): void {
    const { events, kills } = this.options.plan;
    const killed = this.players
      .flatMap(({ lives }) => [...lives.kills.values()])
      .reduce((sum, count) => sum + count, 0);
    this.options.tell(`${what} · ${this.ledger.entries.length}/${events} events · ${killed}/${kills} kills`);
  }

  /** No process and no sender stays behind. */
  end(): void {
    this.senders.stop();
    for (const { lives } of this.players) lives.end();
  }

  #replay(config: string): Promise<boolean> {
    this.weather.count('operator replays the dead');
    return replayDead({ ...this.options, ...this.setting, config });
  }
}

/** Plays on a stage that is built for it, and taken down whatever happens. */
export async function onStage<T>(options: StageOptions, play: (stage: Stage) => Promise<T>): Promise<T> {
  const sandbox = await startSandbox({ port: 0, limits: null, keptPerConversation: 100_000 });
  const { plan } = options;
  let database: Database | null = null;
  try {
    if (plan.instances > 1) database = await Database.start();
    const ownDisk = plan.powerLosses > 0;
    const journal = database?.url ?? (ownDisk ? `./${DISK}/${SQLITE}` : SQLITE);
    const setting = await makeSetting(plan, { slackUrl: sandbox.apiUrl, journal });
    const disk = ownDisk ? await LoopDisk.make(join(setting.folder, DISK), { mebibytes: MEBIBYTES }) : null;
    const stage = new Stage(options, { sandbox, setting, database, disk });
    try {
      return await play(stage);
    } finally {
      stage.end();
      disk?.remove();
      await setting.remove();
    }
  } finally {
    await sandbox.close();
    await database?.stop();
  }
}
