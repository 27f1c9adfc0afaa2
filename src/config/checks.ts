/** What can be wrong between the parts of a config, each of which is right by itself. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { closest } from '../language/schema.ts';
import { reactionsWithoutCard, sameNames } from '../routing/consistency.ts';
import { unknownTopics } from '../routing/known-topics.ts';
import { unreachable } from '../routing/reach.ts';
import type { TemplateUse } from '../routing/route.ts';
import { endlessQuietHours, longThresholds, overlappingQuietHours } from '../routing/rules.ts';
import type { LoadedTemplates, TemplateFiles } from '../templates/load.ts';
import type { TemplateSet } from '../templates/template.ts';
import type { WrittenConfig } from './schema.ts';
import { sendersOf } from './senders.ts';
import { literalSecrets } from './written-secrets.ts';

const ROUTES: Path = ['routes'];

/** Of a config whose every value is right. */
export function checkTogether(
  written: WrittenConfig,
  document: SourceDocument,
  { uses, loaded }: { readonly uses: readonly TemplateUse[]; readonly loaded: LoadedTemplates },
): Problem[] {
  const { routes, quiet_hours, retention } = written;
  return [
    ...checkTemplates(uses, loaded, document),
    ...unknownSources(written, document),
    ...unknownTopics(routes, document, { base: ROUTES, senders: sendersOf(written) }),
    ...unreachable(routes, document, { base: ROUTES, sources: Object.keys(written.sources) }),
    ...sameNames(routes, document, ROUTES),
    ...reactionsWithoutCard(routes, document, ROUTES),
    ...longThresholds(routes, document, { base: ROUTES, retentionMs: retention }),
    ...endlessQuietHours(quiet_hours, document),
    ...overlappingQuietHours(quiet_hours, document),
    ...literalSecrets(written, document),
    ...openAdmin(written, document),
    ...samePort(written, document),
  ];
}

/** What is named and not there is probably one of those that are not used. */
function checkTemplates(
  uses: readonly TemplateUse[],
  { files, templates }: LoadedTemplates,
  document: SourceDocument,
): Problem[] {
  if (files === null) return [];
  const unknown = unknownTemplates(uses, files, document);
  return unknown.length > 0 ? unknown : unusedTemplates(uses, templates);
}

function unknownTemplates(uses: readonly TemplateUse[], files: TemplateFiles, document: SourceDocument): Problem[] {
  const names = [...files.keys()].toSorted();
  return uses
    .filter(({ template }) => !files.has(template))
    .map(({ template, path }) => {
      const near = closest(template, names);
      return {
        ...document.place(path),
        code: 'unknown-template',
        message: `There is no template "${template}".`,
        remedy: `${near === null ? '' : `Did you mean "${near}"? `}Templates: ${names.join(', ') || 'none'}.`,
      };
    });
}

/** The shipped templates are a stock to choose from: that one of them is not used says nothing. */
const SHIPPED: ReadonlySet<string> = new Set([
  'action_assignment_changed',
  'action_card',
  'action_created',
  'action_message_added',
  'action_status_updated',
  'action_updated',
  'any_event',
  'assigned_to_you',
  'call_completed',
  'call_received',
  'contact',
  'sms_received',
  'sms_sent',
  'summary_updated',
  'tag',
  'thread_root',
  'voicemail',
]);

/** One that has errors is told of them first. */
function unusedTemplates(uses: readonly TemplateUse[], templates: TemplateSet): Problem[] {
  const used = new Set(uses.map(({ template }) => template));
  return [...templates.values()]
    .filter(({ name }) => !used.has(name) && !SHIPPED.has(name))
    .map(({ name, file }) => ({
      file,
      line: 1,
      column: 1,
      severity: 'warning',
      code: 'unused-template',
      message: `No route uses the template "${name}".`,
      remedy: `Name it in a route, as in post: { channel: "#general", template: ${name} }, or remove the file.`,
    }));
}

function unknownSources(written: WrittenConfig, document: SourceDocument): Problem[] {
  const names = Object.keys(written.sources);
  return written.routes.flatMap((route, index) =>
    (route.source ?? []).flatMap((source, at): Problem[] => {
      if (names.includes(source)) return [];
      const near = closest(source, names);
      return [
        {
          ...document.place([...ROUTES, index, 'source', at]),
          code: 'unknown-source',
          message: `There is no source "${source}".`,
          remedy: `${near === null ? '' : `Did you mean "${near}"? `}Sources: ${names.join(', ')}.`,
        },
      ];
    }),
  );
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Whoever reaches the admin listener can send messages again: from other machines, only with the token. */
function openAdmin({ admin }: WrittenConfig, document: SourceDocument): Problem[] {
  const { host, token } = admin;
  if (LOOPBACK.test(host) || (token !== undefined && token.reveal() !== '')) return [];
  return [
    {
      ...document.place(['admin', 'host']),
      code: 'admin-token',
      message: `The admin listener on ${host} can be reached from other machines, and has no token.`,
      remedy: 'Set admin.token, for example to "${ADMIN_TOKEN}", or listen on 127.0.0.1.',
    },
  ];
}

/** Port 0 is any that is free. */
function samePort({ server, admin }: WrittenConfig, document: SourceDocument): Problem[] {
  if (server.port !== admin.port || server.port === 0) return [];
  return [
    {
      ...document.place(['admin', 'port']),
      code: 'same-port',
      message: `server.port and admin.port are both ${server.port}, and only one of them can have it.`,
      remedy: 'Choose another for one of them (the defaults are 3000 and 3001).',
    },
  ];
}
