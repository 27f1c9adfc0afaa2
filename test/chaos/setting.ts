/** A folder with everything a life of the service needs: config, templates, journal. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEOPLE } from './events.ts';
import { TIMEOUT_MS } from './faults.ts';
import { FALLBACK_CHANNEL, ROUTES, TEMPLATES, userOf } from './scenery.ts';

export const SECRETS = {
  allo: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  alo: 'alo-secret-for-the-chaos-0123456789',
} as const;

export interface Setting {
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  /** Config files that differ in their retention only. */
  readonly configs: { readonly keeping: string; readonly pruning: string };
  remove(): Promise<void>;
}

/** What ended longer ago is pruned, where a life prunes. */
const PRUNING_RETENTION = '1s';

export async function makeSetting(slackUrl: string): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-chaos-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = (retention: string) => ({
    server: { host: '127.0.0.1', port },
    admin: { host: '127.0.0.1', port: adminPort },
    journal: './relay.db',
    retention,
    sources: {
      allo: { type: 'allo', secrets: [SECRETS.allo] },
      alo: { type: 'alo', secrets: [SECRETS.alo], dedupe: { key: 'payload.event_id' } },
    },
    slack: { token: 'xoxb-chaos', api_url: slackUrl, fallback_channel: `#${FALLBACK_CHANNEL}` },
    people: { match_by_email: false, map: Object.fromEntries(PEOPLE.map((person) => [person, userOf(person)])) },
    delivery: {
      per_channel: { per_second: 10_000, burst: 10_000 },
      retry: { first: '20ms', max: '500ms' },
      timeout: `${TIMEOUT_MS}ms`,
      unknown_outcome: 'resend',
      merge: false,
    },
    templates: './templates',
    routes: ROUTES,
  });
  const configs = { keeping: join(folder, 'config.yaml'), pruning: join(folder, 'pruning.yaml') };
  // What is JSON is YAML.
  await writeFile(configs.keeping, JSON.stringify(config('30d'), null, 2));
  await writeFile(configs.pruning, JSON.stringify(config(PRUNING_RETENTION), null, 2));
  await mkdir(join(folder, 'templates'));
  for (const [file, template] of Object.entries(TEMPLATES)) {
    await writeFile(join(folder, 'templates', file), JSON.stringify(template));
  }
  return { folder, port, adminPort, configs, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Free a moment ago: every life listens on the same one, as senders know it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
