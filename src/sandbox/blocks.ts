/** Block Kit as Slack checks it: the blocks the relay's templates use in full, of the others the type and id only. */
import { z } from 'zod';
import type { Block } from '../core/message.ts';
import { BLOCK_TYPES, ID_LIMITS, LONGEST_TEXT_OBJECT, MESSAGE_LIMITS, OBJECT_LIMITS } from '../slack-format/limits.ts';
import { isRecord } from './arguments.ts';
import { Refusal } from './refusal.ts';

/** Characters of all block texts together that Slack refuses. */
const REFUSED_BLOCK_TEXT = 12_000;

const longest = (type: string, key: string) => OBJECT_LIMITS[type]?.texts?.[key] ?? LONGEST_TEXT_OBJECT;
const most = (type: string, key: string) => OBJECT_LIMITS[type]?.lists?.[key] ?? MESSAGE_LIMITS.blocks;
const url = (type: string, key: string) =>
  z
    .string()
    .min(1)
    .max(OBJECT_LIMITS[type]?.urls?.[key] ?? LONGEST_TEXT_OBJECT);
const id = (key: string) =>
  z
    .string()
    .min(1)
    .max(ID_LIMITS[key] ?? LONGEST_TEXT_OBJECT)
    .optional();

const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() });

const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() });

const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

const blockId = { block_id: id('block_id') };
const actionId = { action_id: id('action_id') };
const imageFields = { image_url: url('image', 'image_url'), alt_text: z.string().max(longest('image', 'alt_text')) };

const button = z.looseObject({
  type: z.literal('button'),
  text: plainText(longest('button', 'text')),
  ...actionId,
  url: url('button', 'url').optional(),
  value: z.string().max(longest('button', 'value')).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const image = z.strictObject({ type: z.literal('image'), ...imageFields });

const unchecked = (types: readonly string[]) => z.looseObject({ type: z.enum(types), ...blockId, ...actionId });

const MENUS = ['static_select', 'external_select', 'users_select', 'conversations_select', 'channels_select'] as const;
const ACTIONS = [
  ...['checkboxes', 'radio_buttons', 'overflow', 'datepicker', 'timepicker', 'datetimepicker', 'workflow_button'],
  ...MENUS,
  ...MENUS.map((menu) => `multi_${menu}`),
];
const CHECKED_BLOCKS = ['section', 'divider', 'header', 'context', 'actions', 'image'];

const section = z
  .strictObject({
    type: z.literal('section'),
    ...blockId,
    text: anyText(longest('section', 'text')).optional(),
    fields: z
      .array(anyText(longest('section', 'fields')))
      .min(1)
      .max(most('section', 'fields'))
      .optional(),
    accessory: z.discriminatedUnion('type', [button, image, unchecked(ACTIONS)]).optional(),
    expand: z.boolean().optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, {
    path: ['text'],
    params: { missing: true },
  });

const block = z.discriminatedUnion('type', [
  section,
  z.strictObject({ type: z.literal('divider'), ...blockId }),
  z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(longest('header', 'text')) }),
  z.strictObject({
    type: z.literal('context'),
    ...blockId,
    elements: z
      .array(z.discriminatedUnion('type', [image, ...anyText(longest('context', 'elements')).options]))
      .min(1)
      .max(most('context', 'elements')),
  }),
  z.strictObject({
    type: z.literal('actions'),
    ...blockId,
    elements: z
      .array(z.discriminatedUnion('type', [button, unchecked(ACTIONS)]))
      .min(1)
      .max(most('actions', 'elements')),
  }),
  z.strictObject({
    type: z.literal('image'),
    ...blockId,
    ...imageFields,
    title: plainText(longest('image', 'title')).optional(),
  }),
  unchecked(BLOCK_TYPES.filter((type) => !CHECKED_BLOCKS.includes(type))),
]);

const blocks = z.array(block).max(MESSAGE_LIMITS.blocks);

/** Undefined when absent. Throws `invalid_blocks_format`, `invalid_blocks` with what is wrong where, `msg_blocks_too_long`. */
export function parseBlocks(value: unknown): readonly Block[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new Refusal('invalid_blocks_format');
  const checked = blocks.safeParse(value);
  if (!checked.success)
    throw new Refusal(
      'invalid_blocks',
      checked.error.issues.map((issue) => complaint(value, issue)),
    );
  const ids = checked.data.flatMap(({ block_id }) => (typeof block_id === 'string' ? [block_id] : []));
  if (new Set(ids).size < ids.length) throw new Refusal('invalid_blocks', ['[ERROR] block_id must be unique']);
  if (textLength(checked.data) > REFUSED_BLOCK_TEXT) throw new Refusal('msg_blocks_too_long');
  return checked.data;
}

/** `[ERROR] what is wrong [json-pointer:/blocks/0/text]`. Never the text itself. */
function complaint(root: unknown, issue: z.core.$ZodIssue): string {
  const missing = issue.code === 'custom' || (issue.code === 'invalid_type' && at(root, issue.path) === undefined);
  const path = missing ? issue.path.slice(0, -1) : issue.path;
  const what = missing ? `missing required field: ${String(issue.path.at(-1))}` : describe(root, issue);
  return `[ERROR] ${what} [json-pointer:${['/blocks', ...path.map(String)].join('/')}]`;
}

function describe(root: unknown, issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'array'
        ? `no more than ${issue.maximum} items allowed`
        : `must be less than ${Number(issue.maximum) + 1} characters`;
    case 'too_small':
      return issue.origin === 'array' ? 'no fewer than 1 items allowed' : 'must be more than 0 characters';
    case 'invalid_union':
    case 'invalid_value':
      return `unsupported value: ${JSON.stringify(at(root, issue.path))?.slice(0, 60)}`;
    case 'unrecognized_keys':
      return `invalid additional property: ${issue.keys.join(', ')}`;
    default:
      return issue.code === 'invalid_type' ? `must be a ${issue.expected}` : 'failed to match all allowed schemas';
  }
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Characters of every `text` string, however deep. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (!isRecord(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : textLength(item)),
    0,
  );
}
