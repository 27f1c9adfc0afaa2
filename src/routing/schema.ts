/** A route as a user writes it. */

import { z } from 'zod';
import { DAY_MS } from '../core/clock.ts';
import type { Path } from '../language/document.ts';
import { object } from '../language/schema.ts';
import { durationMs, expression, flag, number, oneOrMany, text } from '../language/values.ts';
import type { WrittenStep } from '../verbs/verb.ts';
import { VERB_NAMES, VERB_STEPS, VERBS } from '../verbs/verbs.ts';

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
    per: expression.optional().describe('CEL: counted apart for each value, such as event.action.team.'),
  },
  'A number and a time are needed, such as { count: 5, within: 10m }.',
);

const QUIET_HOURS_HELP =
  'The name of quiet hours is needed, or a list of names; the hours themselves stand under quiet_hours at the top.';

const ROUTE_HELP = `A route needs at least one of ${VERB_NAMES.join(', ')}, or stop: true.`;

export const routeSchema = object(
  {
    name: text.optional().describe('For logs, replay and the counts of at_least: unnamed routes go by their place.'),
    source: oneOrMany(text).optional().describe('Names of sources: one or a list. Default: all.'),
    on: oneOrMany(text)
      .default(['*'])
      .describe('Topics: a name, a list, or with * for any run of characters ("call.*"). Default: all.'),
    when: expression.optional().describe('CEL over event: true or false. What the payload lacks makes it false.'),
    unmatched: flag.default(false).describe('Only events that no route above took. Default: false.'),
    stop: flag.default(false).describe('Nothing below is read; without a verb it drops the event. Default: false.'),
    ...VERB_STEPS,
    quiet_hours: oneOrMany(text, QUIET_HOURS_HELP)
      .optional()
      .describe('Names of quiet hours: what it sends inside them is held until they end.'),
    urgent: expression.optional().describe('CEL: what passes through quiet hours.'),
    at_least: atLeast.optional().describe('Nothing until so many came within a time; then one message.'),
    merge: routeMerge.optional().describe('false: always singly. Or its own numbers and template for merging.'),
  },
  ROUTE_HELP,
)
  .refine((route) => route.stop || VERB_NAMES.some((verb) => route[verb] !== undefined), { error: ROUTE_HELP })
  .meta({ anyOf: [...VERB_NAMES, 'stop'].map((key) => ({ required: [key] })) });

export type WrittenRoute = z.output<typeof routeSchema>;
export type WrittenMerge = z.output<typeof mergeSchema>;

export interface PlacedStep {
  readonly verb: (typeof VERBS)[number];
  readonly step: WrittenStep;
  /** Within the route. */
  readonly at: Path;
}

/** All that a route asks for, verb by verb. */
export function stepsOf(route: WrittenRoute): PlacedStep[] {
  return VERBS.flatMap((verb) => {
    const steps: readonly WrittenStep[] = route[verb.name] ?? [];
    return steps.map((step, index) => ({ verb, step, at: [verb.name, index] }));
  });
}
