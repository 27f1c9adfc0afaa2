/** The relay in this process, by a config of its own, to a scripted Slack. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLogger, streamLogger } from '../../src/core/log.ts';
import type { AttemptFacts } from '../../src/core/telemetry.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { createRelay, type Relay, type RelayParts } from '../../src/relay/relay.ts';
import { ManualClock, settle } from './clock.ts';
import { ScriptedSlack } from './gateway.ts';
import { openSqliteJournal } from './sqlite.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Texts by the template's name. */
type Templates = Readonly<Record<string, string>>;

/** `t` says the number that was sent. */
const NUMBER: Templates = { t: '{{ event.payload.data.n }}' };

/** Writes a config whose one source is `allo`, and templates beside it. */
export async function writeConfig(folder: string, yaml: string, templates = NUMBER): Promise<Config> {
  await mkdir(join(folder, 'templates'), { recursive: true });
  for (const [name, text] of Object.entries(templates)) {
    await writeFile(join(folder, 'templates', `${name}.yaml`), `text: ${JSON.stringify(text)}`);
  }
  const file = join(folder, 'config.yaml');
  await writeFile(file, `sources: { allo: { type: allo, secrets: ["${SECRET}"] } }\n${yaml}`);
  const { config, problems } = await loadConfig(file, {});
  if (config === null) throw new Error(JSON.stringify(problems));
  return config;
}

export interface StartedRelay extends Relay {
  /** Accepts a call with this data, signed as its sender does. */
  send(data: object): Promise<void>;
}

type StartedParts = Pick<RelayParts, 'config' | 'journal' | 'gateway' | 'clock'> & Partial<RelayParts>;

let messages = 0;

export async function startRelay(parts: StartedParts): Promise<StartedRelay> {
  const relay = createRelay({ random: () => 0.5, log: silentLogger, ...parts });
  await relay.resume();
  relay.start();
  return {
    ...relay,
    async send(data) {
      const [source] = parts.config.sources;
      if (source === undefined) throw new Error('one source is expected');
      const body = JSON.stringify({ topic: 'call.received', data });
      const headers = source.sign({ body, messageId: `msg_${++messages}`, nowMs: parts.clock.now() });
      const answer = await atTime(parts.clock.now(), () => relay.accept(source, { headers, body: Buffer.from(body) }));
      expect(answer.kind).toBe('accepted');
    },
  };
}

/** The library that verifies signatures reads the system's clock. */
export function atTime<T>(now: number, body: () => T): T {
  vi.useFakeTimers({ toFake: ['Date'], now });
  try {
    return body();
  } finally {
    vi.useRealTimers();
  }
}

export interface RelayUnderTest {
  readonly slack: ScriptedSlack;
  readonly clock: ManualClock;
  /** Of the latest start, as `health` is. */
  readonly journal: Journal;
  readonly health: Relay['health'];
  /** What was logged so far. */
  readonly log: readonly string[];
  /** Accepts a call with this data, and lets it go as far as it goes without time passing. */
  send(data: object): Promise<void>;
  stop(): Promise<void>;
  /** On the same journal, as after a restart. */
  start(): Promise<void>;
  close(): Promise<void>;
}

interface OpenOptions {
  /** What the clock shows at first. */
  readonly at?: string;
  readonly templates?: Templates;
  readonly onAttempt?: (facts: AttemptFacts) => void;
}

/** The relay, started, over a journal of its own and in time that moves only when told to. */
export async function openRelay(yaml: string, { at, templates, onAttempt }: OpenOptions = {}): Promise<RelayUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const config = await writeConfig(folder, yaml, templates);
  const slack = new ScriptedSlack();
  const clock = new ManualClock(at === undefined ? undefined : Date.parse(at));
  const log: string[] = [];
  const telemetry = onAttempt === undefined ? {} : { telemetry: { attempt: onAttempt } };
  const logger = streamLogger({ write: (line: string) => log.push(line) });
  let journal: Journal;
  let started: StartedRelay;
  const opened: RelayUnderTest = {
    slack,
    clock,
    log,
    get journal() {
      return journal;
    },
    get health() {
      return started.health;
    },
    async send(data) {
      await started.send(data);
      await settle();
    },
    async stop() {
      await started.stop();
      await journal.close();
    },
    async start() {
      journal = await openSqliteJournal(join(folder, 'relay.db'));
      started = await startRelay({ config, journal, gateway: slack, clock, log: logger, ...telemetry });
      await settle();
    },
    async close() {
      await opened.stop();
      await rm(folder, { recursive: true });
    },
  };
  await opened.start();
  return opened;
}
