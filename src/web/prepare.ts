/** Blocks made ready for the renderer: stand-ins for texts, no address that must not be followed or fetched. */

import type { Block } from '../core/message.ts';
import { decode, isSafeUrl } from './mrkdwn.ts';

export interface PreparedText {
  readonly type: 'mrkdwn' | 'plain_text';
  readonly text: string;
  readonly emoji: boolean;
}

export interface Prepared {
  readonly block: unknown;
  /** What `<@TEXT-n>` stands for. */
  readonly texts: readonly PreparedText[];
  /** Changes with the block. */
  readonly key: string;
}

/** Where a text object stands in the blocks that templates use; those of menus stay the renderer's. */
const TEXT_HOLDERS = new Set(['section', 'header', 'context', 'button', 'alert', 'confirm']);

/** The page asks nobody but the sandbox for anything, so pictures show as a frame with their description. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160" viewBox="0 0 48 32" fill="none" stroke="#8a8a8a" stroke-width="1.5">' +
    '<rect width="48" height="32" fill="#8a8a8a22" stroke="none"/><circle cx="17" cy="12" r="3"/>' +
    '<path d="m8 25 9-8 6 5 7-8 10 11" stroke-linejoin="round"/></svg>',
)}`;

/** Null for what would need another site to show. */
export function prepareBlock(block: Block): Prepared | null {
  if (block.type === 'video' || block.type === 'file') return null;
  const texts: PreparedText[] = [];
  return { block: prepare(block, block.type, texts), texts, key: JSON.stringify(block) };
}

function prepare(value: unknown, holder: string, texts: PreparedText[]): unknown {
  if (Array.isArray(value)) return value.map((item) => prepare(item, holder, texts));
  if (!isObject(value)) return value;
  const { type, text } = value;
  if ((type === 'mrkdwn' || type === 'plain_text') && typeof text === 'string' && TEXT_HOLDERS.has(holder)) {
    texts.push({ type, text, emoji: value.emoji !== false });
    return { type: 'mrkdwn', text: `<@TEXT-${texts.length - 1}>` };
  }
  if (type === 'plain_text' && typeof text === 'string') return { ...value, text: decode(text) };
  const inner = typeof type === 'string' ? type : holder;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (!/(^|_)url$/.test(key)) return [[key, prepare(item, inner, texts)]];
      if (/^(image|thumbnail|video)_url$/.test(key)) return [[key, PICTURE]];
      return typeof item === 'string' && isSafeUrl(item) ? [[key, item]] : [];
    }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
