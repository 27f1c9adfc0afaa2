/** Several instances on one Postgres, each with a journal of its own, and with lanes that the test gives to them. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { type KeepLanes, type OpenPostgresOptions, openPostgres } from '../../src/journal/postgres/open.ts';
import type { PostgresSettings } from '../../src/journal/settings.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { postgresSettings } from './drivers.ts';

/** Runs one statement in the journal's schema, on a connection of its own. */
export function sqlIn({ url, schema }: PostgresSettings, statement: string): ReturnType<typeof command> {
  const inSchema = new URL(url.reveal());
  inSchema.searchParams.set('options', `-c search_path=${schema}`);
  return command(inSchema.href, statement);
}

export interface Instances {
  readonly postgres: () => TestPostgres;
  /** A new database for each test. */
  readonly url: () => string;
  /** Closed when the test has ended. */
  open(instance: string | null, changes?: Changes): Promise<Journal>;
  /** In the journal's schema. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** From now on `owner` has these lanes. */
  give(owner: string, ...lanes: readonly string[]): Promise<void>;
}

interface Changes extends Partial<OpenPostgresOptions> {
  readonly settings?: Partial<PostgresSettings>;
}

/** Within a test file. */
export function instances(): Instances {
  let postgres: TestPostgres;
  let url: string;
  const journals: Journal[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  beforeEach(async () => {
    url = await postgres.newDatabase();
  });
  afterEach(async () => {
    await Promise.all(journals.splice(0).map((journal) => journal.close()));
  });
  afterAll(() => postgres.stop());

  const sql = (statement: string) => sqlIn(postgresSettings(url), statement);
  return {
    postgres: () => postgres,
    url: () => url,
    async open(instance, { settings, ...changes } = {}) {
      const options = { log: silentLogger, clock: systemClock, role: 'service', ...changes } as const;
      const journal = await openPostgres(postgresSettings(url, settings), options, keepFor(instance));
      journals.push(journal);
      return journal;
    },
    sql,
    async give(owner, ...lanes) {
      for (const lane of lanes) {
        await sql(`insert into lanes (lane, owner) values ('${lane}', '${owner}')
          on conflict (lane) do update set owner = excluded.owner`);
      }
    },
  };
}

function keepFor(instance: string | null): KeepLanes {
  return () => ({ cluster: null, instance, close: () => Promise.resolve() });
}
