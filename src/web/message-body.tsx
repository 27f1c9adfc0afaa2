import type { ReactNode } from 'react';
import type { ShownMessage } from '../sandbox/views.ts';
import { Blocks } from './blocks.tsx';
import { Mrkdwn } from './text.tsx';
import { useMedia } from './use-sandbox.ts';

interface BodyProps {
  readonly message: Pick<ShownMessage, 'text' | 'blocks'>;
  readonly edited?: ReactNode;
}

export function Body({ message: { text, blocks }, edited }: BodyProps) {
  const dark = useMedia('(prefers-color-scheme: dark)');
  return (
    <div className="message-body">
      {blocks === null ? (
        <div className="message-text">
          <Mrkdwn source={text} /> {edited}
        </div>
      ) : (
        <Blocks blocks={blocks} dark={dark} />
      )}
    </div>
  );
}
