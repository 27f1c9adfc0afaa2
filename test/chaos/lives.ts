/** The lives of one instance, one after the other: how each began, and whether it ended as it was meant to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freeze, type LoopDisk } from '../helpers/loop-disk.ts';
import type { Pause } from './cluster-plan.ts';
import type { LifeEnd } from './life.ts';
import { type Program, Service, type ServiceOptions } from './service.ts';

export interface LivesOptions {
  readonly program: Program;
  readonly folder: string;
  readonly config: string;
  /** What failures call it. */
  readonly name: string;
  /** As a service has them. */
  readonly log: string | null;
  readonly preload: string | null;
  /** Where its journal is; null: on one that always has power. */
  readonly disk: LoopDisk | null;
}

/** A life that should have died at its point by then is killed. */
const PATIENCE_MS = 5_000;
/** Promised: from SIGTERM to the end. */
const STOP_WITHIN_MS = 20_000;
const GO_ON_EVERY_MS = 200;
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
  /** By SIGSTOP: the fault point or `at any time`, and how long. */
  readonly pauses: { readonly where: string; readonly ms: number }[] = [];
  readonly #options: LivesOptions;
  #latest: Service | null = null;

  constructor(options: LivesOptions) {
    this.#options = options;
  }

  /** `dieAt`, `stopAt`: `point#n`; null for nowhere. */
  start(dieAt: string | null, more: Partial<Pick<ServiceOptions, 'config' | 'stopAt'>> = {}): Service {
    this.started += 1;
    this.#latest = new Service({ ...this.#options, dieAt, ...more });
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
    else if (end.kind === 'power loss') await this.#losePower(service);
    else await this.kill(service);
  }

  /** What comes afterwards and before the next life, is not on the disk that it finds. */
  async #losePower(service: Service): Promise<void> {
    await freeze(service.pid);
    await this.#options.disk?.cut();
    service.kill('SIGKILL');
    await this.died(service, 'power loss');
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
    this.#fail(`Life ${this.started} ended by itself (code ${code}, signal ${signal}): ${service.output}`);
    return false;
  }

  /** Stopped and let go on again, as planned or until it dies. The last pause may leave it stopped. */
  async pause(service: Service, pauses: readonly Pause[], burst: () => void): Promise<void> {
    const over = service.ended.then(() => true);
    for (const { afterMs, afterBurstMs, point, forMs, goesOn } of pauses) {
      // One that stops by itself may do so before it is ready.
      if (point === null) await service.ready;
      if (await Promise.race([over, sleep(afterMs, false, UNHELD)])) return;
      burst();
      const atPoint = point !== null && (await this.#stopsItself(service));
      if (point === null) await sleep(afterBurstMs);
      service.kill('SIGSTOP');
      const began = performance.now();
      await Promise.race([over, sleep(forMs, false, UNHELD)]);
      if (goesOn) service.kill('SIGCONT');
      this.pauses.push({ where: atPoint ? point : 'at any time', ms: performance.now() - began });
    }
  }

  /** False where it does not, in time. */
  async #stopsItself(service: Service): Promise<boolean> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!service.stopped && performance.now() < deadline) await sleep(20);
    return service.stopped;
  }

  /** As an operator stops it. */
  async stop(service: Service): Promise<void> {
    service.kill('SIGTERM');
    // It may come by the point where it was to stop by itself only now.
    const goOn = setInterval(() => service.kill('SIGCONT'), GO_ON_EVERY_MS);
    const ended = await Promise.race([service.ended, sleep(STOP_WITHIN_MS, null, UNHELD)]);
    clearInterval(goOn);
    this.stops += 1;
    if (ended === null) {
      this.#fail('SIGTERM did not end it within 20 s.');
      await this.kill(service);
    } else if (ended.code !== 0) this.#fail(`SIGTERM ended it with ${ended.code ?? ended.signal}: ${service.output}`);
  }

  /** No process stays behind. */
  end(): void {
    this.#latest?.kill('SIGKILL');
  }

  #fail(what: string): void {
    this.failures.push(`${this.#options.name}: ${what}`);
  }
}
