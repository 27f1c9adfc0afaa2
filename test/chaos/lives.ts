/** The lives of the service, one after the other: how each began, and whether it ended as it was meant to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifeEnd } from './plan.ts';
import { type Program, Service } from './service.ts';
import type { Setting } from './setting.ts';

/** A life that should have died at its point by then is killed. */
const PATIENCE_MS = 5_000;
/** Promised: from SIGTERM to the end. */
const STOP_WITHIN_MS = 20_000;
/** It says that it is ready a moment before it listens to signals. */
const LISTENING_AFTER_MS = 100;
/** A timer that nobody waits for any more does not keep the driver. */
const UNHELD = { ref: false } as const;

export class Lives {
  /** By fault point; `at any time` for the others. */
  readonly kills = new Map<string, number>();
  /** What went wrong beside the events. */
  readonly failures: string[] = [];
  started = 0;
  /** SIGTERMs. */
  stops = 0;
  readonly #program: Program;
  readonly #setting: Setting;
  #latest: Service | null = null;

  constructor(program: Program, setting: Setting) {
    this.#program = program;
    this.#setting = setting;
  }

  /** `dieAt`: `point#n`; null for nowhere. */
  start(dieAt: string | null, config = this.#setting.configs.keeping): Service {
    this.started += 1;
    this.#latest = new Service({ program: this.#program, folder: this.#setting.folder, config, dieAt });
    return this.#latest;
  }

  async untilEnd(service: Service, end: LifeEnd): Promise<void> {
    const [limitMs, point] = end.kind === 'at point' ? [PATIENCE_MS, end.point] : [end.afterMs, null];
    const ended = await Promise.race([service.ended.then(() => true), sleep(limitMs, false, UNHELD)]);
    // Before it is ready, a signal ends it as it ends any process.
    if (!ended && end.kind === 'asked to stop') {
      await service.ready;
      await sleep(LISTENING_AFTER_MS);
    }
    if (ended) await this.died(service, point);
    else if (end.kind === 'asked to stop') await this.stop(service);
    else await this.kill(service);
  }

  async kill(service: Service): Promise<void> {
    service.kill('SIGKILL');
    await this.died(service, null);
  }

  /** Whether it was killed, by itself or from outside (`point`: null); any other end is a failure. */
  async died(service: Service, point: string | null): Promise<boolean> {
    const { code, signal } = await service.ended;
    if (signal === 'SIGKILL') {
      const where = point ?? 'at any time';
      this.kills.set(where, (this.kills.get(where) ?? 0) + 1);
      return true;
    }
    this.failures.push(`Life ${this.started} ended by itself (code ${code}, signal ${signal}): ${service.output}`);
    return false;
  }

  /** As an operator stops it. */
  async stop(service: Service): Promise<void> {
    service.kill('SIGTERM');
    const ended = await Promise.race([service.ended, sleep(STOP_WITHIN_MS, null, UNHELD)]);
    this.stops += 1;
    if (ended === null) {
      this.failures.push('SIGTERM did not end it within 20 s.');
      await this.kill(service);
    } else if (ended.code !== 0) this.failures.push(`SIGTERM ended it with ${ended.code ?? ended.signal}, not with 0.`);
  }

  /** No process stays behind. */
  end(): void {
    this.#latest?.kill('SIGKILL');
  }
}
