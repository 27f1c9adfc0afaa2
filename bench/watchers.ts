/**
 * Dashboards without their browsers, in a process of their own: each asks what the page's first view asks when it opens
 * and from then on, and listens to what is told. Answers with the kB that all of them were told so far.
 */
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { answer } from './processes.ts';

export interface Watching {
  /** The admin listener's. */
  readonly origin: string;
  /** So many are to be open from now on. */
  readonly open: number;
}

/** As in src/web/dashboard. */
const AT_FIRST = ['/', '/api/status', '/api/overview', '/api/events?limit=50', '/api/lanes?limit=200'];
const SERIES = '/api/series?minutes=60';
const SERIES_EVERY_MS = 15_000;
const LANES = '/api/lanes?limit=200';
const LANES_EVERY_MS = 5_000;

let toldBytes = 0;
const opened: AsyncDisposable[] = [];

async function open(origin: string): Promise<AsyncDisposable> {
  for (const path of [...AT_FIRST, SERIES]) await ask(origin + path);
  const live = await respond(`${origin}/api/live`);
  live.on('data', (chunk: Buffer) => {
    toldBytes += chunk.length;
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

async function ask(url: string): Promise<void> {
  const response = await respond(url);
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} was answered ${response.statusCode}: ${body.slice(0, 200)}`);
}

function respond(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).on('error', reject);
  });
}

answer(async ({ origin, open: wanted }: Watching) => {
  const more = Array.from({ length: Math.max(0, wanted - opened.length) }, () => open(origin));
  opened.push(...(await Promise.all(more)));
  for (const dashboard of opened.splice(wanted)) await dashboard[Symbol.asyncDispose]();
  return Math.round(toldBytes / 1024);
});
