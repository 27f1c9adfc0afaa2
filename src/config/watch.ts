/**
 * A config that is loaded anew when it, one of its templates or the file of a variable changes: whole, or not at all. What changed is found by
 * looking, a few times a second: notifications of the system miss files that are replaced by a rename, symbolic links
 * that are moved (Kubernetes), and network disks. A change is taken once nothing has changed for a moment, so that a
 * folder that is written file by file is read when it is complete.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { isError, type Problem } from '../core/problem.ts';
import { comparable } from '../journal/settings.ts';
import { isCaret } from '../language/caret.ts';
import type { Config } from './config.ts';
import type { Loaded } from './load.ts';

const LOOK_EVERY_MS = 200;

export interface ConfigWatchParts {
  readonly config: Config;
  readonly load: () => Promise<Loaded>;
  /** Takes the new rules. */
  readonly apply: (config: Config) => void;
  readonly clock: Pick<Clock, 'after' | 'now'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** It was loaded anew, or has mistakes and was not. */
  readonly onReload?: (ok: boolean) => void;
}

interface ConfigTrouble {
  readonly detail: string;
  /** ms since the epoch: since when the rules in force are older than the files. */
  readonly since: number;
}

export class ConfigWatch {
  readonly #parts: ConfigWatchParts;
  #config: Config;
  #variableFiles: readonly string[];
  /** What the files were like when they were loaded, and at the last look. */
  #loaded: string | null = null;
  #seen: string | null = null;
  #trouble: ConfigTrouble | null = null;
  #mistakes: readonly Problem[] = [];
  #cancel: (() => void) | null = null;
  #started = false;
  #loading: Promise<void> = Promise.resolve();

  constructor(parts: ConfigWatchParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#variableFiles = parts.config.variableFiles;
  }

  /** What is wrong with the files as they are now, while older rules are in force; null where nothing is. */
  get trouble(): ConfigTrouble | null {
    return this.#trouble;
  }

  /** The same, one by one. */
  get mistakes(): readonly Problem[] {
    return this.#mistakes;
  }

  start(): void {
    this.#started = true;
    void this.#look();
  }

  stop(): void {
    this.#started = false;
    this.#cancel?.();
  }

  /** Loads now, changed or not. One at a time: the last one to be asked for is the last to be applied. */
  reload(): Promise<void> {
    this.#loading = this.#loading.then(() => this.#take());
    return this.#loading;
  }

  async #look(): Promise<void> {
    const now = (await fingerprint(this.#config)) + (await factsOf(this.#variableFiles));
    this.#loaded ??= now;
    const settled = now === this.#seen;
    this.#seen = now;
    if (now !== this.#loaded && settled) await this.reload();
    if (this.#started) this.#cancel = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #take(): Promise<void> {
    const { load, apply, clock, log, onReload } = this.#parts;
    // Before they are read: what changes meanwhile is seen at the next look.
    const rules = await fingerprint(this.#config);
    this.#loaded = rules + (await factsOf(this.#variableFiles));
    const { config, problems, variableFiles } = await load();
    // Of a config with mistakes too: that a file is missing may be one.
    if (variableFiles.join('\n') !== this.#variableFiles.join('\n')) {
      this.#variableFiles = variableFiles;
      this.#loaded = rules + (await factsOf(variableFiles));
    }
    for (const problem of problems) tell(problem, log);
    this.#mistakes = config === null ? problems.filter(isError) : [];
    const since = this.#trouble?.since ?? clock.now();
    this.#trouble = config === null ? { detail: troubleOf(this.#mistakes), since } : null;
    onReload?.(config !== null);
    const { file } = this.#config;
    if (config === null) {
      log.error({ file }, 'config not reloaded; the rules from before stay in force');
      return;
    }
    for (const key of fixedKeys(this.#config, config)) {
      log.warn({ key, detail: `${key} was changed. Restart the service: only then does it take effect.` }, 'config');
    }
    this.#config = config;
    apply(config);
    log.info({ file, routes: config.routes.length, templates: config.templates.size }, 'config reloaded');
  }
}

/** For one line: the log has all of them. */
const TOLD_AT_ONCE = 3;

function troubleOf(errors: readonly Problem[]): string {
  const told = errors.slice(0, TOLD_AT_ONCE).map(written).join(' ');
  const more = errors.length > TOLD_AT_ONCE ? ` And ${errors.length - TOLD_AT_ONCE} more, in the log.` : '';
  return `The config was changed and has mistakes; the rules from before stay in force. ${told}${more}`;
}

function tell(problem: Problem, log: ConfigWatchParts['log']): void {
  const { file, line, column, code } = problem;
  const told = { at: `${file}:${line}:${column}`, code, detail: written(problem) };
  if (isError(problem)) log.error(told, 'config');
  else log.warn(told, 'config');
}

/** In one line. */
function written({ file, line, column, message, remedy }: Problem): string {
  return `${file}:${line}:${column}: ${message}${remedy === undefined || isCaret(remedy) ? '' : ` ${remedy}`}`;
}

/** Changes with the config file and every template. */
async function fingerprint({ file, templatesFolder }: Config): Promise<string> {
  const names = await readdir(templatesFolder).catch(() => []);
  return factsOf([file, ...names.toSorted().map((name) => join(templatesFolder, name))]);
}

/** Changes with each file as far as its size and times tell; symbolic links count as what they lead to. */
async function factsOf(paths: readonly string[]): Promise<string> {
  const facts = paths.map(async (path) => {
    const found = await stat(path).catch(() => null);
    return found === null ? `${path} missing\n` : `${path} ${found.ino} ${found.size} ${found.mtimeMs}\n`;
  });
  return (await Promise.all(facts)).join('');
}

/** What a running service cannot change, as the keys are written. */
const FIXED: Readonly<Record<string, (config: Config) => unknown>> = {
  'server.host': ({ server }) => server.host,
  'server.port': ({ server }) => server.port,
  'server.max_connections': ({ server }) => server.maxConnections,
  'admin.host': ({ admin }) => admin.host,
  'admin.port': ({ admin }) => admin.port,
  'admin.token': ({ admin }) => admin.token?.reveal(),
  'admin.read_only_token': ({ admin }) => admin.readOnlyToken?.reveal(),
  journal: ({ journal }) => comparable(journal),
  'slack.token': ({ slack }) => slack.token?.reveal(),
  'slack.api_url': ({ slack }) => slack.apiUrl,
  'delivery.timeout': ({ delivery }) => delivery.timeoutMs,
  'telemetry.otlp': ({ telemetry }) => comparableOtlp(telemetry),
};

function comparableOtlp({ otlp }: Config['telemetry']): string | null {
  if (otlp === null) return null;
  return JSON.stringify([otlp.endpoint, ...[...otlp.headers].map(([name, value]) => [name, value.reveal()])]);
}

function fixedKeys(before: Config, after: Config): string[] {
  return Object.entries(FIXED)
    .filter(([, read]) => read(before) !== read(after))
    .map(([key]) => key);
}
