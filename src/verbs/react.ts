/** `react`: an emoji on the card. Already there counts as done. */
import { z } from 'zod';
import type { RelayEvent } from '../core/event.ts';
import { object } from '../language/schema.ts';
import { oneOrMany } from '../language/values.ts';
import { channel } from './keys.ts';
import { markCard, markLine } from './mark.ts';
import type { ToChannel, Verb } from './verb.ts';

const DOING = 'to react to';
const HELP = 'A channel and an emoji are needed, such as { channel: "#general", emoji: white_check_mark }.';
const EMOJI_HELP = 'The name of an emoji is needed, such as white_check_mark.';
const PICTURE_HELP =
  'Write the name of the emoji in place of its picture, such as white_check_mark: Slack shows it below the pointer.';

function emojiHelp({ input }: { readonly input?: unknown }): string {
  return typeof input === 'string' && /\p{Extended_Pictographic}/u.test(input) ? PICTURE_HELP : EMOJI_HELP;
}

const emoji = z
  .string({ error: EMOJI_HELP })
  .transform((written) => written.replace(/^:|:$/g, ''))
  .refine((name) => /^[\p{Letter}\p{Number}_+'-]+(::skin-tone-[2-6])?$/u.test(name), { error: emojiHelp })
  .describe('The name of an emoji, such as white_check_mark.');

type ReactTarget = ToChannel<{ readonly emoji: string }>;

export const react = {
  name: 'react',
  address: 'channel',
  steps: oneOrMany(object({ channel, emoji }, HELP), HELP).optional().describe('An emoji on the card.'),
  templates: [],
  role: 'mark',
  doing: DOING,
  scopes: [{ scope: 'reactions:write', optional: true, use: 'adds reactions (react)' }],
  words: ({ channel, emoji }: ReactTarget) => `react :${emoji}: in ${channel}`,
  line: ({ emoji }: ReactTarget, event: RelayEvent) => markLine(`:${emoji}:`, event),
  deliver({ channel, emoji }: ReactTarget, work, parts) {
    const mark = { method: 'reactions.add', args: { name: emoji }, already: 'already_reacted' } as const;
    return markCard(mark, { channel, doing: DOING }, { work, parts });
  },
} as const satisfies Verb;
