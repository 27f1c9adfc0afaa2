import type { ReactNode } from 'react';
import type { ShownMessage } from '../sandbox/views.ts';
import { Bar } from './bar.tsx';
import { Blocks } from './blocks.tsx';
import { Mrkdwn } from './text.tsx';
import { useMedia } from './use-sandbox.ts';

type Shown = Pick<ShownMessage, 'text' | 'blocks' | 'attachments'>;

/** Whether all that it shows is its text. */
export function isText({ blocks, attachments }: Omit<Shown, 'text'>): boolean {
  return blocks === null && attachments.length === 0;
}

interface BodyProps {
  readonly message: Shown;
  readonly edited?: ReactNode;
}

export function Body({ message, edited }: BodyProps) {
  const { text, blocks, attachments } = message;
  const dark = useMedia('(prefers-color-scheme: dark)');
  return (
    <div className="message-body">
      {(isText(message) || (blocks === null && text !== '')) && (
        <div className="message-text">
          <Mrkdwn source={text} /> {edited}
        </div>
      )}
      {blocks !== null && <Blocks blocks={blocks} dark={dark} />}
      {attachments.map((attachment, index) => (
        <Bar key={`${index}-${attachment.fallback}`} color={attachment.color}>
          <Blocks blocks={attachment.blocks} dark={dark} />
        </Bar>
      ))}
    </div>
  );
}
