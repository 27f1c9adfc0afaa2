/** `post`: a message of its own. */
import { object } from '../language/schema.ts';
import { oneOrMany } from '../language/values.ts';
import { channel, MESSAGE_HELP, template } from './keys.ts';
import { postAlone } from './sending.ts';
import type { ToChannel, Verb } from './verb.ts';

type PostTarget = ToChannel<{ readonly template: string }>;

export const post = {
  name: 'post',
  address: 'channel',
  steps: oneOrMany(object({ channel, template }, MESSAGE_HELP), MESSAGE_HELP)
    .optional()
    .describe('A message of its own.'),
  templates: ['template'],
  role: 'message',
  scopes: [],
  words: ({ channel }: PostTarget) => `post in ${channel}`,
  deliver: ({ channel, template }: PostTarget, work, parts) => postAlone(channel, template, { work, parts }),
} as const satisfies Verb;
