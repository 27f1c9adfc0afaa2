/** What can be wrong between the parts of a config, each of which is right by itself. */
import type { Problem } from '../core/problem.ts';
import type { SourceDocument } from '../language/document.ts';
import { endlessQuietHours, overlappingQuietHours } from '../lint/quiet-hours.ts';
import { checkRoutes, type RouteSurroundings } from '../lint/route-checks.ts';
import { checkAdmin } from './admin.ts';
import type { WrittenConfig } from './schema.ts';
import { slackToken } from './slack-token.ts';
import { weakSecrets } from './weak-secrets.ts';
import { literalSecrets } from './written-secrets.ts';

export interface TogetherSetting {
  readonly routeSetting: RouteSurroundings;
}

/** Of a config whose every value is right. */
export function checkTogether(
  written: WrittenConfig,
  document: SourceDocument,
  { routeSetting }: TogetherSetting,
): Problem[] {
  const { routes, quiet_hours } = written;
  return [
    ...checkRoutes(routes, document, routeSetting),
    ...endlessQuietHours(quiet_hours, document),
    ...overlappingQuietHours(quiet_hours, document),
    ...literalSecrets(written, document),
    ...slackToken(written, document),
    ...weakSecrets(written, document),
    ...checkAdmin(written.admin, document),
    ...samePort(written, document),
    ...smallBudget(written, document),
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

/** Then the largest bodies would never arrive. */
function smallBudget({ server }: WrittenConfig, document: SourceDocument): Problem[] {
  if (server.body_budget >= 2 * server.body_limit) return [];
  return [
    {
      ...document.place(['server', 'body_budget']),
      code: 'small-budget',
      message: 'server.body_budget is less than two bodies of server.body_limit, so large bodies could never arrive.',
      remedy: 'Raise server.body_budget (the default is 64mb), or lower server.body_limit.',
    },
  ];
}
