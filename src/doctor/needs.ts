/** What a config needs of Slack, and which part of it does. Pure. */
import type { Config } from '../config/config.ts';
import { needsRecipient } from '../routing/quiet-hours.ts';
import type { Route } from '../routing/route.ts';
import { VERBS, type VerbName } from '../verbs/verbs.ts';
import type { Finding } from './finding.ts';

export interface ScopeNeed {
  readonly scope: string;
  /** Who needs it, and what for. */
  readonly by: string;
  /** What it is when it is missing. */
  readonly missing: Exclude<Finding['status'], 'ok'>;
}

type Needy = Pick<Config, 'routes' | 'people' | 'slack' | 'templates'>;

/** Every scope that the config has a use for, the indispensable ones first. */
export function scopeNeeds({ routes, people, templates }: Pick<Needy, 'routes' | 'people' | 'templates'>): ScopeNeed[] {
  const personal = VERBS.filter(({ address }) => address === 'people');
  const dms = personal
    .map(({ name }) => named(name, routes))
    .filter(Boolean)
    .join(', ');
  const recipients = routes.filter(({ quiet }) => quiet !== null && needsRecipient(quiet.windows)).map(quoted);
  const needs: ScopeNeed[] = [{ scope: 'chat:write', by: 'every message', missing: 'problem' }];
  for (const { name, scopes } of VERBS) {
    const by = named(name, routes);
    if (by !== '') needs.push(...scopes.map(({ scope }) => ({ scope, by, missing: 'problem' as const })));
  }
  if (people.matchByEmail) {
    const by = `people.match_by_email${dms === '' ? '' : `, for ${dms}`}, for mentions`;
    needs.push({ scope: 'users:read.email', by, missing: dms === '' ? 'warning' : 'problem' });
  }
  if (recipients.length > 0) {
    const by = `quiet hours where the reader is, in ${recipients.join(', ')}`;
    needs.push({ scope: 'users:read', by, missing: 'problem' });
  } else if (people.matchByEmail) {
    needs.push({ scope: 'users:read', by: 'comes with users:read.email', missing: 'warning' });
  }
  const groups = groupUses({ templates });
  if (groups.length > 0) {
    const by = `mentions of ${groups.map(({ handle }) => handle).join(', ')}`;
    needs.push({ scope: 'usergroups:read', by, missing: 'problem' });
  }
  return [...needs, ...lookingNeeds(dms !== '')];
}

/** Without these, a message whose answer got lost may come twice; all else works. */
function lookingNeeds(dms: boolean): ScopeNeed[] {
  const by = 'looking whether a message whose answer got lost is there';
  const privately = `${by}, in private channels`;
  return [
    { scope: 'channels:history', by, missing: 'warning' },
    ...(dms ? [{ scope: 'im:history', by: `${by}, in direct messages`, missing: 'warning' as const }] : []),
    { scope: 'channels:read', by: 'finding a channel by its name, to look there; doctor', missing: 'warning' },
    { scope: 'groups:history', by: privately, missing: 'note' },
    {
      scope: 'groups:read',
      by: 'finding a channel by its name (Slack lists public and private ones together)',
      missing: 'warning',
    },
  ];
}

/** A user group that templates mention by its handle, and the templates that do. */
export interface GroupUse {
  /** Such as `@support`. */
  readonly handle: string;
  readonly by: readonly string[];
}

export function groupUses({ templates }: Pick<Needy, 'templates'>): GroupUse[] {
  const uses = [...templates.values()].flatMap(({ name, groups }) => groups.map((handle) => ({ handle, name })));
  return [...Map.groupBy(uses, ({ handle }) => handle)].map(([handle, same]) => ({
    handle,
    by: same.map(({ name }) => `template "${name}"`),
  }));
}

/** A channel that the config names, and the routes that do. */
export interface ChannelUse {
  readonly channel: string;
  readonly by: readonly string[];
  /** It holds Liquid: only an event tells which channel it is. */
  readonly computed: boolean;
}

export function channelUses({ routes, slack }: Pick<Needy, 'routes' | 'slack'>): ChannelUse[] {
  const uses = routes.flatMap((route) =>
    route.steps.flatMap((step) =>
      step.channel === null
        ? []
        : [{ channel: step.channel.source, computed: !step.channel.constant, by: quoted(route) }],
    ),
  );
  const { fallbackChannel } = slack;
  const all =
    fallbackChannel === null
      ? uses
      : [...uses, { channel: fallbackChannel, computed: false, by: 'slack.fallback_channel' }];
  return [...Map.groupBy(all, ({ channel }) => channel)].map(([channel, same]) => ({
    channel,
    by: same.map(({ by }) => by),
    computed: same.some(({ computed }) => computed),
  }));
}

/** `dm in "assigned", "mentioned"`; empty where no route has it. */
function named(verb: VerbName, routes: readonly Route[]): string {
  const using = routes.filter(({ steps }) => steps.some((step) => step.verb === verb)).map(quoted);
  return using.length === 0 ? '' : `${verb} in ${using.join(', ')}`;
}

function quoted({ name }: Pick<Route, 'name'>): string {
  return `"${name}"`;
}
