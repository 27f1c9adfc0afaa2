/** A route as a user writes it. */
import { z } from 'zod';
import { notYet, object } from '../language/schema.ts';
import { flag, oneOrMany, text } from '../language/values.ts';

const CHANNEL_HELP = 'A channel is "#name" (in quotes: a bare # starts a comment) or an id such as C024BE91L.';

/** `#name`, an id, or Liquid that renders one. */
const channel = z
  .string({ error: CHANNEL_HELP })
  .refine((written) => written.includes('{{') || /^(#[^\s#@,.]{1,80}|[CGD][A-Z0-9]{6,})$/.test(written), {
    error: CHANNEL_HELP,
  });

const emoji = z
  .string({ error: 'The name of an emoji is needed, such as white_check_mark.' })
  .transform((written) => written.replace(/^:|:$/g, ''))
  .refine((name) => /^[\p{Letter}\p{Number}_+'-]+(::skin-tone-[2-6])?$/u.test(name), {
    error: 'The name of an emoji is needed, such as white_check_mark.',
  });

const verbs = {
  card: oneOrMany(object({ channel, template: text })).optional(),
  reply: oneOrMany(
    object({ channel, template: text, root: text.default('thread_root'), broadcast: flag.default(false) }),
  ).optional(),
  post: oneOrMany(object({ channel, template: text })).optional(),
  dm: oneOrMany(object({ to: text, template: text })).optional(),
  react: oneOrMany(object({ channel, emoji })).optional(),
};

const VERBS = ['card', 'reply', 'post', 'dm', 'react'] as const satisfies (keyof typeof verbs)[];

export const routeSchema = object({
  name: text.optional(),
  source: oneOrMany(text).optional(),
  on: oneOrMany(text).default(['*']),
  when: text.optional(),
  unmatched: flag.default(false),
  stop: flag.default(false),
  ...verbs,
  quiet_hours: notYet,
  urgent: notYet,
  at_least: notYet,
  merge: notYet,
}).refine((route) => route.stop || VERBS.some((verb) => route[verb] !== undefined), {
  error: `A route needs at least one of ${VERBS.join(', ')}, or stop: true.`,
});

export type WrittenRoute = z.output<typeof routeSchema>;
