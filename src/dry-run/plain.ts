/** A message as text: what a reader sees in Slack, line by line, and a link that shows it as it would look there. */
import type { RenderedMessage } from '../core/message.ts';
import { unescapeMrkdwn } from '../slack-format/escape.ts';

/** The lines of a message. What stands side by side in Slack is set apart by a dot. */
export function plainText({ blocks, text }: Pick<RenderedMessage, 'blocks' | 'text'>): string {
  const written = blocks === undefined ? shown(text) : blocks.map(blockText).filter(Boolean).join('\n');
  return written
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

const BUILDER = 'https://app.slack.com/block-kit-builder/#';

/** What a section takes. */
const LONGEST_SECTION = 3000;

/** Slack's Block Kit Builder, with the message in it. */
export function builderUrl({ blocks, text, color }: Pick<RenderedMessage, 'blocks' | 'text' | 'color'>): string {
  const section = { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, LONGEST_SECTION).toWellFormed() } };
  const shown = blocks ?? [section];
  const message = color === undefined ? { blocks: shown } : { attachments: [{ color, blocks: shown }] };
  return BUILDER + encodeURIComponent(JSON.stringify(message));
}

type Fields = Readonly<Record<string, unknown>>;

function blockText(block: Fields): string {
  switch (block.type) {
    case 'divider':
      return '———';
    case 'image':
      return [textOf(block.title), imageText(block)].filter(Boolean).join('\n');
    case 'section': {
      const fields = listOf(block.fields).map((field) => textOf(field).replaceAll(/\s*\n\s*/g, ' '));
      return [textOf(block.text), ...fields, beside(block.accessory)].filter(Boolean).join('\n');
    }
    case 'context':
    case 'actions':
      return listOf(block.elements).map(elementText).filter(Boolean).join(' · ');
    case 'rich_text':
      return richText(block).replace(/\n$/, '');
    default:
      return [block.text, block.title, block.label, ...listOf(block.elements)]
        .map(elementText)
        .filter(Boolean)
        .join('\n');
  }
}

function beside(accessory: unknown): string {
  return isFields(accessory) ? elementText(accessory) : '';
}

function elementText(element: unknown): string {
  if (!isFields(element)) return textOf(element);
  if (element.type === 'image') return imageText(element);
  if (element.type === 'mrkdwn' || element.type === 'plain_text') return textOf(element);
  const name = textOf(element.text) || textOf(element.placeholder);
  const target = typeof element.url === 'string' ? ` (${element.url})` : '';
  return name === '' ? '' : `[${name}]${target}`;
}

function imageText({ alt_text }: Fields): string {
  return typeof alt_text === 'string' ? `[image: ${alt_text}]` : '[image]';
}

/** A text object, or plain text where Slack takes that. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isFields(value) || typeof value.text !== 'string') return '';
  return value.type === 'mrkdwn' ? shown(value.text) : value.text;
}

function richText(element: Fields): string {
  const inner = listOf(element.elements).map(richText).join('');
  const end = typeof element.type === 'string' && element.type.startsWith('rich_text_') ? '\n' : '';
  if (inner !== '') return inner.replace(/\n$/, '') + end;
  const { text, user_id, name, url } = element;
  if (typeof text === 'string') return text;
  if (typeof user_id === 'string') return `@${user_id}`;
  return typeof name === 'string' ? `:${name}:` : typeof url === 'string' ? url : '';
}

/** mrkdwn with its marks (`*bold*`), but for what only Slack can read: mentions, links and dates. */
function shown(mrkdwn: string): string {
  const plain = mrkdwn.replaceAll(/<([^<>\n]*)>/g, (whole, inner: string) => {
    const [head = '', label] = splitOnce(inner, '|');
    if (head.startsWith('!date^')) return label ?? whole;
    if (head.startsWith('@')) return head;
    if (head.startsWith('#')) return label === undefined ? head : `#${label}`;
    if (head.startsWith('!subteam^')) return label ?? `@${head.slice('!subteam^'.length)}`;
    if (head.startsWith('!')) return label ?? `@${head.slice(1)}`;
    return label === undefined || label === head ? head : `${label} (${head})`;
  });
  return unescapeMrkdwn(plain);
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
