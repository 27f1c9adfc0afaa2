/** The Slack app to create: what `manifest` prints and the README tells people to paste. */
import { Document, isScalar, isSeq } from 'yaml';
import type { VerbScope } from '../verbs/verb.ts';
import { VERBS } from '../verbs/verbs.ts';

export interface ManifestOptions {
  /** At most 35 characters. */
  readonly name?: string;
}

export interface AppManifest {
  readonly display_information: { readonly name: string; readonly description: string };
  readonly features: {
    readonly app_home: Readonly<
      Record<'home_tab_enabled' | 'messages_tab_enabled' | 'messages_tab_read_only_enabled', boolean>
    >;
    readonly bot_user: { readonly display_name: string; readonly always_online: boolean };
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: Readonly<Record<'org_deploy_enabled' | 'socket_mode_enabled' | 'token_rotation_enabled', boolean>>;
}

const MAX_NAME = 35;
const FINDS_MESSAGES = 'finds a message whose answer got lost, so that it is not sent twice';
const FINDS_CHANNELS = 'finds a channel by its name, for the same';

const UNSORTED: readonly VerbScope[] = [
  { scope: 'chat:write', optional: false, use: 'posts and updates messages' },
  { scope: 'chat:write.public', optional: true, use: 'posts to public channels without an invitation' },
  ...VERBS.flatMap(({ scopes }) => scopes),
  {
    scope: 'users:read',
    optional: false,
    use: 'comes with users:read.email; tells the time zone of whoever gets a DM (quiet hours)',
  },
  { scope: 'users:read.email', optional: false, use: 'finds people by their e-mail address (people.match_by_email)' },
  { scope: 'usergroups:read', optional: true, use: 'mentions user groups by their handles ("@support" | mention)' },
  { scope: 'channels:history', optional: true, use: FINDS_MESSAGES },
  { scope: 'groups:history', optional: true, use: `${FINDS_MESSAGES} (private channels)` },
  { scope: 'im:history', optional: true, use: `${FINDS_MESSAGES} (direct messages)` },
  { scope: 'channels:read', optional: true, use: FINDS_CHANNELS },
  { scope: 'groups:read', optional: true, use: `${FINDS_CHANNELS} (private channels)` },
];

/** Every scope this version uses, and what for: the indispensable ones first. */
export const SCOPES = UNSORTED.toSorted((a, b) => Number(a.optional) - Number(b.optional));

/** Throws a RangeError for a name that Slack would not take. */
export function appManifest({ name = 'ALO relay' }: ManifestOptions = {}): AppManifest {
  if (name.trim() === '' || name.length > MAX_NAME) {
    throw new RangeError(`A Slack app's name has 1 to ${MAX_NAME} characters, this one has ${name.length}`);
  }
  return {
    display_information: {
      name,
      description: 'Actions, calls and messages from ALO and Allo, where the team sees them',
    },
    features: {
      // Without its messages tab an app cannot send direct messages.
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: name, always_online: true },
    },
    oauth_config: { scopes: { bot: SCOPES.map(({ scope }) => scope) } },
    settings: { org_deploy_enabled: false, socket_mode_enabled: false, token_rotation_enabled: false },
  };
}

/** The manifest as YAML to paste, with what needs each scope. Throws as appManifest does. */
export function manifestYaml(options: ManifestOptions = {}): string {
  const document = new Document(appManifest(options));
  document.commentBefore = ' Slack app for alo-relay: https://api.slack.com/apps, Create New App, From a manifest';
  const bot = document.getIn(['oauth_config', 'scopes', 'bot']);
  if (isSeq(bot)) {
    for (const [index, item] of bot.items.entries()) {
      const entry = SCOPES[index];
      if (isScalar(item) && entry !== undefined) item.comment = ` ${entry.optional ? 'optional: ' : ''}${entry.use}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}
