/** A route as a user writes it. */
import { z } from 'zod';
import { object } from '../language/schema.ts';
import { durationMs, flag, number, oneOrMany, text } from '../language/values.ts';

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

export const VERBS = ['card', 'reply', 'post', 'dm', 'react'] as const satisfies (keyof typeof verbs)[];

const whenWaiting = number(1, 10_000, { integer: true });
const maxLines = number(2, 200, { integer: true });
const off = z.union([z.literal(false), z.literal('false')]).transform((): false => false);

export const MERGE_DEFAULTS = { when_waiting: 5, max_lines: 60 } as const;

/** `delivery.merge`: for every route that says nothing else. False: singly. */
export const mergeSchema = z.union(
  [
    off,
    object({
      when_waiting: whenWaiting.default(MERGE_DEFAULTS.when_waiting),
      max_lines: maxLines.default(MERGE_DEFAULTS.max_lines),
    }),
  ],
  { error: 'false is needed, or { when_waiting: 5, max_lines: 60 }, which is the default.' },
);

const routeMerge = z.union(
  [off, object({ when_waiting: whenWaiting.optional(), max_lines: maxLines.optional(), template: text.optional() })],
  { error: 'false is needed, or some of { when_waiting: 5, max_lines: 60, template: NAME }.' },
);

const WITHIN_HELP = 'A time from 1s to 30d is needed.';
const SHORTEST_WITHIN_MS = 1000;
const LONGEST_WITHIN_MS = 30 * 86_400_000;

const atLeast = object(
  {
    count: number(2, 100_000, { integer: true }),
    within: durationMs.refine((ms) => ms >= SHORTEST_WITHIN_MS && ms <= LONGEST_WITHIN_MS, { error: WITHIN_HELP }),
    per: text.optional(),
  },
  'A number and a time are needed, such as { count: 5, within: 10m }.',
);

const QUIET_HOURS_HELP =
  'The name of quiet hours is needed, or a list of names; the hours themselves stand under quiet_hours at the top.';

export const routeSchema = object({
  name: text.optional(),
  source: oneOrMany(text).optional(),
  on: oneOrMany(text).default(['*']),
  when: text.optional(),
  unmatched: flag.default(false),
  stop: flag.default(false),
  ...verbs,
  quiet_hours: oneOrMany(text, QUIET_HOURS_HELP).optional(),
  urgent: text.optional(),
  at_least: atLeast.optional(),
  merge: routeMerge.optional(),
}).refine((route) => route.stop || VERBS.some((verb) => route[verb] !== undefined), {
  error: `A route needs at least one of ${VERBS.join(', ')}, or stop: true.`,
});

export type WrittenRoute = z.output<typeof routeSchema>;
export type WrittenMerge = z.output<typeof mergeSchema>;
