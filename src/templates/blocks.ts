/** What can be said of a block before any event: its type, what it needs, and the sizes of what is fixed. */
import type { Place, Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { closest, written } from '../language/schema.ts';
import {
  BLOCK_TYPES,
  ELEMENT_TYPES,
  ID_LIMITS,
  INTERACTIVE,
  MESSAGE_LIMITS,
  OBJECT_LIMITS,
  type ObjectLimits,
  TEXT_KEYS,
} from '../slack-format/limits.ts';
import { isFields, isTextObject } from './fit.ts';

interface Checking {
  readonly document: SourceDocument;
  readonly problems: Problem[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Of Slack, or ours and told elsewhere. */
const ALWAYS_KNOWN: ReadonlySet<string> = new Set(['type', ...Object.keys(ID_LIMITS), 'when', 'each']);

export function checkBlocks(blocks: readonly unknown[], path: Path, checking: Checking): void {
  blocks.forEach((block, index) => {
    const at = [...path, index];
    if (isFields(block)) checkBlockType(block, at, checking);
    else report(checking, at, { code: 'bad-value', message: `${written(at)}: A block is needed, with a type.` });
  });
  checkCount(blocks, MESSAGE_LIMITS.blocks, { path, checking });
  checkIds(blocks, path, checking);
}

/** A block with `each` may be there several times. Those with `when` may exclude each other. */
function checkIds(blocks: readonly unknown[], path: Path, checking: Checking): void {
  const ids = new Set<string>();
  blocks.forEach((block, index) => {
    if (!isFields(block) || typeof block.block_id !== 'string' || /\{[{%]/.test(block.block_id)) return;
    const id = block.block_id;
    if (block.each !== undefined || ids.has(id)) {
      const message = `${written([...path, index, 'block_id'])}: More than one block would have the id "${id}".`;
      const remedy = 'Remove it (Slack makes ids up), or give each block its own.';
      report(checking, [...path, index, 'block_id'], { code: 'duplicate-id', message, remedy });
    }
    if (block.when === undefined) ids.add(id);
  });
}

/** A text of the message itself, which is cut where it is longer. */
export function checkText(text: string, key: 'text' | 'summary', checking: Checking): void {
  checkLength(text, MESSAGE_LIMITS[key], { path: [key], checking });
}

function checkBlockType({ type }: Fields, path: Path, checking: Checking): void {
  const known = `Blocks: ${BLOCK_TYPES.join(', ')}.`;
  if (type === undefined) {
    const message = `${written([...path, 'type'])} is missing.`;
    report(checking, path, { code: 'missing-key', message, remedy: known });
  } else if (typeof type !== 'string' || !BLOCK_TYPES.includes(type)) {
    const near = closest(String(type), BLOCK_TYPES);
    const message = `There is no block of type "${String(type)}".`;
    const remedy = `${near === null ? '' : `Did you mean "${near}"? `}${known}`;
    report(checking, [...path, 'type'], { code: 'unknown-type', message, remedy });
  }
}

/** A block, or anything within one; `when` and `each` of list items are taken out before. */
export function checkObject(fields: Fields, path: Path, checking: Checking): void {
  for (const key of ['when', 'each']) if (Object.hasOwn(fields, key)) reportMisplaced(key, path, checking);
  const { type } = fields;
  if (typeof type !== 'string') return;
  const inner = path.length > 2;
  const near = inner && !ELEMENT_TYPES.includes(type) ? closest(type, ELEMENT_TYPES) : null;
  if (near !== null) {
    const message = `There is no "${type}" in Slack's blocks.`;
    report(checking, [...path, 'type'], { code: 'unknown-type', message, remedy: `Did you mean "${near}"?` });
  }
  reportInteraction(fields, path, checking);
  const limits = OBJECT_LIMITS[type] ?? {};
  reportUnknownKeys(fields, limits.keys ?? TEXT_KEYS[type], { path, checking });
  for (const group of limits.needs ?? []) {
    if (group.some((key) => isFilled(fields[key]))) continue;
    const message = `${written([...path, group.join(' or ')])} is missing.`;
    const remedy = `Slack takes no "${type}" without it: add it here.`;
    report(checking, path, { code: 'missing-key', message, remedy });
  }
  for (const [key, value] of Object.entries(fields)) checkValue(key, value, { path, limits, type, checking });
}

/** Slack shows an error to whoever clicks where no address of the app answers. */
function reportInteraction({ type, url }: Fields, path: Path, checking: Checking): void {
  const isButton = type === 'button' && url === undefined;
  if (!isButton && !INTERACTIVE.has(String(type))) return;
  checking.problems.push({
    ...checking.document.place(path),
    severity: 'warning',
    code: 'no-interaction',
    message: `${written(path)}: Slack shows an error to whoever uses this ${isButton ? 'button' : `"${type}"`}: the relay takes no answers.`,
    remedy: isButton ? 'Give it a url: url: "https://…".' : 'Use a button with a url instead.',
  });
}

/** Warnings: what Slack takes grows. */
function reportUnknownKeys(fields: Fields, known: readonly string[] | undefined, { path, checking }: Spot): void {
  if (known === undefined) return;
  const type = String(fields.type);
  for (const key of Object.keys(fields)) {
    if (known.includes(key) || ALWAYS_KNOWN.has(key)) continue;
    const near = closest(key, known);
    const allowed =
      known.length === 0 ? 'Slack takes no other keys here.' : `Known to Slack here: ${known.join(', ')}.`;
    checking.problems.push({
      ...checking.document.placeOfKey([...path, key]),
      severity: 'warning',
      code: 'unknown-key',
      message: `${written(path)}: Slack refuses the key "${key}" in "${type}", and the message with it.`,
      remedy: `${near === null ? '' : `Did you mean "${near}"? `}${allowed}`,
    });
  }
}

function reportMisplaced(key: string, path: Path, checking: Checking): void {
  const message = `${written([...path, key])}: Only an item of a list can have "${key}".`;
  report(checking, [...path, key], { code: 'bad-value', message, remedy: 'Move it to the item that holds this.' });
}

interface Spot {
  readonly path: Path;
  readonly checking: Checking;
}

interface Holder extends Spot {
  readonly limits: ObjectLimits;
  readonly type: string;
}

function checkValue(key: string, value: unknown, { path, limits, type, checking }: Holder): void {
  const at = [...path, key];
  const plain = limits.plain?.includes(key) === true;
  if (
    plain
      ? !isTextObject(value) || value.type !== 'plain_text'
      : type === 'section' && key === 'text' && !isTextObject(value)
  ) {
    const wanted = plain ? 'plain_text' : 'mrkdwn';
    const message = `${written(at)}: Slack takes a ${plain ? 'plain_text' : 'text'} object here.`;
    report(checking, at, { code: 'bad-value', message, remedy: `Write ${key}: { type: ${wanted}, text: "…" }.` });
  }
  if (Array.isArray(value)) checkCount(value, limits.lists?.[key] ?? Number.POSITIVE_INFINITY, { path: at, checking });
  const max = limits.texts?.[key];
  if (max === undefined) return;
  if (!Array.isArray(value)) checkLength(value, max, { path: at, checking });
  else
    value.forEach((item: unknown, index) => {
      checkLength(item, max, { path: [...at, index], checking });
    });
}

function checkLength(value: unknown, max: number, { path, checking }: Spot): void {
  const text = typeof value === 'string' ? value : isTextObject(value) ? value.text : null;
  if (text === null || text.length <= max || /\{[{%]/.test(text)) return;
  const message = `${written(path)}: ${text.length} characters, where ${max} fit.`;
  report(checking, path, { code: 'too-long', message, remedy: 'Shorten it: what is more would be cut.' });
}

/** Items with `when` or `each` may be fewer or more: only the event tells. */
function checkCount(items: readonly unknown[], max: number, { path, checking }: Spot): void {
  const fixed = items.filter((item) => !(isFields(item) && (item.when !== undefined || item.each !== undefined)));
  if (fixed.length <= max) return;
  const message = `${written(path)}: ${fixed.length} items, where Slack takes ${max}.`;
  report(checking, path, { code: 'too-many', message, remedy: 'Take some out.' });
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function report(checking: Checking, path: Path, problem: Omit<Problem, keyof Place>): void {
  checking.problems.push({ ...checking.document.place(path), ...problem });
}
