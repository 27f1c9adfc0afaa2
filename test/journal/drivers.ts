/** How tests open a journal. */
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import type { OpenOptions } from '../../src/journal/open.ts';
import type { PostgresSettings } from '../../src/journal/settings.ts';

export const COMMAND: OpenOptions = { log: silentLogger, clock: systemClock, role: 'command' };

export function postgresSettings(url: string, changes: Partial<PostgresSettings> = {}): PostgresSettings {
  const { host, pathname } = new URL(url);
  const { schema = 'alo_relay' } = changes;
  const place = `postgres://${host}${pathname} (schema ${schema})`;
  return { kind: 'postgres', url: new Secret(url), place, schema, pool: 4, tls: null, ...changes };
}
