import { required } from '../arguments.ts';
import { parseTs } from '../message.ts';
import { Refusal } from '../refusal.ts';
import { conversationById, type Method } from './method.ts';

/** `white_check_mark`, `+1`, `wave::skin-tone-3`. */
const EMOJI_NAME = /^[\p{Ll}\p{N}_+'-]{1,100}(::skin-tone-[2-6])?$/u;

/** `reactions.add`. */
export const add: Method = (call) => {
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  const name = required(call.args, 'name', 'invalid_name');
  if (!EMOJI_NAME.test(name)) throw new Refusal('invalid_name');
  const ts = required(call.args, 'timestamp', 'no_item_specified');
  if (parseTs(ts) === null) throw new Refusal('bad_timestamp');
  call.workspace.react(conversation, ts, name);
  return {};
};
