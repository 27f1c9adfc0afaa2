/** Attachments as Slack checks them: blocks with a coloured bar. The older kind, with fields and texts, is not known here. */
import { isRecord } from './arguments.ts';
import { parseBlocks } from './blocks.ts';
import { Refusal } from './refusal.ts';
import type { AttachmentView } from './views.ts';

const MOST_ATTACHMENTS = 100;

/** Undefined when absent. Throws `invalid_attachments`, `too_many_attachments`, and what parseBlocks throws. */
export function parseAttachments(value: unknown): readonly AttachmentView[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new Refusal('invalid_attachments');
  if (value.length > MOST_ATTACHMENTS) throw new Refusal('too_many_attachments');
  return value.map(attachmentOf);
}

function attachmentOf(value: unknown): AttachmentView {
  if (!isRecord(value)) throw new Refusal('invalid_attachments');
  const { color, fallback, blocks } = value;
  return {
    color: typeof color === 'string' ? color : null,
    fallback: typeof fallback === 'string' ? fallback : '',
    blocks: parseBlocks(blocks) ?? [],
  };
}
