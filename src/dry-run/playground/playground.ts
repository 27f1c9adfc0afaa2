/**
 * The playground: an event, and the texts of rules that nobody has saved, in; what the service would say and do, out. By
 * the production engine, in a thread of its own. It reads files and the journal, and changes nothing anywhere.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Variables } from '../../config/environment.ts';
import { resolveVariables } from '../../config/variable-files.ts';
import { type RoutesInFile, routesInFile } from '../../config/written-routes.ts';
import type { Clock } from '../../core/clock.ts';
import type { RelayEvent } from '../../core/event.ts';
import { writeEventHeader } from '../../core/event-header.ts';
import { parseJson } from '../../core/json.ts';
import { findTemplates } from '../../templates/load.ts';
import { type EventChoice, readChoice } from './choice.ts';
import type { TemplateText } from './rules.ts';
import type { PlaygroundOrder } from './run.ts';
import { LONGEST_RUN_MS, type PlaygroundEnd, PlaygroundThread } from './thread.ts';
import type { PlaygroundAnswer, PlaygroundMaterials, PlaygroundProblem, RecentEvent } from './view.ts';

export interface PlaygroundRequest {
  readonly event: EventChoice;
  /** In the place of the one of that name, or beside the others. */
  readonly template?: { readonly name: string; readonly text: string } | undefined;
  /** In the place of those in the config file: the section, its list or one route. `line`: where it begins there. */
  readonly routes?: { readonly text: string; readonly line: number } | undefined;
  /** ms since the epoch: as if it came in then. Default: now, or when the event of the journal did. */
  readonly at?: number | undefined;
}

export interface Playground {
  /** Null where too many are under way. Rejects as the journal does. */
  try(request: PlaygroundRequest): Promise<PlaygroundAnswer | null>;
  materials(): Promise<PlaygroundMaterials>;
  close(): Promise<void>;
}

export interface PlaygroundParts {
  /** The one in force. */
  readonly config: () => Config;
  /** What `${NAME}` stands for in the config file. */
  readonly variables: Variables;
  /** An event by its number, as it came in; null where there is none. */
  readonly stored: (number: number) => Promise<RelayEvent | null>;
  /** Newest first. */
  readonly recent: () => Promise<readonly RecentEvent[]>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

export function createPlayground(parts: PlaygroundParts): Playground {
  const thread = new PlaygroundThread(parts.clock);
  return {
    async try(request) {
      const config = parts.config();
      const { event, at, problems: found } = await readChoice(request, config.sources, parts);
      const file = await routesOf(config);
      const routes = request.routes ?? file;
      if (routes === null) return { problems: [...found, UNREADABLE], runs: [], preview: null };
      const order: PlaygroundOrder = {
        event: event && sendable(event),
        at,
        found,
        routes: { text: routes.text, line: routes.line },
        variables: await variablesOf(file?.variables ?? [], parts.variables),
        templates: withEdited(await templateTexts(config), request.template),
        edited: request.template?.name ?? null,
        surroundings: config.routeSetting,
        people: config.people,
        colors: config.colors,
        delivery: { maxPerEvent: config.delivery.maxPerEvent },
      };
      return answerOf(await thread.run(order), order);
    },

    async materials() {
      const config = parts.config();
      const [routes, templates, recent] = await Promise.all([routesOf(config), templateTexts(config), parts.recent()]);
      const folder = basename(config.templatesFolder);
      return {
        config_file: basename(config.file),
        routes: routes && { text: routes.text, line: routes.line },
        templates: templates.map(({ name, file, text }) => ({ name, file: `${folder}/${file}`, text })),
        sources: config.sources.map(({ name, type }) => ({ name, topics: type.samples.map(topicOf) })),
        recent,
      };
    },

    close: () => thread.close(),
  };
}

const topicOf = ({ topic }: { readonly topic: string }): string => topic;

/** These alone: what is typed here comes from a page. */
async function variablesOf(names: readonly string[], environment: Variables): Promise<Variables> {
  const { values } = await resolveVariables(names, environment);
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

const UNREADABLE: PlaygroundProblem = {
  file: 'routes',
  line: 1,
  column: 1,
  severity: 'error',
  code: 'config-unreadable',
  message: 'The routes of the config file cannot be read now.',
  remedy: 'Run alo-relay check: it says what is wrong with the file. Or write routes here.',
};

/** What a person would see in the file at this moment, which may be newer than what is in force. */
async function routesOf({ file }: Config): Promise<RoutesInFile | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : routesInFile(text);
}

async function templateTexts({ templatesFolder }: Config): Promise<TemplateText[]> {
  const { files } = await findTemplates(templatesFolder);
  const texts = await Promise.all(
    [...(files ?? [])].map(async ([name, path]) => {
      const text = await readFile(path, 'utf8').catch(() => null);
      return text === null ? [] : [{ name, file: basename(path), text }];
    }),
  );
  return texts.flat();
}

function withEdited(
  templates: readonly TemplateText[],
  edited: PlaygroundRequest['template'],
): readonly TemplateText[] {
  if (edited === undefined) return templates;
  const { name, text } = edited;
  const file = templates.find((template) => template.name === name)?.file ?? `${name}.yaml`;
  return [...templates.filter((template) => template.name !== name), { name, file, text }];
}

function sendable({ payload, ...header }: RelayEvent): PlaygroundOrder['event'] {
  return { header: writeEventHeader(header), payload };
}

function answerOf(end: PlaygroundEnd, { found, edited, routes }: PlaygroundOrder): PlaygroundAnswer | null {
  if (end.kind === 'busy') return null;
  if (end.kind === 'done') {
    return parseJson<PlaygroundAnswer>(end.json);
  }
  const { message, remedy } = STOPPED[end.by];
  const place =
    edited === null ? { file: 'routes' as const, line: routes.line } : { file: 'template' as const, line: 1 };
  const problem = { ...place, column: 1, severity: 'error' as const, code: 'stopped', message, remedy };
  return { problems: [...found, problem], runs: [], preview: null };
}

const STOPPED = {
  time: {
    message: `This did not come to an end within ${LONGEST_RUN_MS / 1000} s, and was stopped.`,
    remedy: 'Look for loops in the template, and for patterns in matches() that repeat what repeats already.',
  },
  memory: {
    message: 'This took more memory than it may, and was stopped.',
    remedy: 'Look for what grows: loops, each.',
  },
  size: { message: 'What came of this is too much to be shown.', remedy: 'Try fewer routes at once.' },
} as const;
