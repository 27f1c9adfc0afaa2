import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import Router from '@koa/router';
import Koa from 'koa';
import { addPlayground } from '../../src/admin/playground.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { createPlayground, type PlaygroundParts } from '../../src/dry-run/playground/playground.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const WEB = resolve(ROOT, process.env.WEB_DIR ?? 'dist/web');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const VARIABLES = {
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
  SLACK_BOT_TOKEN: 'xoxb-never-seen',
};

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

export interface PlaygroundSite {
  readonly url: string;
  /** With the example config and the shipped templates. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** The playground's API and page by themselves, on loopback, under the policy of the admin listener. */
export async function startPlayground(
  events: readonly RelayEvent[] = [],
  more: Partial<PlaygroundParts> = {},
): Promise<PlaygroundSite> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-playground-'));
  await cp(join(ROOT, 'templates'), join(folder, 'templates'), { recursive: true });
  await cp(join(ROOT, 'config.example.yaml'), join(folder, 'config.yaml'));
  const { config, problems } = await loadConfig(join(folder, 'config.yaml'), VARIABLES);
  if (config === null) throw new Error(JSON.stringify(problems));
  const playground = createPlayground({
    config: () => config,
    variables: VARIABLES,
    stored: async (number) => events[number - 1] ?? null,
    recent: async () =>
      events
        .map(({ source, topic, subject, received_at }, index) => ({
          number: index + 1,
          source,
          topic,
          subject,
          received_at,
        }))
        .toReversed(),
    clock: systemClock,
    ...more,
  });
  const router = new Router({ prefix: '/api' });
  addPlayground(router, playground);
  const app = new Koa();
  app.use(async (context, next) => {
    context.set('content-security-policy', POLICY);
    await next();
  });
  app.use(router.routes());
  app.use(async (context) => {
    const content = await readFile(join(WEB, context.path.replaceAll('..', ''))).catch(() => null);
    if (content === null) return;
    context.type = TYPES[extname(context.path)] ?? 'application/octet-stream';
    context.body = content;
  });
  const server = createServer(app.callback());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    folder,
    async stop() {
      server.close();
      server.closeAllConnections();
      await playground.close();
      await rm(folder, { recursive: true });
    },
  };
}
