import { getPermalink, postMessage, update } from './chat.ts';
import { info as conversationInfo, history, list, open, replies } from './conversations.ts';
import type { Method } from './method.ts';
import { authTest, listGroups, lookupByEmail, info as userInfo } from './people.ts';
import { add as pin } from './pins.ts';
import { add as react } from './reactions.ts';

/** The Web API methods the sandbox knows. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ['auth.test', authTest],
  ['chat.getPermalink', getPermalink],
  ['chat.postMessage', postMessage],
  ['chat.update', update],
  ['conversations.history', history],
  ['conversations.info', conversationInfo],
  ['conversations.list', list],
  ['conversations.open', open],
  ['conversations.replies', replies],
  ['pins.add', pin],
  ['reactions.add', react],
  ['usergroups.list', listGroups],
  ['users.info', userInfo],
  ['users.lookupByEmail', lookupByEmail],
]);
