/**
 * Reading the configuration: YAML → variables → schema → sources, templates and routes, each with its own checks.
 * Everything wrong is reported at once, at its place; there is a Config only when nothing is.
 */
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import proxyAddr from 'proxy-addr';
import { isError, type Problem, sortProblems } from '../core/problem.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { readDocument, type SourceDocument } from '../language/document.ts';
import { check } from '../language/schema.ts';
import { misspeltEmoji } from '../lint/emoji.ts';
import { checkTemplates, ROUTES, surroundingsOf } from '../lint/route-checks.ts';
import { compileRoutes } from '../routing/route.ts';
import { defaultMerge } from '../routing/rules.ts';
import { loadTemplates } from '../templates/load.ts';
import { adminSettings } from './admin.ts';
import { checkTogether, type TogetherSetting } from './checks.ts';
import type { Config, ServerSettings, TelemetrySettings } from './config.ts';
import { blamingBraces, substituteVariables, unreported, type Variables, variablesIn } from './environment.ts';
import { buildJournal } from './journal.ts';
import { Mask } from './mask.ts';
import { restOf } from './rest.ts';
import { configSchema, type WrittenConfig } from './schema.ts';
import { buildSources } from './sources.ts';
import { resolveVariables } from './variable-files.ts';

export interface Loaded {
  /** Null when there is an error among the problems. */
  readonly config: Config | null;
  readonly problems: readonly Problem[];
  /** Files that hold the values of variables. */
  readonly variableFiles: readonly string[];
}

/**
 * Loads a config file with everything it refers to. Never throws. No problem shows what a variable holds. `journal`: in
 * place of the config's own, which is then not read.
 */
export async function loadConfig(file: string, variables: Variables, journal?: JournalSettings): Promise<Loaded> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { config: null, problems: [unreadable(file, error)], variableFiles: [] };
  }
  const resolved = await resolveVariables(variablesIn(text), variables);
  const mask = new Mask(text, file, resolved.values);
  const document = readDocument(text, file, substituteVariables(resolved));
  const { config, problems } = await read(document, journal);
  const variableFiles = resolved.files;
  return {
    config: config && { ...config, mask, variableFiles },
    problems: blamingBraces(problems).map((problem) => mask.problem(problem)),
    variableFiles,
  };
}

interface Read {
  readonly config: Omit<Config, 'mask' | 'variableFiles'> | null;
  readonly problems: readonly Problem[];
}

async function read(document: SourceDocument, instead: JournalSettings | undefined): Promise<Read> {
  if (document.problems.some(({ code }) => code === 'yaml')) return { config: null, problems: document.problems };
  const checked = check(configSchema, document);
  if (!checked.ok) {
    const rest = restOf(document);
    const others = rest === null ? [] : (await buildParts(rest, document, instead)).problems.filter(isError);
    const found = unreported([...checked.problems, ...others], document);
    return { config: null, problems: sortProblems([...document.problems, ...found]) };
  }
  const parts = await buildParts(checked.value, document, instead);
  const together = checkTogether(checked.value, document, parts);
  const found = unreported([...parts.problems, ...together], document);
  const problems = sortProblems([...document.problems, ...found]);
  return { config: problems.some(isError) ? null : parts.config, problems };
}

interface Parts extends TogetherSetting {
  readonly config: Read['config'];
  /** Of each part by itself, and of the templates that it names. */
  readonly problems: readonly Problem[];
}

async function buildParts(
  written: WrittenConfig,
  document: SourceDocument,
  instead: JournalSettings | undefined,
): Promise<Parts> {
  const folder = dirname(resolve(document.file));
  const sources = buildSources(written, document);
  const templates = await loadTemplates(readable(resolve(folder, written.templates)));
  const journal = instead ? { settings: instead, problems: [] } : await buildJournal(written.journal, document, folder);
  const merge = defaultMerge(written.delivery.merge);
  const routeSetting = surroundingsOf(written, merge);
  const routes = compileRoutes(written.routes, document, { base: ROUTES, ...routeSetting });
  const { per_channel, retry, timeout, max_per_event, unknown_outcome } = written.delivery;
  const config = journal.settings && {
    file: document.file,
    server: serverSettings(written.server),
    admin: adminSettings(written.admin),
    journal: journal.settings,
    retentionMs: written.retention,
    sources: sources.sources,
    slack: {
      token: written.slack.token ?? null,
      apiUrl: written.slack.api_url,
      fallbackChannel: written.slack.fallback_channel ?? null,
      adminUrl: written.slack.admin_url ?? null,
    },
    people: { matchByEmail: written.people.match_by_email, map: new Map(Object.entries(written.people.map)) },
    colors: new Map(Object.entries(written.colors).map(([value, color]) => [value.trim().toLowerCase(), color])),
    delivery: {
      perChannel: { perSecond: per_channel.per_second, burst: per_channel.burst },
      merge,
      retry: { firstMs: retry.first, maxMs: retry.max, giveUpAfterMs: retry.give_up_after },
      timeoutMs: timeout,
      maxPerEvent: max_per_event,
      unknownOutcome: unknown_outcome,
    },
    telemetry: telemetrySettings(written.telemetry),
    templates: templates.templates,
    templatesFolder: resolve(folder, written.templates),
    routes: routes.routes,
    routeSetting,
  };
  return {
    config,
    routeSetting,
    problems: [
      ...sources.problems,
      ...journal.problems,
      ...templates.problems,
      ...routes.problems,
      ...(await misspeltEmoji(written.routes, document)),
      ...checkTemplates(routes.uses, templates, document),
    ],
  };
}

function serverSettings({ host, port, ...written }: WrittenConfig['server']): ServerSettings {
  const trusts = proxyAddr.compile(written.trusted_proxies);
  return {
    host,
    port,
    bodyLimitBytes: written.body_limit,
    bodyBudgetBytes: written.body_budget,
    maxConnections: written.max_connections,
    trustsProxy: (address) => trusts(address, 0),
  };
}

function telemetrySettings({ otlp }: WrittenConfig['telemetry']): TelemetrySettings {
  if (otlp === undefined) return { otlp: null };
  return { otlp: { endpoint: otlp.endpoint, headers: new Map(Object.entries(otlp.headers)) } };
}

export function unreadable(file: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return {
    file,
    line: 1,
    column: 1,
    code: 'config-unreadable',
    message: code === 'ENOENT' ? 'There is no such file.' : `The file cannot be read (${code}).`,
    remedy: 'Name one with --config FILE; config.example.yaml is a start.',
  };
}

/** As a person would write it: relative to where they stand, when that is shorter. */
function readable(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}
