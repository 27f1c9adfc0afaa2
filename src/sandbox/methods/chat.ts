import { type Arguments, flag, required, structure, text } from '../arguments.ts';
import { parseAttachments } from '../attachments.ts';
import { parseBlocks } from '../blocks.ts';
import { type Metadata, presentMessage } from '../message.ts';
import { parseMetadata } from '../metadata.ts';
import { permalink } from '../permalinks.ts';
import { Refusal } from '../refusal.ts';
import { conversationById, conversationOf, type Method } from './method.ts';

/** Slack cuts a posted text here, and says so. */
const POSTED_TEXT_CHARACTERS = 40_000;
/** Slack refuses an updated text beyond this. */
const UPDATED_TEXT_CHARACTERS = 4_000;

const TRUNCATED = {
  response_metadata: {
    warnings: ['message_truncated'],
    messages: ['[WARN] The text was longer than 40,000 characters: the rest was cut off.'],
  },
};

/**
 * `chat.postMessage`. Known limit: Slack splits a text of more than about 4,000 characters into several messages; here
 * it stays one.
 */
export const postMessage: Method = (call) => {
  const { args, workspace } = call;
  const conversation = conversationOf(call, required(args, 'channel', 'channel_not_found'));
  if (conversation.archived) throw new Refusal('is_archived');
  const blocks = parseBlocks(structure(args, 'blocks', 'invalid_blocks_format'));
  const metadata = metadataOf(args);
  const attachments = parseAttachments(structure(args, 'attachments', 'invalid_attachments'));
  const whole = text(args, 'text') ?? '';
  const empty = (blocks ?? []).length + (attachments ?? []).length === 0;
  if (whole.trim() === '' && empty) throw new Refusal('no_text');
  const threadTs = text(args, 'thread_ts');
  const message = workspace.post(conversation, {
    text: whole.slice(0, POSTED_TEXT_CHARACTERS),
    ...(blocks === undefined || blocks.length === 0 ? {} : { blocks }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(threadTs === undefined ? {} : { threadTs, broadcast: flag(args, 'reply_broadcast') }),
  });
  return {
    channel: conversation.id,
    ts: message.ts,
    message: presentMessage(message, true),
    ...(whole.length > POSTED_TEXT_CHARACTERS ? TRUNCATED : {}),
  };
};

/** `chat.update`. What is not given stays; an empty text or list takes away what there was. */
export const update: Method = (call) => {
  const { args, workspace } = call;
  const conversation = conversationById(call, required(args, 'channel', 'channel_not_found'));
  const ts = required(args, 'ts', 'message_not_found');
  const blocks = parseBlocks(structure(args, 'blocks', 'invalid_blocks_format'));
  const attachments = parseAttachments(structure(args, 'attachments', 'invalid_attachments'));
  const replacement = args.text === '' ? '' : text(args, 'text');
  const empty = (blocks ?? []).length + (attachments ?? []).length === 0;
  if ((replacement ?? '') === '' && empty) throw new Refusal('no_text');
  if (replacement !== undefined && replacement.length > UPDATED_TEXT_CHARACTERS) throw new Refusal('msg_too_long');
  const change = { text: replacement, blocks, attachments, metadata: metadataOf(args) };
  const message = workspace.update(conversation, ts, change);
  return { channel: conversation.id, ts, text: message.text, message: presentMessage(message, true) };
};

/** `chat.getPermalink`. */
export const getPermalink: Method = (call) => {
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  const message = conversation.find(required(call.args, 'message_ts', 'message_not_found'));
  if (message === undefined) throw new Refusal('message_not_found');
  return { channel: conversation.id, permalink: permalink(call.workspace.url, conversation.id, message) };
};

function metadataOf(args: Arguments): Metadata | undefined {
  return parseMetadata(structure(args, 'metadata', 'invalid_metadata_format'));
}
