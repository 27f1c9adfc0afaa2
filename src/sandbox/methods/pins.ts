import { required } from '../arguments.ts';
import { parseTs } from '../message.ts';
import { Refusal } from '../refusal.ts';
import { conversationById, type Method } from './method.ts';

/** `pins.add`. */
export const add: Method = (call) => {
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  const ts = required(call.args, 'timestamp', 'no_item_specified');
  if (parseTs(ts) === null) throw new Refusal('bad_timestamp');
  call.workspace.pin(conversation, ts);
  return {};
};
