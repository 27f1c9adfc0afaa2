/** The Postgres that instances share, and its bad days. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import type { Outage } from './cluster-plan.ts';

export class Database {
  /** By how it went down. */
  readonly restarts = new Map<Outage['how'], number>();
  readonly url: string;
  readonly #postgres: TestPostgres;
  /** One outage after the other. Never rejects. */
  #outages: Promise<void> = Promise.resolve();
  #failure: string | null = null;

  private constructor(postgres: TestPostgres, url: string) {
    this.#postgres = postgres;
    this.url = url;
  }

  static async start(): Promise<Database> {
    const postgres = await startPostgres();
    return new Database(postgres, await postgres.newDatabase());
  }

  /** Takes it down now, or after the outage under way. Nothing where the server is not ours to stop. */
  fail({ how, forMs }: Pick<Outage, 'how' | 'forMs'>): void {
    const { outage } = this.#postgres;
    if (outage === null) return;
    this.#outages = this.#outages.then(async () => {
      try {
        await outage.down(how);
        await sleep(forMs);
        await outage.up();
        this.restarts.set(how, (this.restarts.get(how) ?? 0) + 1);
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
      }
    });
  }

  /** Once every outage is over: what went wrong with them; null: nothing. */
  async recovered(): Promise<string | null> {
    await this.#outages;
    return this.#failure;
  }

  async stop(): Promise<void> {
    await this.#outages;
    await this.#postgres.stop();
  }
}
