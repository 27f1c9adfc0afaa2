/** Which methods need which scope. */
import { type Arguments, text } from './arguments.ts';

/** What the app of the manifest may do. */
export const ALL_SCOPES: readonly string[] = [
  'chat:write',
  'chat:write.public',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'reactions:write',
  'pins:write',
  'channels:history',
  'groups:history',
  'im:history',
  'channels:read',
  'groups:read',
];

const HISTORY = ['channels:history', 'groups:history', 'im:history'];

/** Any one of them will do. */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map([
  ['chat.postMessage', ['chat:write']],
  ['chat.update', ['chat:write']],
  ['conversations.history', HISTORY],
  ['conversations.info', ['channels:read', 'groups:read']],
  ['conversations.open', ['im:write']],
  ['conversations.replies', HISTORY],
  ['pins.add', ['pins:write']],
  ['reactions.add', ['reactions:write']],
  ['usergroups.list', ['usergroups:read']],
  ['users.info', ['users:read']],
  ['users.lookupByEmail', ['users:read.email']],
]);

/** Each kind of conversation that is listed needs its own. */
const LISTED: Readonly<Record<string, string>> = { public_channel: 'channels:read', private_channel: 'groups:read' };

/** Whether Slack would answer `missing_scope`. */
export function lacksScope(method: string, args: Arguments, scopes: ReadonlySet<string>): boolean {
  const needed = NEEDED.get(method);
  if (needed !== undefined) return !needed.some((scope) => scopes.has(scope));
  if (method !== 'conversations.list') return false;
  const types = (text(args, 'types') ?? 'public_channel').split(',').map((type) => LISTED[type.trim()]);
  return types.some((scope) => scope !== undefined && !scopes.has(scope));
}
