/** A route as a user writes it. */

import { z } from 'zod';
import { DAY_MS } from '../core/clock.ts';
import { asWritten, VARIABLE } from '../language/json-schema.ts';
import { object } from '../language/schema.ts';
import { durationMs, filled, flag, number, oneOrMany, text } from '../language/values.ts';

const CHANNEL_HELP =
  'A channel is "#name" (letters, digits, - and _; in quotes, because a bare # starts a comment) or an id such as C024BE91L.';
/** The playground leaves variables as they are written. */
const CHANNEL = /^(#(?:[$][{]\w+[}]|[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_-]){1,80}|[CGD][A-Z0-9]{6,})$/u;
const HASHED_ID = /^#[CGD](?=[A-Z]*\d)[A-Z0-9]{8,}$/;

function channelHelp({ input }: { readonly input?: unknown }): string {
  if (typeof input !== 'string') return CHANNEL_HELP;
  if (HASHED_ID.test(input)) return `An id stands without #. ${CHANNEL_HELP}`;
  if (CHANNEL.test(input.toLowerCase())) return `Names of channels are in lower case in Slack. ${CHANNEL_HELP}`;
  return CHANNEL.test(`#${input}`) ? `The # before the name is missing. ${CHANNEL_HELP}` : CHANNEL_HELP;
}

/** `#name`, or an id. */
export const channelName = z.string({ error: CHANNEL_HELP }).regex(CHANNEL, { error: channelHelp });

/** `#name`, an id, or Liquid that renders one. */
const channel = asWritten(
  z
    .string({ error: CHANNEL_HELP })
    .refine((written) => /\{[{%]/.test(written) || CHANNEL.test(written), { error: channelHelp }),
  { type: 'string', pattern: `\\{[{%]|${VARIABLE}|${CHANNEL.source}` },
).describe('"#name" or an id (C…), or Liquid: "#team-{{ event.action.team | slug }}".');

const EMOJI_HELP = 'The name of an emoji is needed, such as white_check_mark.';

const emoji = z
  .string({ error: EMOJI_HELP })
  .transform((written) => written.replace(/^:|:$/g, ''))
  .refine((name) => /^[\p{Letter}\p{Number}_+'-]+(::skin-tone-[2-6])?$/u.test(name), { error: EMOJI_HELP })
  .describe('The name of an emoji, such as white_check_mark.');

const TEMPLATE_HELP = 'The name of a template is needed: a file of the templates folder, without .yaml.';
const template = filled(TEMPLATE_HELP).describe('The name of a file in the templates folder, without .yaml.');

const TO_HELP = 'Who it goes to is needed, such as event.assignees.added.';
const MESSAGE_HELP = 'A channel and a template are needed, such as { channel: "#general", template: any_event }.';
const DM_HELP = 'People and a template are needed, such as { to: event.assignees.added, template: assigned_to_you }.';
const REACT_HELP = 'A channel and an emoji are needed, such as { channel: "#general", emoji: white_check_mark }.';

const verbs = {
  card: oneOrMany(object({ channel, template }, MESSAGE_HELP), MESSAGE_HELP)
    .optional()
    .describe('One message per subject and channel: posted by the first event, updated in place by later ones.'),
  reply: oneOrMany(
    object(
      {
        channel,
        template,
        root: text
          .default('thread_root')
          .describe("The template of the thread's first message, where there is no card yet. Default: thread_root."),
        broadcast: flag.default(false).describe('Show it in the channel too. Default: false.'),
      },
      MESSAGE_HELP,
    ),
    MESSAGE_HELP,
  )
    .optional()
    .describe("In the card's thread."),
  post: oneOrMany(object({ channel, template }, MESSAGE_HELP), MESSAGE_HELP)
    .optional()
    .describe('A message of its own.'),
  dm: oneOrMany(
    object(
      {
        to: filled(TO_HELP).describe(
          "CEL: the event's people, such as event.assignees.added, e-mail addresses, or ids.",
        ),
        template,
      },
      DM_HELP,
    ),
    DM_HELP,
  )
    .optional()
    .describe('A direct message to each person that `to` gives.'),
  react: oneOrMany(object({ channel, emoji }, REACT_HELP), REACT_HELP).optional().describe('An emoji on the card.'),
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
      when_waiting: whenWaiting
        .default(MERGE_DEFAULTS.when_waiting)
        .describe('More than so many that wait go out together. Default: 5.'),
      max_lines: maxLines.default(MERGE_DEFAULTS.max_lines).describe('So many lines a message. Default: 60.'),
    }),
  ],
  { error: 'false is needed, or { when_waiting: 5, max_lines: 60 }, which is the default.' },
);

const routeMerge = z.union(
  [
    off,
    object({
      when_waiting: whenWaiting.optional().describe('More than so many that wait go out together.'),
      max_lines: maxLines.optional().describe('So many lines a message.'),
      template: text.optional().describe('The template of what goes out together, instead of the built-in one.'),
    }),
  ],
  { error: 'false is needed, or some of { when_waiting: 5, max_lines: 60, template: NAME }.' },
);

const WITHIN_HELP = 'A time from 1s to 30d is needed.';
const SHORTEST_WITHIN_MS = 1000;
const LONGEST_WITHIN_MS = 30 * DAY_MS;

const COUNT_HELP = 'How many are needed: a whole number from 2 to 100000.';

const atLeast = object(
  {
    count: number(2, 100_000, { integer: true, help: COUNT_HELP }).describe(
      'So many events; the last of them is told.',
    ),
    within: durationMs
      .refine((ms) => ms >= SHORTEST_WITHIN_MS && ms <= LONGEST_WITHIN_MS, { error: WITHIN_HELP })
      .describe('Within this time: 1s to 30d, and no longer than retention.'),
    per: text.optional().describe('CEL: counted apart for each value, such as event.action.team.'),
  },
  'A number and a time are needed, such as { count: 5, within: 10m }.',
);

const QUIET_HOURS_HELP =
  'The name of quiet hours is needed, or a list of names; the hours themselves stand under quiet_hours at the top.';

const ROUTE_HELP = `A route needs at least one of ${VERBS.join(', ')}, or stop: true.`;

export const routeSchema = object(
  {
    name: text.optional().describe('For logs, replay and the counts of at_least: unnamed routes go by their place.'),
    source: oneOrMany(text).optional().describe('Names of sources: one or a list. Default: all.'),
    on: oneOrMany(text)
      .default(['*'])
      .describe('Topics: a name, a list, or with * for any run of characters ("call.*"). Default: all.'),
    when: text.optional().describe('CEL over event: true or false. What the payload lacks makes it false.'),
    unmatched: flag.default(false).describe('Only events that no route above took. Default: false.'),
    stop: flag.default(false).describe('Nothing below is read; without a verb it drops the event. Default: false.'),
    ...verbs,
    quiet_hours: oneOrMany(text, QUIET_HOURS_HELP)
      .optional()
      .describe('Names of quiet hours: what it sends inside them is held until they end.'),
    urgent: text.optional().describe('CEL: what passes through quiet hours.'),
    at_least: atLeast.optional().describe('Nothing until so many came within a time; then one message.'),
    merge: routeMerge.optional().describe('false: always singly. Or its own numbers and template for merging.'),
  },
  ROUTE_HELP,
)
  .refine((route) => route.stop || VERBS.some((verb) => route[verb] !== undefined), { error: ROUTE_HELP })
  .meta({ anyOf: [...VERBS, 'stop'].map((key) => ({ required: [key] })) });

export type WrittenRoute = z.output<typeof routeSchema>;
export type WrittenMerge = z.output<typeof mergeSchema>;
