/** What a case gets: folders, a secret, Slack and the load generator. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Setting, WEBHOOK_PATH } from './contenders.ts';
import { newSecret } from './events.ts';
import type { LoadJob, LoadReport } from './load.ts';
import type { Verdict } from './measure.ts';
import { Helper, type Server } from './processes.ts';
import type { Arrival, SlackKind, SlackQuestion } from './slack.ts';

export interface BenchOptions {
  readonly runs: number;
  /** Says what is going on, for those who wait. */
  readonly tell: (line: string) => void;
}

export type Case = (options: BenchOptions) => Promise<readonly Verdict[]>;

/** In the project's data folder: a temporary one may be in memory, where nothing has to wait for a disk. */
const DATA = fileURLToPath(new URL('../data/', import.meta.url));

const LOAD_WITHIN_MS = 180_000;

/** A folder of one's own, gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(DATA, { recursive: true });
  const folder = await mkdtemp(join(DATA, 'bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Slack extends AsyncDisposable {
  readonly url: string;
  /** Every message so far, once there are `count`, or after `withinMs`. */
  arrivals(count: number, withinMs: number): Promise<readonly Arrival[]>;
}

export async function startSlack(kind: SlackKind): Promise<Slack> {
  const helper = new Helper('slack.ts', [kind]);
  const ask = <Answer>(question: SlackQuestion, withinMs: number) => helper.ask<Answer>(question, withinMs);
  return {
    url: await ask<string>({ kind: 'address' }, 20_000),
    arrivals: (count, withinMs) => ask({ kind: 'arrivals', count, withinMs }, withinMs + 5_000),
    [Symbol.asyncDispose]: () => helper[Symbol.asyncDispose](),
  };
}

/** Sends events to a server, from a process of its own. */
export function load(server: Server, job: Omit<LoadJob, 'urls'>): Promise<LoadReport> {
  return loadEach([server], job);
}

/** The same to several that share a journal. */
export async function loadEach(
  [first, ...others]: readonly [Server, ...Server[]],
  job: Omit<LoadJob, 'urls'>,
): Promise<LoadReport> {
  await using helper = new Helper('load.ts');
  const urlOf = ({ origin }: Server) => `${origin}${WEBHOOK_PATH}`;
  const question: LoadJob = { ...job, urls: [urlOf(first), ...others.map(urlOf)] };
  return await helper.ask<LoadReport>(question, LOAD_WITHIN_MS);
}

/** A secret, a folder and a Slack that are new, for one server. */
export async function withSetting<T>(kind: SlackKind, use: (setting: Setting, slack: Slack) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    await using slack = await startSlack(kind);
    return await use({ folder, secret: newSecret(), slackUrl: slack.url }, slack);
  });
}
