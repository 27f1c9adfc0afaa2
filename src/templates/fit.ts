/**
 * Makes blocks that Slack takes of blocks as they were rendered: what is empty goes, what is too long is cut, what is
 * too many is left out and counted. Pure: plain values in, plain values out.
 */
import type { Block } from '../core/message.ts';
import { cut, type Markup, oneLine } from '../slack-format/cut.ts';
import {
  ID_LIMITS,
  LONGEST_TEXT_OBJECT,
  MESSAGE_LIMITS,
  MOST_COLUMNS,
  OBJECT_LIMITS,
  type ObjectLimits,
} from '../slack-format/limits.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The text that the message's blocks may still hold. */
interface Budget {
  left: number;
  /** Something did not fit any more. */
  spent: boolean;
}

/** Kept free for the line that says how much was left out. */
const NOTICE_LENGTH = 60;

/** `skipped`: blocks that were left out before. Undefined items are dropped. */
export function fitBlocks(rendered: readonly unknown[], skipped = 0): readonly Block[] {
  const budget: Budget = { left: MESSAGE_LIMITS.blockText - NOTICE_LENGTH, spent: false };
  const blocks: Block[] = [];
  let leftOut = skipped;
  for (const value of rendered) {
    if (budget.spent) {
      leftOut++;
      continue;
    }
    const block = isFields(value) ? fitObject(value, budget) : undefined;
    if (block !== undefined && isBlock(block)) blocks.push(block);
    else if (budget.spent) leftOut++;
  }
  if (blocks.length + (leftOut > 0 ? 1 : 0) > MESSAGE_LIMITS.blocks) {
    const kept = blocks.slice(0, MESSAGE_LIMITS.blocks - 1);
    return [...kept, notice(leftOut + blocks.length - kept.length)];
  }
  return leftOut > 0 ? [...blocks, notice(leftOut)] : blocks;
}

function notice(leftOut: number): Block {
  const text = leftOut === 1 ? '… 1 more block was left out' : `… ${leftOut} more blocks were left out`;
  return { type: 'context', elements: [{ type: 'plain_text', text }] };
}

function fitObject(fields: Fields, budget: Budget): Fields | undefined {
  const type = typeof fields.type === 'string' ? fields.type : '';
  if (isTextObject(fields)) return fitTextObject(fields, LONGEST_TEXT_OBJECT, budget);
  const limits = OBJECT_LIMITS[type] ?? {};
  const fitted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const kept = key === 'type' ? value : fitValue(key, value, { limits, type, budget });
    if (kept !== undefined) fitted[key] = kept;
  }
  for (const [key, max] of Object.entries(limits.urls ?? {})) {
    const url = fitted[key];
    if (typeof url !== 'string' || url.length <= max) continue;
    // A button without its URL does nothing.
    if (type.endsWith('button')) return undefined;
    delete fitted[key];
  }
  if (type === 'link' && !isPresent(fitted.url) && isPresent(fitted.text)) return asText(fitted);
  return hasNeeded(fitted, limits) ? fitted : undefined;
}

function hasNeeded(fields: Fields, { needs = [] }: ObjectLimits): boolean {
  return needs.every((group) => group.some((key) => isPresent(fields[key])));
}

/** A link of rich text that leads nowhere. */
function asText({ text, style }: Fields): Fields {
  return { type: 'text', text, ...(style !== undefined && { style }) };
}

interface Holder {
  readonly limits: ObjectLimits;
  readonly type: string;
  readonly budget: Budget;
}

function fitValue(key: string, value: unknown, holder: Holder): unknown {
  if (typeof value === 'string') return fitString(key, value, holder);
  const max = holder.limits.texts?.[key] ?? LONGEST_TEXT_OBJECT;
  const { limits, budget } = holder;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => fitItem(item, max, budget)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items.slice(0, limits.lists?.[key]);
  }
  if (!isFields(value)) return value;
  if (!isTextObject(value)) return fitObject(value, budget);
  const flat = limits.plain?.includes(key) === true ? { ...value, text: oneLine(value.text) } : value;
  return fitTextObject(flat, max, budget);
}

function fitItem(item: unknown, max: number, budget: Budget): unknown {
  if (Array.isArray(item)) return item.slice(0, MOST_COLUMNS).map((cell: unknown) => fitCell(cell, budget));
  if (isTextObject(item)) return fitTextObject(item, max, budget);
  return isFields(item) ? fitObject(item, budget) : item;
}

function fitString(key: string, value: string, { limits, type, budget }: Holder): string | undefined {
  const id = ID_LIMITS[key];
  const max = limits.texts?.[key];
  if (id === undefined && max === undefined) return value;
  if (id !== undefined) return value === '' ? undefined : cut(value, id, 'plain');
  const shown = key === 'text' && isWritten(type);
  const longest = max ?? LONGEST_TEXT_OBJECT;
  const text = shown ? spend(value, longest, { markup: markupOf(type), budget }) : cut(value, longest, 'plain');
  // White space between two pieces of rich text matters; elsewhere Slack takes it for no text.
  return text === '' || (type !== 'text' && text.trim() === '') ? undefined : text;
}

/** Objects whose `text` is a string, and part of what the message says. */
function isWritten(type: string): boolean {
  return type === 'markdown' || type === 'text' || type === 'link';
}

function markupOf(type: string): Markup {
  return type === 'mrkdwn' || type === 'markdown' ? 'mrkdwn' : 'plain';
}

/** A table's cells keep their places: one that is empty stays, with a space in it. */
function fitCell(cell: unknown, budget: Budget): unknown {
  if (!isFields(cell)) return cell;
  if (cell.type !== 'raw_text') return fitObject(cell, budget) ?? { type: 'raw_text', text: ' ' };
  const text = spend(String(cell.text), LONGEST_TEXT_OBJECT, { markup: 'plain', budget });
  return { ...cell, text: text === '' ? ' ' : text };
}

function fitTextObject(object: TextObject, max: number, budget: Budget): Fields | undefined {
  const trimmed = object.text.trim();
  if (trimmed === '') return undefined;
  const text = spend(trimmed, max, { markup: markupOf(object.type), budget });
  return text === '' ? undefined : { ...object, text };
}

function spend(text: string, max: number, options: { markup: Markup; budget: Budget }): string {
  const { markup, budget } = options;
  const kept = cut(text, Math.min(max, budget.left), markup);
  budget.left -= kept.length;
  if (budget.left <= 0) budget.spent = true;
  return kept;
}

interface TextObject extends Fields {
  readonly type: 'mrkdwn' | 'plain_text';
  readonly text: string;
}

export function isTextObject(value: unknown): value is TextObject {
  return isFields(value) && (value.type === 'mrkdwn' || value.type === 'plain_text') && typeof value.text === 'string';
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBlock(value: Fields): value is Block {
  return typeof value.type === 'string';
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
