/**
 * Slack's error codes: what each means for a delivery, and what a person does about it. The one table of them.
 */
import type { RefusalScope } from '../core/outcome.ts';

/**
 * limited: asked to wait. transient: did not happen, worth another try. quota: the workspace has sent too much.
 * ambiguous: Slack failed on the way, and what it was asked for may have happened. Else: who has to act.
 */
type CodeGroup = 'limited' | 'transient' | 'quota' | 'ambiguous' | RefusalScope;

export interface CodeMeaning {
  readonly group: CodeGroup;
  /** One sentence for a person: what happened and what to do. */
  readonly detail: string;
}

const DETAILS = {
  limited: {
    ratelimited: 'Slack asks to send more slowly: the relay waits and goes on by itself',
    rate_limited: 'Slack asks to send more slowly: the relay waits and goes on by itself',
  },
  transient: {
    service_unavailable: 'Slack is unavailable for now: the relay tries again, see https://slack-status.com',
    team_added_to_org: 'The workspace is being moved into an Enterprise organisation: the relay tries again',
    org_login_required: 'The workspace is being moved into an Enterprise organisation: the relay tries again',
    external_channel_migrating: 'Slack is moving this shared channel: the relay tries again',
  },
  quota: {
    message_limit_exceeded:
      'The workspace has reached its limit of messages: the relay tries again later; send less, or ask Slack for more',
  },
  ambiguous: {
    fatal_error: 'Slack failed inside, and may or may not have done what it was asked: see https://slack-status.com',
    internal_error: 'Slack failed inside, and may or may not have done what it was asked: see https://slack-status.com',
    request_timeout: 'Slack did not get the whole request in time, and may or may not have done what it was asked',
  },
  credential: {
    not_authed: 'No token was sent: set slack.token to the Bot User OAuth Token (xoxb-…)',
    invalid_auth: 'Slack does not accept the token: set slack.token to the current Bot User OAuth Token (xoxb-…)',
    account_inactive: 'The token belongs to a deleted user or workspace: install the app again and set the new token',
    token_revoked: 'The token was revoked: install the app again and set the new token',
    token_expired: 'The token has expired: install the app again and set the new token, with token rotation off',
    missing_scope:
      'The app lacks a scope: add it under OAuth & Permissions (`manifest` lists all of them) and install the app again',
    not_allowed_token_type: 'This kind of token may not do that: use the Bot User OAuth Token (xoxb-…)',
    no_permission: 'The token has no permission for that: check the app’s scopes and install the app again',
    access_denied: 'Slack denies the app access: ask a workspace admin to approve it',
    accesslimited: 'The workspace limits access to this method: ask a workspace admin to allow the app',
    app_access_restricted: 'The workspace restricts what apps may do: ask a workspace admin to allow this one',
    ekm_access_denied: 'The organisation’s key management has suspended posting: ask its admins',
    enterprise_is_restricted: 'The organisation does not allow this method: ask its admins',
    two_factor_setup_required: 'The token’s owner has to set up two-factor authentication first',
    is_bot: 'A bot may not do that with this token: use the Bot User OAuth Token of the app',
    team_not_found: 'Slack does not find the workspace: the app may have been removed from it, install it again',
    metadata_must_be_sent_from_app:
      'Slack takes messages with metadata from apps only: use the Bot User OAuth Token (xoxb-…) of an app',
    team_access_not_granted:
      'The app was not granted access to this workspace: ask an admin of the organisation to add it',
  },
  destination: {
    channel_not_found:
      'No such channel, or a private one without the app: check the name, and invite the app with /invite @app',
    not_in_channel: 'The app is not a member of the channel: invite it with /invite @app, or grant chat:write.public',
    is_archived: 'The channel is archived: unarchive it, or name another channel',
    is_inactive: 'The message is in a frozen, archived or deleted channel and cannot be changed',
    messages_tab_disabled:
      'The app’s messages tab is off, so it cannot send direct messages: turn it on under App Home',
    restricted_action: 'A workspace setting keeps the app from posting there: ask a workspace admin',
    cannot_reply_to_message: 'The message takes no replies: its thread may be locked',
    thread_not_found: 'The thread is gone: its first message was deleted, or the channel’s retention removed it',
    thread_locked: 'The thread is locked: somebody who may has to unlock it',
    user_not_found: 'Slack knows no such user: correct the id under people.map',
    users_not_found: 'Nobody in the workspace has that e-mail address: add the person to people.map',
    user_not_visible: 'The app may not see that user: ask a workspace admin, or map another user',
    user_disabled: 'The user is deactivated: map another user, or drop the entry',
    cannot_dm_bot: 'The user is a bot, and bots take no direct messages: map a person',
    method_not_supported_for_channel_type: 'This kind of conversation does not take that: name another channel',
    message_not_found: 'The message is gone: it was deleted, or the channel’s retention removed it',
    cant_update_message: 'The app may not edit the message: another app or user posted it',
    edit_window_closed: 'The workspace’s settings no longer allow editing the message',
    not_reactable: 'That kind of message takes no reactions',
    no_reaction_access: 'The app may not react there: the channel’s posting permissions exclude it',
    too_many_emoji: 'The message has as many different reactions as Slack allows',
    too_many_reactions: 'The app has put as many reactions on the message as Slack allows',
    already_reacted: 'The app has reacted with that emoji before',
    already_pinned: 'The message is pinned already',
    not_pinnable: 'That kind of message cannot be pinned',
    permission_denied: 'The app may not pin there: ask a workspace admin who may pin messages',
  },
  payload: {
    no_text: 'The message came out empty: give the template a text or blocks that are never empty',
    msg_too_long: 'The message is too long: shorten the template’s text',
    invalid_blocks: 'Slack refuses the template’s blocks: try them in Block Kit Builder',
    invalid_attachments: 'Slack refuses the template’s blocks beside its colour: try them in Block Kit Builder',
    invalid_blocks_format: 'The template’s blocks are not a list of blocks: try them in Block Kit Builder',
    msg_blocks_too_long: 'The blocks hold too much text together: shorten the template, or use fewer blocks',
    block_mismatch: 'The message’s blocks cannot be replaced by these: the relay posts a new message',
    markdown_text_conflict: 'A message has either markdown_text or text and blocks: remove one from the template',
    too_many_attachments: 'The message has more attachments than Slack allows: use blocks, or fewer of them',
    invalid_metadata_format: 'Slack refuses the message’s metadata: please report this as a bug of the relay',
    invalid_metadata_schema: 'Slack refuses the message’s metadata: please report this as a bug of the relay',
    metadata_too_large: 'Slack finds the message’s metadata too large: please report this as a bug of the relay',
    invalid_arguments: 'Slack refuses an argument of the call: check the channel and the template',
    invalid_arg_name: 'Slack refuses an argument of the call: please report this as a bug of the relay',
    invalid_charset: 'Slack refuses the request’s encoding: a proxy may have changed it',
    invalid_form_data: 'Slack cannot read the request: a proxy may have changed it',
    invalid_json: 'Slack cannot read the request: a proxy may have changed it',
    invalid_name: 'There is no emoji of that name: correct the route’s emoji, without colons',
    bad_timestamp: 'Slack does not take the message’s timestamp: please report this as a bug of the relay',
    invalid_cursor: 'Slack no longer knows the page it was asked for: the relay starts again from the first',
    invalid_limit: 'Slack does not take the size of a page: please report this as a bug of the relay',
    invalid_ts_oldest: 'Slack does not take the start of a search: please report this as a bug of the relay',
    invalid_ts_latest: 'Slack does not take the end of a search: please report this as a bug of the relay',
    invalid_types: 'Slack does not take the kinds of channels asked for: please report this as a bug of the relay',
    invalid_post_type: 'Slack cannot read the request: a proxy may have changed it',
    missing_post_type: 'Slack cannot read the request: a proxy may have changed it',
    unknown_method: 'Slack does not know the method: check slack.api_url',
    method_deprecated: 'Slack has retired the method: update the relay',
    deprecated_endpoint: 'Slack has retired the method: update the relay',
  },
} satisfies Readonly<Record<CodeGroup, Readonly<Record<string, string>>>>;

const BY_CODE: ReadonlyMap<string, CodeMeaning> = new Map([
  ...group('limited'),
  ...group('transient'),
  ...group('quota'),
  ...group('ambiguous'),
  ...group('credential'),
  ...group('destination'),
  ...group('payload'),
]);

function group(name: CodeGroup): [string, CodeMeaning][] {
  return Object.entries(DETAILS[name]).map(([code, detail]) => [code, { group: name, detail }]);
}

/** What a code of Slack's means; undefined for one that the table does not have. */
export function meaningOf(code: string): CodeMeaning | undefined {
  const family = code.startsWith('restricted_action_') ? 'restricted_action' : code;
  return BY_CODE.get(family);
}

/** Every code in the table, for those who list them. */
export function knownCodes(): string[] {
  return [...BY_CODE.keys()];
}

/** The answers of chat.update after which only a new message helps. */
export const UNEDITABLE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'block_mismatch',
]);

/** The answers to a message with blocks whose text alone may be taken. */
export const BLOCKS_REFUSED: ReadonlySet<string> = new Set([
  'invalid_attachments',
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
]);
