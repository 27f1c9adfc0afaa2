/**
 * People who look at a running service, without their browsers, in a process of their own. A dashboard asks what the
 * page's first view asks when it opens and from then on, and listens to what is told; a search looks for what is
 * nowhere, again and again. Each Watching replaces the one before, and is answered with how much that one was told.
 */
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { answer } from './processes.ts';

export interface Watching {
  /** The admin listener's. */
  readonly origin: string;
  readonly dashboards: number;
  readonly searches: number;
}

/** As in src/web/dashboard. */
const AT_FIRST = ['/', '/api/status', '/api/overview', '/api/events?limit=50', '/api/lanes?limit=200'];
const SERIES = '/api/series?minutes=60';
const SERIES_EVERY_MS = 15_000;
const LANES = '/api/lanes?limit=200';
const LANES_EVERY_MS = 5_000;
const SEARCH = '/api/events?limit=50&text=nowhere+to+be+found';

/** Answers, and what was told unasked. */
let told = 0;
let opened = new AsyncDisposableStack();

async function openDashboard(origin: string): Promise<AsyncDisposable> {
  for (const path of [...AT_FIRST, SERIES]) await ask(origin + path);
  const live = await respond(`${origin}/api/live`);
  live.on('data', () => {
    told += 1;
  });
  // One that ends by itself is a page that lost its connection: not what is measured.
  const lost = () => process.exit(1);
  live.on('close', lost);
  const timers = [
    setInterval(() => void ask(origin + SERIES), SERIES_EVERY_MS),
    setInterval(() => void ask(origin + LANES), LANES_EVERY_MS),
  ];
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      live.off('close', lost);
      live.destroy();
    },
  };
}

function openSearch(origin: string): AsyncDisposable {
  let isOver = false;
  const searching = (async () => {
    while (!isOver) await ask(origin + SEARCH);
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await searching;
    },
  };
}

async function ask(url: string): Promise<void> {
  const response = await respond(url);
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} was answered ${response.statusCode}: ${body.slice(0, 200)}`);
  told += 1;
}

function respond(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).on('error', reject);
  });
}

answer(async ({ origin, dashboards, searches }: Watching) => {
  await opened.disposeAsync();
  const before = told;
  told = 0;
  opened = new AsyncDisposableStack();
  const opening = Array.from({ length: dashboards }, () => openDashboard(origin));
  for (const dashboard of await Promise.all(opening)) opened.use(dashboard);
  for (let count = 0; count < searches; count++) opened.use(openSearch(origin));
  return before;
});
