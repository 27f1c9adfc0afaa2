/** A template as a user writes it. What is in its blocks is checked in blocks.ts; for editors it is told here. */
import { z } from 'zod';
import { asWritten, type JsonSchema, jsonSchema } from '../language/json-schema.ts';
import { object } from '../language/schema.ts';
import { COLOR_PATTERN } from '../slack-format/color.ts';
import { BLOCK_TYPES, MESSAGE_LIMITS, OBJECT_LIMITS, type ObjectLimits } from '../slack-format/limits.ts';

const text = z.string({ error: 'Text is needed (in quotes where it holds {{ }}, : or #).' });

const BLOCKS_HELP = 'A list of blocks is needed, such as - { type: header, text: { type: plain_text, text: Hello } }.';

/** Any text at all where it has placeholders: only the event tells how long it will be. */
function upTo(max: number): JsonSchema {
  return { type: 'string', anyOf: [{ maxLength: max }, { pattern: '\\{[{%]' }] };
}

function textObject(type: JsonSchema, max: number): JsonSchema {
  return { type: 'object', required: ['type', 'text'], properties: { type, text: upTo(max) } };
}

const OF_EVERY_BLOCK = ['type', 'block_id', 'when', 'each'] as const;

const ANY_TEXT = { enum: ['mrkdwn', 'plain_text'] } as const;

function shapeOf(key: string, type: string, { plain, texts, lists }: ObjectLimits): JsonSchema {
  const max = texts?.[key] ?? MESSAGE_LIMITS.blockText;
  if (plain?.includes(key) === true) return textObject({ const: 'plain_text' }, max);
  if (type === 'section' && key === 'text') return textObject(ANY_TEXT, max);
  if (lists?.[key] !== undefined || key === 'elements') return { type: 'array', minItems: 1 };
  return texts?.[key] === undefined ? {} : upTo(max);
}

/** What Slack asks of one type of block; where it is not known which keys it takes, it may have any. */
function rulesOf(type: string, limits: ObjectLimits): JsonSchema {
  const groups = limits.needs ?? [];
  const told = [...groups.flat(), ...Object.keys(limits.texts ?? {}), ...(limits.plain ?? []), ...(limits.keys ?? [])];
  const then = {
    ...(groups.length > 0 && { allOf: groups.map((group) => ({ anyOf: group.map((key) => ({ required: [key] })) })) }),
    properties: Object.fromEntries([...new Set(told)].map((key) => [key, shapeOf(key, type, limits)])),
    ...(limits.keys && { propertyNames: { enum: [...OF_EVERY_BLOCK, ...limits.keys] } }),
  };
  return Object.fromEntries([
    ['if', { required: ['type'], properties: { type: { const: type } } }],
    ['then', then],
  ]);
}

const block: JsonSchema = {
  type: 'object',
  required: ['type'],
  properties: {
    type: { enum: BLOCK_TYPES, description: "The kind of block, as in Slack's Block Kit." },
    when: { type: ['string', 'boolean'], description: 'CEL over event: without it being true, the item is left out.' },
    each: {
      type: 'string',
      pattern: '^\\s*[A-Za-z_]\\w*\\s+in\\s+\\S',
      description: 'NAME in EXPRESSION: the item once for each, as in person in event.assignees.current.',
    },
    block_id: { type: 'string', description: 'Unique in the message; Slack makes one up.' },
  },
  allOf: Object.entries(OBJECT_LIMITS)
    .filter(([type]) => BLOCK_TYPES.includes(type))
    .map(([type, limits]) => rulesOf(type, limits)),
};

const OF_THE_APP = 'Each message has the name and the icon of the Slack app: change them at api.slack.com/apps.';
const OF_THE_ROUTE = 'Where a message goes is for the route to say: post, card, reply or dm.';

/** Keys of `chat.postMessage`, and of a block without its list. */
const FOREIGN = {
  attachments: 'Write what they show as blocks; color: draws their coloured bar beside the message.',
  username: OF_THE_APP,
  icon_emoji: OF_THE_APP,
  icon_url: OF_THE_APP,
  channel: OF_THE_ROUTE,
  thread_ts: OF_THE_ROUTE,
  type: 'Blocks stand in a list below blocks:, each with a dash: - type: section.',
} as const;

export const templateSchema = object(
  {
    text: text
      .optional()
      .describe(
        'mrkdwn with Liquid: the whole message where there are no blocks. The smallest template has only this.',
      ),
    blocks: asWritten(z.array(z.unknown(), { error: BLOCKS_HELP }).min(1, 'At least one block is needed.'), {
      type: 'array',
      minItems: 1,
      items: block,
    })
      .optional()
      .describe("Block Kit, as pasted from Slack's Block Kit Builder; every text may hold Liquid."),
    color: asWritten(text, { type: 'string', anyOf: [{ pattern: COLOR_PATTERN }, { pattern: '\\{[{%]' }] })
      .optional()
      .describe(
        'The bar beside the message: good, warning, danger or "#rrggbb", or Liquid that gives one. Empty: no bar.',
      ),
    summary: text
      .optional()
      .describe('One line: the notification, and the line in a digest. Default: the first line of text.'),
  },
  undefined,
  FOREIGN,
).meta({ anyOf: [{ required: ['text'] }, { required: ['blocks'] }] });

/** The JSON Schema of template files. */
export function templateJsonSchema(): JsonSchema {
  return jsonSchema(templateSchema, {
    id: 'urn:alo-relay:template',
    title: 'A message template of alo-relay',
    variables: false,
  });
}
