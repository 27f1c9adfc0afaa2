import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Router from '@koa/router';
import Koa from 'koa';
import { exactJson } from '../../src/admin/json-body.ts';
import { addPlayground } from '../../src/admin/playground.ts';
import { builtFile, SECURITY_HEADERS } from '../../src/core/built-pages.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { createPlayground, type PlaygroundParts } from '../../src/dry-run/playground/playground.ts';
import { BUILT_PAGES } from './built-pages.ts';
import { copyExample, loadWith, VARIABLES } from './example.ts';

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
  const folder = await copyExample();
  const config = await loadWith(VARIABLES, join(folder, 'config.yaml'));
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
  router.use(exactJson);
  addPlayground(router, playground);
  const app = new Koa();
  app.use(async (context, next) => {
    context.set(SECURITY_HEADERS);
    await next();
  });
  app.use(router.routes());
  app.use(async (context) => {
    const file = await builtFile(BUILT_PAGES, context.path.slice(1));
    if (file === null) return;
    context.set(file.headers);
    context.body = file.body;
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
