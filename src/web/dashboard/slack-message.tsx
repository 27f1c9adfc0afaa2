import 'slack-blocks-to-jsx/dist/style.css';
import '../message.css';
import type { ReactNode } from 'react';
import type { MessageView } from '../../routing/route-view.ts';
import { Avatar } from '../avatar.tsx';
import { Bar } from '../bar.tsx';
import { Blocks } from '../blocks.tsx';
import { Mrkdwn } from '../text.tsx';
import { useMedia } from '../use-sandbox.ts';

export function SlackMessage({ message: { blocks, text, color } }: { readonly message: MessageView }): ReactNode {
  const dark = useMedia('(prefers-color-scheme: dark)');
  return (
    <article className="slack-message" aria-label="As Slack shows it">
      <Avatar name="alo-relay" size="normal" app />
      <div className="message-main">
        <header className="message-head">
          <strong>alo-relay</strong>
          <span className="app">APP</span>
        </header>
        <div className="message-body">
          {blocks === null ? (
            <div className="message-text">
              <Mrkdwn source={text} />
            </div>
          ) : (
            <Coloured color={color}>
              <Blocks blocks={blocks} dark={dark} />
            </Coloured>
          )}
        </div>
      </div>
    </article>
  );
}

function Coloured({ color, children }: { readonly color: string | null; readonly children: ReactNode }): ReactNode {
  return color === null ? children : <Bar color={color}>{children}</Bar>;
}
