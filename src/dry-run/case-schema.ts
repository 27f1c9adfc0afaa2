/** A file of cases as a user writes it: events, and what the rules are to make of each. */
import { z } from 'zod';
import { object } from '../language/schema.ts';
import { flag, number, oneOrMany, text } from '../language/values.ts';
import { VERB_NAMES } from '../verbs/verbs.ts';

const sample = object({
  topic: text.describe('A topic that `alo-relay send` knows, such as action_created.'),
  source: text.optional().describe('The source that sends it; needed where several send the topic.'),
  story: number(0, 1_000_000, { integer: true })
    .default(0)
    .describe('Which of the samples: the same number is about the same action, call or text under every topic.'),
  with: z
    .record(z.string(), z.unknown(), { error: 'Keys of the payload are needed, each with its new value.' })
    .default({})
    .describe('Values laid over the payload: objects key by key, lists and everything else as a whole.'),
});

const pattern = text.refine(isPattern, { error: 'This is not a regular expression.' });

function isPattern(written: string): boolean {
  try {
    new RegExp(written, 'su');
    return true;
  } catch {
    return false;
  }
}

const MATCHER_HELP = 'Text is needed, or some of { contains: [ … ], lacks: [ … ], matches: "a regular expression" }.';

const matcher = z.union(
  [
    text,
    object({
      contains: oneOrMany(text).optional().describe('Each stands somewhere in it.'),
      lacks: oneOrMany(text).optional().describe('None stands anywhere in it.'),
      matches: pattern.optional().describe('A regular expression (JavaScript, with the flags s and u).'),
    }).refine((written) => Object.values(written).some((value) => value !== undefined), { error: MATCHER_HELP }),
  ],
  { error: MATCHER_HELP },
);

const delivery = object({
  route: text.optional().describe('The name of the route that sends it.'),
  verb: z.enum(VERB_NAMES, { error: `One of ${VERB_NAMES.join(', ')} is needed.` }).optional(),
  channel: text.optional().describe('"#name" (in quotes), or an id.'),
  to: text.optional().describe("Who a DM goes to: the person's e-mail address, id, name or Slack user id."),
  text: matcher.optional().describe('The message as `explain` shows it. A text alone is the whole of it.'),
  summary: matcher.optional().describe('The notification, and the line in a digest.'),
  blocks: z.array(z.unknown()).optional().describe('The blocks, exactly.'),
  color: z
    .union([text, z.literal(false)], { error: 'A colour is needed, or false.' })
    .optional()
    .describe('The bar beside the message: good, warning, danger or "#rrggbb"; false: none.'),
  fault: matcher.optional().describe('Why it cannot be sent, where that is as you mean it.'),
  emoji: text.optional().describe('Of a reaction.'),
  held_until: z
    .union([text, z.literal(false)], { error: 'A time is needed, or false.' })
    .optional()
    .describe(
      'When quiet hours let it go, as "08:00" (the next after `at`), "mon 08:00" or ISO 8601; false: it is not held.',
    ),
  at_least: z
    .union([number(2, 100_000, { integer: true }), z.literal(false)], { error: 'A number is needed, or false.' })
    .optional()
    .describe('Sent only once so many are counted; false: at once.'),
});

const expectation = object({
  routes: z
    .array(text, { error: 'A list of names of routes is needed.' })
    .optional()
    .describe('The routes that take it, exactly and in order.'),
  deliveries: z
    .array(delivery, { error: 'A list is needed, one entry a delivery.' })
    .optional()
    .describe('What is sent, all of it and in order. Each entry says only what matters.'),
  nothing: flag.optional().describe('true: nothing is sent.'),
  snapshot: flag.optional().describe('true: all that is sent is as it was when `test --update` last kept it.'),
}).refine((written) => Object.values(written).some((value) => value !== undefined), {
  error: 'Something to expect is needed: routes, deliveries, nothing: true or snapshot: true.',
});

const oneCase = object({
  name: text.describe('What the case tells. It must be the only one of that name in the file.'),
  event: z.unknown().optional().describe('The payload, as the sender posts it.'),
  file: text.optional().describe('A JSON file with the payload, relative to this file.'),
  sample: z
    .union([text.transform((topic) => ({ topic, source: undefined, story: 0, with: {} })), sample], {
      error: 'A topic is needed, or { topic, source, story, with }.',
    })
    .optional()
    .describe('A sample of this topic, as `alo-relay send` sends it.'),
  source: text.optional().describe('The source that sends `event` or `file`; needed where several may have.'),
  at: text
    .optional()
    .describe(
      'When it comes in, as "23:00", "sat 11:00", "2026-03-02 09:00" or ISO 8601. Without it: a Tuesday at noon.',
    ),
  zones: z
    .record(text, text)
    .default({})
    .describe(
      'Time zones that people have set in Slack, by e-mail address, id or name: for quiet hours of the recipient.',
    ),
  expect: expectation.describe('What is to become of it.'),
}).refine(({ event, file, sample: made }) => [event, file, made].filter((one) => one !== undefined).length === 1, {
  error: 'One event is needed: event (the payload itself), file or sample.',
});

export const casesSchema = object({
  cases: z.array(oneCase, { error: 'A list of cases is needed.' }).min(1, 'At least one case is needed.'),
});

export type WrittenCase = z.output<typeof oneCase>;
export type WrittenDelivery = z.output<typeof delivery>;
export type Matcher = z.output<typeof matcher>;
