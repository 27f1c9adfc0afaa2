/** Slack's reference, as collected for this project (chat.postMessage, chat.update, conversations.*), and what each code must lead to. */
const LISTED = {
  limited: 'ratelimited rate_limited',
  transient: 'service_unavailable team_added_to_org org_login_required',
  ambiguous: 'fatal_error internal_error request_timeout',
  quota: 'message_limit_exceeded',
  credential: `not_authed invalid_auth account_inactive token_revoked token_expired missing_scope not_allowed_token_type
    no_permission access_denied accesslimited app_access_restricted ekm_access_denied enterprise_is_restricted
    two_factor_setup_required is_bot team_not_found team_access_not_granted metadata_must_be_sent_from_app`,
  destination: `channel_not_found not_in_channel is_archived messages_tab_disabled restricted_action
    restricted_action_read_only_channel restricted_action_thread_only_channel cannot_reply_to_message user_not_found
    user_disabled cant_update_message message_not_found edit_window_closed is_inactive users_not_found already_reacted already_pinned not_pinnable permission_denied
    thread_not_found thread_locked`,
  payload: `no_text msg_too_long invalid_blocks invalid_blocks_format msg_blocks_too_long markdown_text_conflict
    too_many_attachments invalid_metadata_format invalid_metadata_schema metadata_too_large invalid_arguments
    invalid_charset invalid_json block_mismatch invalid_cursor invalid_limit invalid_ts_oldest invalid_ts_latest
    invalid_types`,
};

const OF_A_POST: Readonly<Record<string, object>> = {
  limited: { kind: 'retry', limited: true, afterMs: 10_000 },
  transient: { kind: 'retry', limited: false },
  ambiguous: { kind: 'unknown' },
  quota: { kind: 'retry', limited: false, afterMs: 300_000 },
};

/** Every listed code, its group, and the outcome of a chat.postMessage that is answered with it. */
export const listed = Object.entries(LISTED).flatMap(([group, codes]) =>
  codes.split(/\s+/).map((code) => ({ group, code, outcome: OF_A_POST[group] ?? { kind: 'refused', scope: group } })),
);
